//! What each format says, in small documents: ids, packages, fixes, severities, status, and the digests
//! that a report names.

use serde_json::{Value, json};

use crate::evidence::Kind;
use crate::facts::{FindingStatus, Severity, Vulnerability};
use crate::reason::Problem;
use crate::verify::failure::Failure;
use crate::verify::marks::Marks;
use crate::verify::readers::{Format, Read, Reading};

fn read_text(text: &str) -> Result<Read, Failure> {
    let format = Format::detect(&Marks::of(text.as_bytes()).unwrap()).expect("a known format");
    format.read(text.as_bytes())
}

fn read(document: &Value) -> Read {
    read_text(&document.to_string()).unwrap()
}

fn findings(document: &Value) -> Vec<Vulnerability> {
    match read(document).reading {
        Reading::Scan { findings, .. } => findings,
        other => panic!("{other:?}"),
    }
}

fn only(document: &Value) -> Vulnerability {
    let mut findings = findings(document);
    assert_eq!(findings.len(), 1, "{findings:?}");
    findings.remove(0)
}

const VECTOR: &str = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";

fn trivy(vulnerability: &Value) -> Value {
    json!({"SchemaVersion": 2, "Results": [{
        "Target": "t", "Class": "os-pkgs", "Vulnerabilities": [vulnerability],
    }]})
}

#[test]
fn trivy_says_who_graded_and_how_it_stands() {
    let found = only(&trivy(&json!({
        "VulnerabilityID": "CVE-2026-1", "PkgName": "p", "InstalledVersion": "1",
        "FixedVersion": "2, 3", "Severity": "HIGH", "SeveritySource": "nvd", "Status": "fixed",
        "PkgIdentifier": {"PURL": "pkg:pypi/Some_Name@1"},
        "CVSS": {"nvd": {"V3Vector": VECTOR, "V3Score": 1.0}},
    })));
    assert_eq!((found.severity, found.severity_source.as_deref()), (Severity::High, Some("nvd")));
    assert_eq!((found.fixed.join(" "), found.status), ("2 3".to_owned(), FindingStatus::Fixed));
    assert_eq!(found.purl.as_deref(), Some("pkg:pypi/some-name@1"));
    let [cvss] = found.cvss.as_slice() else { panic!("{found:?}") };
    assert_eq!((cvss.version.as_str(), cvss.score), ("3.1", 9.8), "scored from the vector");
    let unmended =
        json!({"VulnerabilityID": "CVE-2026-1", "PkgName": "p", "Status": "will_not_fix"});
    assert_eq!(only(&trivy(&unmended)).status, FindingStatus::WillNotFix);
}

#[test]
fn trivy_without_results_is_a_clean_scan_and_misconfigurations_alone_are_none() {
    for results in [json!(null), json!([]), json!([{"Target": "t", "Class": "os-pkgs"}])] {
        let document = json!({"SchemaVersion": 2, "Results": results});
        assert!(findings(&document).is_empty());
    }
    let config = json!({"SchemaVersion": 2, "Results": [{
        "Target": "Dockerfile", "Class": "config", "Misconfigurations": [
            {"ID": "DS-1", "Message": "m", "Severity": "LOW", "Status": "FAIL", "CauseMetadata": {"StartLine": 3}},
            {"ID": "DS-2", "Message": "m", "Severity": "LOW", "Status": "PASS"},
        ],
    }]});
    let Reading::Analysis(runs) = read(&config).reading else { panic!("no scan") };
    let lines: Vec<_> = runs[0].findings.iter().map(|it| (it.rule.as_str(), it.line)).collect();
    assert_eq!(lines, [("DS-1", Some(3)), ("DS-2", None)]);
}

#[test]
fn trivy_findings_beside_vulnerabilities_are_an_analysis_beside_the_scan() {
    let document = json!({"SchemaVersion": 2, "Results": [
        {"Target": "t", "Class": "os-pkgs"},
        {"Target": "s", "Class": "secret", "Secrets": [{
            "RuleID": "key", "Severity": "CRITICAL", "Title": "a key", "Match": "hunter2", "StartLine": 2,
        }]},
    ]});
    let Reading::Scan { scan, analysis, .. } = read(&document).reading else { panic!("a scan") };
    assert_eq!((scan.findings, analysis.len()), (0, 1));
    assert!(!format!("{analysis:?}").contains("hunter2"), "secrets are not repeated");
}

#[test]
fn trivy_keeps_what_statements_excused() {
    let finding = json!({"VulnerabilityID": "CVE-2026-1", "PkgName": "p", "Severity": "HIGH"});
    let document = json!({"SchemaVersion": 2, "Results": [{
        "Target": "t", "Class": "os-pkgs", "ExperimentalModifiedFindings": [
            {"Type": "vulnerability", "Status": "not_affected", "Statement": "no", "Finding": finding},
            {"Type": "vulnerability", "Status": "ignored", "Source": ".trivyignore", "Finding": finding},
        ],
    }]});
    let all: Vec<_> =
        findings(&document).into_iter().map(|it| (it.status, it.status_reason.unwrap())).collect();
    assert_eq!(
        all,
        [
            (FindingStatus::NotAffected, "no".to_owned()),
            (FindingStatus::Ignored, ".trivyignore".to_owned()),
        ]
    );
}

fn grype() -> Value {
    json!({
        "matches": [{
            "vulnerability": {
                "id": "GHSA-aaaa", "severity": "High", "namespace": "github:language:go",
                "fix": {"state": "fixed", "versions": ["2"]},
                "epss": [{"cve": "CVE-2026-1", "epss": 0.5, "percentile": 0.9, "date": "2026-11-01"}],
                "knownExploited": [{"cve": "CVE-2026-1", "dueDate": "2026-12-01", "knownRansomwareCampaignUse": "Known"}],
            },
            "relatedVulnerabilities": [{"id": "CVE-2026-1", "namespace": "nvd:cpe", "cvss": [{"vector": VECTOR, "version": "3.1"}]}],
            "artifact": {"name": "p", "version": "1", "purl": "pkg:golang/p@1", "locations": [{"path": "/p"}]},
        }],
        "ignoredMatches": [{
            "vulnerability": {"id": "CVE-2026-2", "severity": "Low", "fix": {"state": "wont-fix", "versions": []}},
            "appliedIgnoreRules": [{"vulnerability": "CVE-2026-2", "reason": "accepted"}],
            "artifact": {"name": "p", "version": "1"},
        }],
        "source": {"type": "image", "target": {"userInput": "shop", "manifestDigest": "", "repoDigests": []}},
        "descriptor": {"name": "grype", "version": "0.1", "timestamp": "2026-11-23T08:00:00Z"},
    })
}

#[test]
fn grype_is_named_by_the_cve_and_keeps_what_rules_ignored() {
    let all = findings(&grype());
    let [one, ignored] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!((one.id.as_str(), one.aliases.join(" ")), ("CVE-2026-1", "GHSA-aaaa".to_owned()));
    assert_eq!((one.status, one.cvss[0].score), (FindingStatus::Fixed, 9.8));
    assert!((one.reported_epss.as_ref().unwrap().score - 0.5).abs() < 1e-9);
    let kev = one.reported_kev.as_ref().unwrap();
    assert_eq!((kev.due_date.as_deref(), kev.ransomware), (Some("2026-12-01"), Some(true)));
    assert_eq!(ignored.status, FindingStatus::Ignored);
    assert_eq!(ignored.status_reason.as_deref(), Some("accepted"));
}

#[test]
fn grype_names_the_digests_of_registries_alone() {
    let digest = |of: &str| format!("sha256:{}", of.repeat(64));
    let mut document = grype();
    document["source"]["target"]["manifestDigest"] = json!(digest("a"));
    assert!(read(&document).names.is_empty(), "a manifest of the scanner's own");
    document["source"]["target"]["repoDigests"] = json!([format!("shop@{}", digest("b"))]);
    let names: Vec<_> = read(&document).names.iter().map(ToString::to_string).collect();
    assert_eq!(names, [digest("b"), digest("a")]);
}

#[test]
fn snyk_lists_a_path_each_and_is_read_once() {
    let path = |from: &str| {
        json!({
            "id": "SNYK-1", "packageName": "p", "version": "1", "severity": "high", "from": [from],
            "identifiers": {"CVE": ["CVE-2026-1"], "CWE": ["CWE-1"], "GHSA": ["GHSA-aaaa"]},
            "fixedIn": ["2"], "CVSSv3": VECTOR, "packageManager": "npm",
        })
    };
    let licence =
        json!({"id": "snyk:lic", "type": "license", "packageName": "p", "severity": "high"});
    let project = json!({
        "ok": false, "dependencyCount": 1, "projectName": "shop",
        "vulnerabilities": [path("a"), path("b"), licence],
        "filtered": {"ignore": [{"id": "SNYK-2", "packageName": "q", "version": "1", "severity": "low"}]},
    });
    for document in [project.clone(), json!([project])] {
        let all = findings(&document);
        let [one, ignored] = all.as_slice() else { panic!("{all:?}") };
        assert_eq!(one.id, "CVE-2026-1");
        assert_eq!(one.aliases, ["GHSA-aaaa", "SNYK-1"]);
        assert_eq!(one.locations, ["a", "b"]);
        assert_eq!(one.purl.as_deref(), Some("pkg:npm/p@1"));
        assert_eq!(ignored.status, FindingStatus::Ignored);
        let Reading::Scan { analysis, .. } = read(&document).reading else { panic!("a scan") };
        assert_eq!(analysis[0].findings[0].rule, "snyk:lic", "a licence is no vulnerability");
    }
}

#[test]
fn clair_joins_its_tables_and_refuses_what_is_missing_in_them() {
    let hash = format!("sha256:{}", "a".repeat(64));
    let mut document = json!({
        "manifest_hash": hash, "packages": {"1": {"name": "p", "version": "1"}},
        "vulnerabilities": {"9": {"name": "CVE-2026-1", "normalized_severity": "High", "fixed_in_version": "2"}},
        "package_vulnerabilities": {"1": ["9"]},
        "enrichments": {"message/x": [{"9": [{"vectorString": VECTOR}]}]},
    });
    let found = only(&document);
    assert_eq!((found.package.as_str(), found.cvss[0].score), ("p", 9.8));
    assert_eq!(read(&document).names[0].to_string(), hash);
    document["package_vulnerabilities"]["1"] = json!(["8"]);
    let failure = read_text(&document.to_string()).unwrap_err();
    assert_eq!(failure.code, Problem::EvidenceMalformed);
}

#[test]
fn a_layer_that_is_not_scanned_yet_is_no_clean_scan() {
    let layer = json!({"Layer": {"Name": "l", "Features": [{"Name": "p", "Version": "1",
        "Vulnerabilities": [{"Name": "CVE-2026-1", "Severity": "Defcon1", "FixedBy": "2"}]}]}});
    let found = only(&json!({"status": "scanned", "data": layer}));
    assert_eq!((found.severity, found.package.as_str()), (Severity::Critical, "p"));
    let queued = json!({"status": "queued", "data": {"Layer": {"Name": "l"}}});
    assert!(read_text(&queued.to_string()).is_err());
}

#[test]
fn osv_scanner_is_graded_by_its_vectors() {
    let document = json!({"results": [{"source": {"path": "go.mod"}, "packages": [{
        "package": {"name": "a.example/p", "version": "1.0.0", "ecosystem": "Go"},
        "vulnerabilities": [{
            "id": "GO-1", "aliases": ["CVE-2026-1", "GHSA-aaaa"],
            "severity": [{"type": "CVSS_V3", "score": VECTOR}],
            "affected": [{"package": {"name": "a.example/p"}, "ranges": [
                {"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.2.3"}]},
                {"type": "GIT", "events": [{"fixed": "abc"}]},
            ]}],
        }],
        "groups": [{"ids": ["GO-1"], "experimentalAnalysis": {"GO-1": {"called": false}}}],
    }]}]});
    let found = only(&document);
    assert_eq!((found.id.as_str(), found.fixed.join(" ")), ("CVE-2026-1", "1.2.3".to_owned()));
    assert_eq!(
        (found.severity, found.severity_source.as_deref()),
        (Severity::Critical, Some("cvss"))
    );
    assert_eq!(found.purl.as_deref(), Some("pkg:golang/a.example/p@1.0.0"));
    assert_eq!(found.status, FindingStatus::NotAffected);
    let clean = json!({"results": [], "experimental_config": {}});
    assert!(findings(&clean).is_empty());
}

#[test]
fn npm_audit_is_read_in_both_of_its_shapes() {
    let old = json!({"metadata": {}, "advisories": {"7": {
        "id": 7, "module_name": "p", "severity": "moderate", "cves": ["CVE-2026-1"],
        "url": "https://github.com/advisories/GHSA-aaaa", "patched_versions": ">=2.0.0",
        "findings": [{"version": "1", "paths": ["a>p"]}, {"version": "1", "paths": ["b>p"]}],
    }}});
    let new = json!({"auditReportVersion": 2, "vulnerabilities": {
        "p": {"name": "p", "severity": "moderate", "fixAvailable": true, "nodes": ["node_modules/p"],
            "via": [{"source": 7, "name": "p", "dependency": "p", "severity": "moderate",
                "url": "https://github.com/advisories/GHSA-aaaa", "range": "<2.0.0"}]},
        "q": {"name": "q", "severity": "moderate", "fixAvailable": true, "via": ["p"]},
    }});
    let (old, new) = (only(&old), only(&new));
    assert_eq!((old.id.as_str(), new.id.as_str()), ("CVE-2026-1", "GHSA-aaaa"));
    assert_eq!(
        (old.fixed.join(" "), new.fixed.join(" ")),
        ("2.0.0".to_owned(), "2.0.0".to_owned())
    );
    assert_eq!((old.severity, new.severity), (Severity::Medium, Severity::Medium));
    assert_eq!(old.locations, ["a>p", "b>p"]);
}

#[test]
fn pip_and_cargo_audit_are_read() {
    let dependencies = json!([
        {"name": "Some_Name", "version": "1", "vulns": [
            {"id": "PYSEC-1", "aliases": ["CVE-2026-1"], "fix_versions": ["2"]}]},
        {"name": "unknown", "skip_reason": "not on PyPI"},
    ]);
    for document in [dependencies.clone(), json!({"dependencies": dependencies, "fixes": []})] {
        let found = only(&document);
        assert_eq!(
            (found.id.as_str(), found.purl.as_deref()),
            ("CVE-2026-1", Some("pkg:pypi/some-name@1"))
        );
    }
    let advisory = |id: &str, cvss: Value| {
        json!({"advisory": {"id": id, "aliases": ["CVE-2026-1"], "cvss": cvss},
            "versions": {"patched": [">=2.0.0"]}, "package": {"name": "p", "version": "1.0.0"}})
    };
    let document = json!({
        "database": {}, "lockfile": {},
        "vulnerabilities": {"found": true, "count": 1, "list": [advisory("RUSTSEC-1", json!(VECTOR))]},
        "warnings": {
            "unmaintained": [advisory("RUSTSEC-2", json!(null))],
            "yanked": [{"advisory": null, "package": {"name": "y", "version": "1"}}],
        },
    });
    let all: Vec<_> = findings(&document).into_iter().map(|it| (it.severity, it.fixed)).collect();
    assert_eq!(all[0], (Severity::Critical, vec!["2.0.0".to_owned()]));
    assert_eq!((all[1].0, all.len()), (Severity::Negligible, 2));
}

#[test]
fn dependency_check_is_the_same_in_json_and_xml() {
    let json = json!({
        "reportSchema": "1.1", "scanInfo": {"engineVersion": "9"}, "projectInfo": {"name": "shop"},
        "dependencies": [{
            "fileName": "p.jar", "filePath": "/p.jar", "packages": [{"id": "pkg:maven/g/p@1"}],
            "vulnerabilities": [{
                "source": "NVD", "name": "CVE-2026-1", "severity": "HIGH",
                "cvssv3": {"baseScore": 9.8, "attackVector": "NETWORK", "attackComplexity": "LOW",
                    "privilegesRequired": "NONE", "userInteraction": "NONE", "scope": "UNCHANGED",
                    "confidentialityImpact": "HIGH", "integrityImpact": "HIGH", "availabilityImpact": "HIGH",
                    "version": "3.1"},
                "vulnerableSoftware": [{"software": {"vulnerabilityIdMatched": "true", "versionEndExcluding": "2"}}],
            }],
            "suppressedVulnerabilities": [{"source": "NVD", "name": "CVE-2026-2", "severity": "LOW", "notes": "no"}],
        }],
    });
    let xml = "<analysis xmlns='https://x.example/dependency-check.4.0.xsd'><projectInfo><name>shop</name>\
        </projectInfo><dependencies><dependency><fileName>p.jar</fileName><filePath>/p.jar</filePath>\
        <identifiers><package><id>pkg:maven/g/p@1</id></package></identifiers><vulnerabilities>\
        <vulnerability source='NVD'><name>CVE-2026-1</name><severity>HIGH</severity><cvssV3>\
        <attackVector>NETWORK</attackVector><attackComplexity>LOW</attackComplexity>\
        <privilegesRequired>NONE</privilegesRequired><userInteraction>NONE</userInteraction>\
        <scope>UNCHANGED</scope><confidentialityImpact>HIGH</confidentialityImpact>\
        <integrityImpact>HIGH</integrityImpact><availabilityImpact>HIGH</availabilityImpact>\
        <version>3.1</version></cvssV3><vulnerableSoftware><software vulnerabilityIdMatched='true' \
        versionEndExcluding='2'>cpe</software></vulnerableSoftware></vulnerability>\
        <suppressedVulnerability source='NVD'><name>CVE-2026-2</name><severity>LOW</severity>\
        <notes>no</notes></suppressedVulnerability></vulnerabilities></dependency></dependencies></analysis>";
    let Reading::Scan { findings: of_xml, scan, .. } = read_text(xml).unwrap().reading else {
        panic!("a scan");
    };
    let of_json = findings(&json);
    assert_eq!((of_xml, scan.target.as_str()), (of_json.clone(), "shop"));
    let [one, ignored] = of_json.as_slice() else { panic!("{of_json:?}") };
    assert_eq!(
        (one.cvss[0].score, one.package.as_str(), one.fixed.join("")),
        (9.8, "g:p", "2".to_owned())
    );
    assert_eq!(
        (ignored.status, ignored.status_reason.as_deref()),
        (FindingStatus::Ignored, Some("no"))
    );
}

#[test]
fn a_scan_that_says_that_it_failed_is_no_clean_scan() {
    let report = |kind: &str, status: &str| {
        json!({"version": "15.0.0", "vulnerabilities": [],
            "scan": {"type": kind, "status": status, "scanner": {"id": "s"}}})
    };
    assert!(findings(&report("container_scanning", "success")).is_empty());
    assert!(read_text(&report("container_scanning", "failure").to_string()).is_err());
    assert!(matches!(read(&report("sast", "success")).reading, Reading::Analysis(_)));
    let unfinished = json!({"image_summary": {}, "discovery_summary": {"discovery": [
        {"discovery": {"analysisStatus": "SCANNING"}}]}});
    assert!(read_text(&unfinished.to_string()).is_err());
}

#[test]
fn the_messages_of_govulncheck_tell_what_is_called() {
    let osv = json!({"id": "GO-1", "aliases": ["CVE-2026-1"], "affected": []});
    let trace = |function: Value| {
        json!({"osv": "GO-1", "fixed_version": "v2", "trace": [
        {"module": "a.example/p", "version": "v1", "function": function}]})
    };
    let document = |function: Value| {
        json!([{"config": {"protocol_version": "v1", "scan_level": "symbol"}}, {"osv": osv},
            {"finding": trace(json!(null))}, {"finding": trace(function)}])
    };
    assert_eq!(only(&document(json!("f"))).status, FindingStatus::Fixed);
    assert_eq!(only(&document(json!(null))).status, FindingStatus::NotAffected);
}

#[test]
fn a_broken_table_is_invalid_at_its_line() {
    let table = "Vulnerability ID,Severity,Package name,Package version,Risk accepted\n\
        CVE-2026-1,High,p,1,true\nCVE-2026-2,High\n";
    let failure = read_text(table).unwrap_err();
    assert_eq!(failure.places[0].place, "line 3");
    let whole = table.rsplit_once("CVE-2026-2").unwrap().0;
    let Reading::Scan { findings, .. } = read_text(whole).unwrap().reading else { panic!() };
    assert_eq!(
        (findings[0].status, findings[0].severity),
        (FindingStatus::Ignored, Severity::High)
    );
}

#[test]
fn reports_of_clusters_are_told_apart_by_what_they_looked_for() {
    let object = |kind: &str, report: Value| json!({"apiVersion": "aquasecurity.github.io/v1alpha1", "kind": kind, "report": report});
    let scan = object("VulnerabilityReport", json!({"vulnerabilities": []}));
    assert_eq!(read(&scan).reading.kind(), Kind::Scan);
    let audit =
        object("ConfigAuditReport", json!({"checks": [{"checkID": "K", "success": false}]}));
    assert_eq!(read(&audit).reading.kind(), Kind::Analysis);
    let both = json!({"apiVersion": "v1", "kind": "List", "items": [scan, audit]});
    let Reading::Scan { analysis, .. } = read(&both).reading else { panic!("a scan") };
    assert_eq!(analysis[0].findings.len(), 1);
}
