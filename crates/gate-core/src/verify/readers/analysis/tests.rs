//! What each format says, in small documents: rules, severities and where they come from, places and
//! status.

use serde_json::{Value, json};

use crate::facts::{
    Analysis, AnalysisFinding, AnalysisStatus, Baseline, Category, GateStatus, Severity,
};
use crate::verify::failure::Failure;
use crate::verify::marks::Marks;
use crate::verify::readers::{Format, Read, Reading};

fn try_read(document: &Value) -> Result<Read, Failure> {
    let text = document.to_string();
    let format = Format::detect(&Marks::of(text.as_bytes()).unwrap()).expect("a known format");
    format.read(text.as_bytes())
}

fn runs(document: &Value) -> Vec<Analysis> {
    match try_read(document).unwrap().reading {
        Reading::Analysis(runs) => runs,
        other => panic!("{other:?}"),
    }
}

fn findings(document: &Value) -> Vec<AnalysisFinding> {
    runs(document).into_iter().flat_map(|run| run.findings).collect()
}

fn sarif(rules: &Value, extensions: &Value, results: &Value) -> Value {
    json!({"version": "2.1.0", "runs": [{
        "tool": {"driver": {"name": "T", "rules": rules}, "extensions": extensions},
        "results": results,
    }]})
}

fn graded(rules: &Value, result: &Value) -> (Severity, String) {
    let mut found = findings(&sarif(rules, &json!([]), &json!([result])));
    let found = found.remove(0);
    (found.severity, found.severity_source.unwrap())
}

#[test]
fn sarif_severities_come_from_result_rule_or_default() {
    let rules = json!([
        {"id": "score", "properties": {"security-severity": "9.1"}},
        {"id": "level", "defaultConfiguration": {"level": "note"}},
        {"id": "bare"},
    ]);
    let of = |result: Value| graded(&rules, &result);
    let source = |severity, source: &str| (severity, source.to_owned());
    assert_eq!(
        of(json!({"ruleId": "score", "level": "note"})),
        source(Severity::Critical, "security-severity")
    );
    assert_eq!(of(json!({"ruleId": "level"})), source(Severity::Low, "level"));
    assert_eq!(of(json!({"ruleId": "level/part"})), source(Severity::Low, "level"));
    assert_eq!(of(json!({"ruleId": "level", "level": "error"})), source(Severity::High, "level"));
    assert_eq!(of(json!({"ruleId": "bare"})), source(Severity::Medium, "default"));
    assert_eq!(of(json!({"ruleIndex": 1})), source(Severity::Low, "level"));
    assert_eq!(of(json!({"ruleId": "bare", "kind": "pass"})), source(Severity::Negligible, "kind"));
}

#[test]
fn sarif_rules_are_found_in_extensions_and_a_wrong_index_misleads_nobody() {
    let driver = json!([{"id": "a", "properties": {"security-severity": "2.0"}}]);
    let extensions = json!([
        {"name": "other", "rules": []},
        {"name": "pack", "guid": "g", "rules": [{"id": "b", "properties": {"security-severity": "9.8"}}]},
    ]);
    let results = json!([
        {"rule": {"index": 0, "toolComponent": {"index": 1}}},
        {"rule": {"id": "b", "toolComponent": {"guid": "g"}}},
        {"ruleId": "b"},
        {"ruleId": "b", "ruleIndex": 0},
    ]);
    for found in findings(&sarif(&driver, &extensions, &results)) {
        assert_eq!((found.rule.as_str(), found.severity), ("b", Severity::Critical), "{found:?}");
    }
}

#[test]
fn sarif_overrides_of_the_invocation_count() {
    let mut document = sarif(&json!([{"id": "a"}]), &json!([]), &json!([{"ruleId": "a"}]));
    document["runs"][0]["invocations"] = json!([{
        "executionSuccessful": false,
        "ruleConfigurationOverrides": [{"descriptor": {"id": "a"}, "configuration": {"level": "error"}}],
    }]);
    let run = runs(&document).remove(0);
    assert_eq!((run.successful, run.findings[0].severity), (Some(false), Severity::High));
}

#[test]
fn sarif_says_what_is_suppressed_passed_or_gone() {
    let status = |result: Value| {
        let found = findings(&sarif(&json!([]), &json!([]), &json!([result]))).remove(0);
        (found.status, found.baseline)
    };
    for (suppressions, expected) in [
        (json!([{"kind": "inSource"}]), AnalysisStatus::Suppressed),
        (json!([{"kind": "external", "status": "accepted"}]), AnalysisStatus::Suppressed),
        (json!([{"kind": "external", "status": "underReview"}]), AnalysisStatus::Open),
        (json!([{"status": "accepted"}, {"status": "rejected"}]), AnalysisStatus::Open),
        (json!([]), AnalysisStatus::Open),
    ] {
        let result = json!({"ruleId": "a", "suppressions": suppressions});
        assert_eq!(status(result).0, expected);
    }
    assert_eq!(status(json!({"kind": "notApplicable"})).0, AnalysisStatus::Passed);
    let of = |state: &str| status(json!({"ruleId": "a", "baselineState": state}));
    assert_eq!(of("unchanged"), (AnalysisStatus::Open, Some(Baseline::Unchanged)));
    assert_eq!(of("absent"), (AnalysisStatus::Resolved, Some(Baseline::Absent)));
}

#[test]
fn sarif_messages_and_places_are_resolved() {
    let mut document = sarif(
        &json!([{"id": "a", "messageStrings": {"default": {"text": "{0} is {1}"}}}]),
        &json!([]),
        &json!([{
            "ruleId": "a", "message": {"id": "default", "arguments": ["x", "bad"]},
            "locations": [{"physicalLocation": {"artifactLocation": {"index": 0}, "region": {"startLine": 7}}}],
        }]),
    );
    document["runs"][0]["artifacts"] = json!([{"location": {"uri": "src/x.rs"}}]);
    let found = findings(&document).remove(0);
    assert_eq!(
        (found.message.as_str(), found.file.as_deref(), found.line),
        ("x is bad", Some("src/x.rs"), Some(7))
    );
}

#[test]
fn sarif_of_an_image_names_its_digest_and_an_unknown_version_is_refused() {
    let digest = format!("sha256:{}", "a".repeat(64));
    let mut document = sarif(&json!([]), &json!([]), &json!([]));
    document["runs"][0]["properties"] = json!({"repoDigests": [format!("shop@{digest}")]});
    assert_eq!(try_read(&document).unwrap().names[0].to_string(), digest);
    document["version"] = json!("3.0.0");
    assert!(try_read(&document).is_err());
}

#[test]
fn sonarqube_without_a_verdict_is_never_ok() {
    let gate = |document: &Value| runs(document).remove(0).quality_gate.map(|gate| gate.status);
    let status = |word: &str| json!({"projectStatus": {"status": word, "conditions": []}});
    assert_eq!(gate(&status("OK")), Some(GateStatus::Ok));
    assert_eq!(gate(&status("ERROR")), Some(GateStatus::Error));
    assert_eq!(gate(&status("NONE")), Some(GateStatus::None));
    assert!(try_read(&status("FINE")).is_err());
    let webhook = |task: &str, gate: Value| json!({"taskId": "t", "status": task, "project": {"key": "shop"}, "qualityGate": gate});
    let passed = webhook(
        "SUCCESS",
        json!({"name": "g", "status": "OK", "conditions": [
            {"metric": "bugs", "operator": "GREATER_THAN", "value": "0", "status": "OK", "errorThreshold": "1"},
            {"metric": "coverage", "operator": "LESS_THAN", "status": "NO_VALUE", "errorThreshold": "80"},
        ]}),
    );
    let run = runs(&passed).remove(0);
    assert_eq!((run.successful, gate(&passed)), (Some(true), Some(GateStatus::Ok)));
    let conditions = run.quality_gate.unwrap().conditions;
    assert_eq!(
        (conditions[0].value.as_deref(), conditions[1].status),
        (Some("0"), GateStatus::None)
    );
    let failed = webhook("FAILED", json!(null));
    assert_eq!((runs(&failed).remove(0).successful, gate(&failed)), (Some(false), None));
}

#[test]
fn sonarqube_issues_are_graded_and_told_apart_from_what_is_resolved() {
    let document = json!({"paging": {}, "issues": [
        {"rule": "r", "severity": "BLOCKER", "component": "shop:src/a", "line": 3, "message": "m", "status": "OPEN"},
        {"rule": "r", "severity": "INFO", "component": "shop:src/a", "status": "RESOLVED", "resolution": "WONTFIX"},
        {"rule": "r", "severity": "INFO", "component": "shop:src/a", "status": "CLOSED", "resolution": "FIXED"},
    ]});
    let all: Vec<_> = findings(&document).into_iter().map(|it| (it.severity, it.status)).collect();
    assert_eq!(
        all,
        [
            (Severity::Critical, AnalysisStatus::Open),
            (Severity::Negligible, AnalysisStatus::Suppressed),
            (Severity::Negligible, AnalysisStatus::Resolved),
        ]
    );
    assert_eq!(findings(&document)[0].file.as_deref(), Some("src/a"));
}

#[test]
fn checkov_is_read_for_one_framework_many_and_none() {
    let report = json!({"check_type": "terraform", "summary": {"checkov_version": "3"}, "results": {
        "passed_checks": [],
        "failed_checks": [{"check_id": "C1", "check_name": "n", "file_path": "/a.tf", "file_line_range": [2, 9],
            "resource": "r", "severity": null}],
        "skipped_checks": [{"check_id": "C2", "check_name": "n", "check_result": {"suppress_comment": "known"}}],
    }});
    for document in [report.clone(), json!([report])] {
        let all = findings(&document);
        assert_eq!((all[0].rule.as_str(), all[0].line), ("C1", Some(2)));
        assert_eq!(
            (all[0].severity, all[0].category),
            (Severity::Unknown, Category::Misconfiguration)
        );
        assert_eq!(
            (all[1].status, all[1].status_reason.as_deref()),
            (AnalysisStatus::Suppressed, Some("known"))
        );
    }
    let none = json!({"passed": 0, "failed": 0, "checkov_version": "3"});
    assert!(findings(&none).is_empty());
}

#[test]
fn secrets_are_found_and_not_repeated() {
    let document = json!([
        {"RuleID": "key", "Description": "a key", "File": "f", "StartLine": 4, "Secret": "hunter2", "Match": "k=hunter2", "Commit": "c"},
    ]);
    let all = findings(&document);
    assert_eq!(
        (all[0].rule.as_str(), all[0].line, all[0].category),
        ("key", Some(4), Category::Secret)
    );
    assert!(!format!("{all:?}").contains("hunter2"));
    let old = json!([{"rule": "r", "offender": "hunter2", "line": "k=hunter2", "lineNumber": 4, "commit": "c", "file": "f"}]);
    let all = findings(&old);
    assert_eq!(
        (all[0].rule.as_str(), all[0].line, all[0].file.as_deref()),
        ("r", Some(4), Some("f"))
    );
    assert!(!format!("{all:?}").contains("hunter2"));
}

#[test]
fn linters_and_checkers_are_read() {
    let semgrep = json!({"errors": [], "results": [{"check_id": "c", "path": "p", "start": {"line": 2},
        "extra": {"severity": "ERROR", "message": "m", "is_ignored": true}}]});
    let found = findings(&semgrep).remove(0);
    assert_eq!(
        (found.severity, found.status, found.line),
        (Severity::High, AnalysisStatus::Suppressed, Some(2))
    );
    let bandit = json!({"errors": [], "metrics": {"_totals": {}}, "results": [
        {"test_id": "B1", "filename": "f", "line_number": 2, "issue_severity": "LOW", "issue_text": "t"}]});
    assert_eq!(findings(&bandit)[0].severity, Severity::Low);
    let gosec = json!({"Stats": {"files": 1}, "Issues": [
        {"severity": "MEDIUM", "rule_id": "G1", "details": "d", "file": "f", "line": "3-5"}]});
    assert_eq!(findings(&gosec)[0].line, Some(3));
    let hadolint =
        json!([{"line": 1, "code": "DL1", "message": "m", "file": "Dockerfile", "level": "style"}]);
    assert_eq!(findings(&hadolint)[0].severity, Severity::Negligible);
    let conftest = json!([{"filename": "f", "namespace": "main", "successes": 1, "failures": [{"msg": "m"}],
        "warnings": [{"msg": "w"}]}]);
    let all: Vec<_> = findings(&conftest).into_iter().map(|it| it.severity).collect();
    assert_eq!(all, [Severity::High, Severity::Medium]);
    let quality = json!([{"fingerprint": "f", "check_name": "c", "description": "d", "severity": "minor",
        "location": {"path": "p", "lines": {"begin": 4}}}]);
    assert_eq!(
        (findings(&quality)[0].severity, findings(&quality)[0].line),
        (Severity::Low, Some(4))
    );
}
