//! The table of decide: severity, effective date, exception and mode, each with its verdict.

use serde_json::{Value, json};

use super::*;
use crate::evidence::Kind;
use crate::facts::FailedFact;
use crate::reason::Problem;
use crate::request::{Asker, Subject, SubjectKind};

fn request() -> Request {
    Request {
        subject: Subject { digest: Digest::of(b"shop"), kind: SubjectKind::Artifact },
        asker: Asker { requester: "ci".to_owned(), admission: None },
        now: "2026-11-23T08:00:00Z".parse().unwrap(),
        object: None,
    }
}

fn environment(mode: &str, exceptions: &Value) -> EnvironmentDocument {
    serde_json::from_value(json!({
        "name": "production", "mode": mode,
        "policy": {"digest": Digest::of(b""), "uri": "u"},
        "signers": {}, "trust": {}, "people": {}, "allow_unsigned": [], "predicate_aliases": {},
        "roots": {}, "exceptions": exceptions, "limits": {"rule_ms": 1, "decision_ms": 1},
        "verifier_id": "v", "resource_uri": null,
    }))
    .unwrap()
}

fn found(severity: Severity, effective_on: Option<&str>) -> RuleFinding {
    RuleFinding {
        code: "vulnerability-fixable".to_owned(),
        package: "gate.vulnerabilities".to_owned(),
        severity,
        title: "t".to_owned(),
        message: "m".to_owned(),
        solution: None,
        detail: json!({"vulnerability": "CVE-1", "package": "zlib", "purl": "pkg:apk/zlib@1.2?arch=x"}),
        effective_on: effective_on.map(|time| time.parse().unwrap()),
        excused: false,
    }
}

fn judged(rules: Vec<RuleFinding>, mode: &str, exceptions: &Value) -> Decision {
    let request = request();
    let facts = FactsDocument::empty(&request);
    let outcome = Outcome { rules, gate: vec![] };
    fold(&request, &facts, Digest::of(b"facts"), outcome, &environment(mode, exceptions))
}

fn exception(change: &Value) -> Value {
    let mut exception = json!({"subject": "any", "author": "carol", "reason": "r",
        "until": "2026-12-01T00:00:00Z"});
    for (key, value) in change.as_object().unwrap() {
        exception[key] = value.clone();
    }
    json!([exception])
}

#[test]
fn severity_date_exception_and_mode_make_the_verdict() {
    use Effect::{Denies, Excused, NotYetEffective, Warns};
    use Verdict::{Allow, Deny};
    let none = json!([]);
    let cve = exception(&json!({"cve": "CVE-1"}));
    let past = "2026-11-23T08:00:00Z";
    let future = "2026-11-23T08:00:01Z";
    for (severity, date, mode, exceptions, effect, verdict, would_deny) in [
        (Severity::Deny, None, "enforce", &none, Denies, Deny, true),
        (Severity::Warn, None, "enforce", &none, Warns, Allow, false),
        (Severity::Deny, Some(past), "enforce", &none, Denies, Deny, true),
        (Severity::Deny, Some(future), "enforce", &none, NotYetEffective, Allow, false),
        (Severity::Deny, None, "enforce", &cve, Excused, Allow, false),
        (Severity::Warn, None, "enforce", &cve, Excused, Allow, false),
        (Severity::Deny, None, "warn", &none, Denies, Allow, true),
        (Severity::Deny, None, "audit", &none, Denies, Allow, true),
        (Severity::Deny, Some(future), "audit", &none, NotYetEffective, Allow, false),
    ] {
        let decision = judged(vec![found(severity, date)], mode, exceptions);
        let row = format!("{severity:?} {date:?} {mode} {exceptions}");
        assert_eq!(decision.findings[0].effect, effect, "{row}");
        assert_eq!((decision.verdict, decision.would_deny), (verdict, would_deny), "{row}");
    }
    assert_eq!(judged(vec![], "enforce", &none).verdict, Allow);
}

#[test]
fn an_exception_excuses_what_it_names_and_nothing_else() {
    let digest = Digest::of(b"shop");
    let other = Digest::of(b"other");
    for (change, excused) in [
        (json!({"cve": "CVE-1"}), true),
        (json!({"cve": "CVE-2"}), false),
        (json!({"cve": "CVE-1", "subject": digest}), true),
        (json!({"cve": "CVE-1", "subject": other}), false),
        (json!({"rule": "vulnerability-fixable"}), true),
        (json!({"rule": "vulnerability"}), false),
        (json!({"package": "zlib"}), true),
        (json!({"package": "pkg:apk/zlib"}), true),
        (json!({"package": "pkg:apk/zlib@1.2?arch=x"}), true),
        (json!({"package": "pkg:apk/zlib@1.3"}), false),
        (json!({"package": "zlib", "cve": "CVE-2"}), false),
        (json!({"cve": "CVE-1", "until": "2026-11-23T08:00:00Z"}), false),
    ] {
        let decision = judged(vec![found(Severity::Deny, None)], "enforce", &exception(&change));
        assert_eq!(decision.verdict == Verdict::Allow, excused, "{change}");
        assert_eq!(decision.exceptions.len(), usize::from(excused), "{change}");
    }
}

#[test]
fn an_exception_that_ended_or_matches_nothing_is_reported() {
    let codes = |change: Value| {
        let decision = judged(vec![], "enforce", &exception(&change));
        decision.findings.into_iter().map(|found| found.code).collect::<Vec<_>>()
    };
    assert_eq!(codes(json!({"cve": "CVE-9"})), ["exception-unused"]);
    assert_eq!(
        codes(json!({"cve": "CVE-9", "until": "2020-01-01T00:00:00Z"})),
        ["exception-ended"]
    );
    assert!(codes(json!({"cve": "CVE-9", "subject": Digest::of(b"other")})).is_empty());
}

#[test]
fn no_exception_excuses_gates_own_codes() {
    let mut facts = FactsDocument::empty(&request());
    facts.failed.push(FailedFact {
        evidence: Digest::of(b"junk"),
        kind: Some(Kind::Sbom),
        code: Problem::EvidenceMalformed,
        detail: "line 1".to_owned(),
        signer: None,
        denies: true,
    });
    let exceptions = exception(&json!({"rule": "evidence-malformed"}));
    let environment = environment("enforce", &exceptions);
    let decision = fold(&request(), &facts, Digest::of(b""), Outcome::default(), &environment);
    assert_eq!(decision.verdict, Verdict::Deny);
    assert_eq!(decision.findings[0].code, "evidence-malformed");
}

#[test]
fn evidence_beside_the_subject_that_cannot_be_read_does_not_deny() {
    let mut facts = FactsDocument::empty(&request());
    facts.failed.push(FailedFact {
        evidence: Digest::of(b"junk"),
        kind: None,
        code: Problem::EvidenceUnknown,
        detail: String::new(),
        signer: None,
        denies: false,
    });
    let environment = environment("enforce", &json!([]));
    let decision = fold(&request(), &facts, Digest::of(b""), Outcome::default(), &environment);
    assert_eq!((decision.verdict, decision.findings.len()), (Verdict::Allow, 0));
}

#[test]
fn a_pod_with_a_tag_or_of_a_strange_shape_is_denied_with_its_own_code() {
    for (object, code) in [
        (
            json!({"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"image": "shop:1"}]}}),
            "image-not-pinned",
        ),
        (json!({"apiVersion": "v1", "kind": "Pod"}), "object-unreadable"),
    ] {
        let mut facts = FactsDocument::empty(&request());
        facts.object = Some(object.into());
        let environment = environment("enforce", &json!([]));
        let judge = |facts: &FactsDocument| {
            fold(&request(), facts, Digest::of(b""), Outcome::default(), &environment)
        };
        // A file is not run as it is.
        assert_eq!(judge(&facts).verdict, Verdict::Allow);
        facts.subject.kind = SubjectKind::Object;
        let decision = judge(&facts);
        assert_eq!((decision.verdict, decision.findings[0].code.as_str()), (Verdict::Deny, code));
    }
}

#[test]
fn the_order_of_what_rules_say_does_not_change_the_decision() {
    let other = RuleFinding { code: "another".to_owned(), ..found(Severity::Warn, None) };
    let none = json!([]);
    let one = judged(vec![found(Severity::Deny, None), other.clone()], "enforce", &none);
    let two = judged(
        vec![other, found(Severity::Deny, None), found(Severity::Deny, None)],
        "enforce",
        &none,
    );
    assert_eq!(one.canonical().unwrap(), two.canonical().unwrap());
}
