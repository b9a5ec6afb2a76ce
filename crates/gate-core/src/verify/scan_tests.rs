//! Scans and analyses as evidence: wrapped or not, from several scanners, of this subject or another.

use serde_json::{Value, json};

use super::testing::{Shop, subject};
use crate::evidence::{Kind, Origin};
use crate::facts::{Binding, FindingStatus, GateStatus, Severity};
use crate::predicates::{ANALYSIS, COSIGN_VULN, SCAN, VULNS_V0_1, VULNS_V0_2};
use crate::reason::Problem;

const PURL: &str = "pkg:golang/a.example/p@v1.0.0";

fn trivy() -> Value {
    json!({"SchemaVersion": 2, "CreatedAt": "2026-11-22T00:00:00Z", "Results": [{
        "Target": "app", "Class": "lang-pkgs", "Vulnerabilities": [{
            "VulnerabilityID": "CVE-2026-1", "PkgName": "a.example/p", "InstalledVersion": "v1.0.0",
            "FixedVersion": "1.1.0", "Severity": "MEDIUM", "PkgIdentifier": {"PURL": PURL},
        }],
    }]})
}

fn grype() -> Value {
    json!({"matches": [{
        "vulnerability": {"id": "GHSA-aaaa", "severity": "High", "fix": {"state": "fixed", "versions": ["1.1.0"]}},
        "relatedVulnerabilities": [{"id": "CVE-2026-1"}],
        "artifact": {"name": "a.example/p", "version": "v1.0.0", "purl": PURL},
    }], "source": {"type": "image", "target": {"userInput": "shop", "repoDigests": []}}})
}

fn osv() -> Value {
    json!({"results": [{"source": {"path": "go.mod"}, "packages": [{
        "package": {"name": "a.example/p", "version": "1.0.0", "ecosystem": "Go"},
        "vulnerabilities": [{"id": "GHSA-aaaa"}],
    }]}]})
}

fn sarif() -> Value {
    json!({"version": "2.1.0", "runs": [{
        "tool": {"driver": {"name": "T"}},
        "results": [{"ruleId": "r", "level": "error", "message": {"text": "m"}}],
    }]})
}

#[test]
fn scanners_that_call_one_vulnerability_by_two_names_give_one_finding() {
    let mut shop = Shop::new();
    shop.attest("scanner", SCAN, &trivy());
    shop.attest("scanner", SCAN, &grype());
    shop.attest("scanner", SCAN, &osv());
    let facts = shop.facts();
    assert_eq!((facts.failed, facts.vulnerabilities.scans.len()), (vec![], 3));
    let [found] = facts.vulnerabilities.findings.as_slice() else {
        panic!("{:#?}", facts.vulnerabilities.findings);
    };
    assert_eq!(
        (found.id.as_str(), found.aliases.join(" ")),
        ("CVE-2026-1", "GHSA-aaaa".to_owned())
    );
    assert_eq!((found.scans.len(), found.severity), (3, Severity::High));
    assert_eq!((found.status, found.fixed.join(" ")), (FindingStatus::Fixed, "1.1.0".to_owned()));
}

#[test]
fn every_predicate_of_a_scan_holds_any_scanners_report() {
    let mut shop = Shop::new();
    let inner = |result: &Value| {
        json!({"scanner": {"uri": "s", "result": result},
        "metadata": {"scanStartedOn": "2026-11-22T00:00:00Z", "scanFinishedOn": "2026-11-22T01:00:00Z"}})
    };
    for report in [trivy(), grype(), osv()] {
        shop.attest("scanner", SCAN, &report);
        shop.attest("scanner", COSIGN_VULN, &inner(&report));
        shop.attest("scanner", VULNS_V0_2, &inner(&report));
    }
    let facts = shop.facts();
    assert_eq!((facts.failed, facts.vulnerabilities.scans.len()), (vec![], 9));
    // Grype's own report has no time here: that of the predicate counts.
    let undated = facts.vulnerabilities.scans.iter().filter(|it| it.value.scanned_at.is_none());
    assert_eq!(undated.count(), 2);
}

#[test]
fn in_totos_own_list_is_read_in_both_versions() {
    let mut shop = Shop::new();
    let predicate = |result: Value| {
        json!({"scanner": {"uri": "pkg:s", "version": "1", "result": result},
        "metadata": {"scanStartedOn": "2026-11-22T00:00:00Z", "scanFinishedOn": "2026-11-22T01:00:00Z"}})
    };
    shop.attest(
        "scanner",
        VULNS_V0_1,
        &predicate(json!([{"vulnerability": {"id": "CVE-2026-1", "severity": []}}])),
    );
    shop.attest("scanner", VULNS_V0_2, &predicate(json!([
        {"id": "CVE-2026-1", "severity": [{"method": "nvd", "score": "9.8"}, {"method": "x", "score": "low"}]},
        {"id": "CVE-2026-2", "severity": [{"method": "nvd", "score": "9.8"}]},
    ])));
    shop.attest("scanner", VULNS_V0_2, &predicate(json!([])));
    let facts = shop.facts();
    assert_eq!((facts.failed, facts.vulnerabilities.scans.len()), (vec![], 3));
    let graded: Vec<_> = facts
        .vulnerabilities
        .findings
        .iter()
        .map(|it| (it.id.as_str(), it.severity, it.scans.len()))
        .collect();
    assert_eq!(
        graded,
        [("CVE-2026-1", Severity::Critical, 2), ("CVE-2026-2", Severity::Critical, 1)]
    );
    let at = facts.vulnerabilities.scans[0].value.scanned_at.unwrap();
    assert_eq!(at.to_string(), "2026-11-22T01:00:00Z");
}

#[test]
fn a_scan_of_another_digest_is_not_this_ones() {
    let mut shop = Shop::new();
    shop.document.allow_unsigned.insert(Kind::Scan);
    let other = format!("shop@sha256:{}", "b".repeat(64));
    let mut of_other = grype();
    of_other["source"]["target"]["repoDigests"] = json!([other]);
    let signed = shop.attest("scanner", SCAN, &of_other);
    let unsigned = shop.add(of_other.to_string(), Origin::Named { name: "f".to_owned() });
    let mut of_this = grype();
    of_this["source"]["target"]["repoDigests"] = json!([format!("shop@{}", subject())]);
    shop.add(of_this.to_string(), Origin::Named { name: "f".to_owned() });
    for digest in [signed, unsigned] {
        assert_eq!(shop.failure(digest).code, Problem::SubjectMismatch);
    }
    let facts = shop.facts();
    let [scan] = facts.vulnerabilities.scans.as_slice() else { panic!("one scan") };
    assert_eq!(scan.source.binding, Binding::Content);
}

#[test]
fn an_analysis_counts_by_a_signer_of_its_kind_alone() {
    let mut shop = Shop::new();
    shop.attest("build", ANALYSIS, &sarif());
    shop.attest("build", ANALYSIS, &json!({"projectStatus": {"status": "NONE"}}));
    let by_scanner = shop.attest("scanner", ANALYSIS, &sarif());
    let as_scan = shop.attest("scanner", SCAN, &sarif());
    let config = json!({"SchemaVersion": 2, "Results": [
        {"Target": "Dockerfile", "Class": "config", "Misconfigurations": [{"ID": "D", "Status": "FAIL"}]}]});
    let config_as_scan = shop.attest("scanner", SCAN, &config);
    shop.attest("build", ANALYSIS, &config);
    assert_eq!(shop.failure(by_scanner).code, Problem::SignerNotTrusted);
    assert_eq!(shop.failure(as_scan).code, Problem::EvidenceMalformed);
    assert_eq!(shop.failure(config_as_scan).code, Problem::EvidenceMalformed);
    let facts = shop.facts();
    assert!(facts.vulnerabilities.scans.is_empty(), "none of these looked for vulnerabilities");
    let mut tools: Vec<_> = facts.analysis.iter().map(|it| it.value.format.as_str()).collect();
    tools.sort_unstable();
    assert_eq!(tools, ["sarif", "sonarqube-status", "trivy"]);
    let gates: Vec<_> =
        facts.analysis.iter().filter_map(|it| it.value.quality_gate.as_ref()).collect();
    assert_eq!(gates[0].status, GateStatus::None);
}

#[test]
fn what_a_scan_finds_beside_vulnerabilities_is_an_analysis_of_the_same_evidence() {
    let mut shop = Shop::new();
    let mut report = trivy();
    report["Results"].as_array_mut().unwrap().push(json!({
        "Target": "key.pem", "Class": "secret", "Secrets": [{"RuleID": "key", "Severity": "HIGH"}],
    }));
    let digest = shop.attest("scanner", SCAN, &report);
    let facts = shop.facts();
    assert_eq!((facts.failed.len(), facts.vulnerabilities.scans.len()), (0, 1));
    assert_eq!(facts.analysis[0].source.evidence, digest);
    assert_eq!(facts.analysis[0].value.findings[0].rule, "key");
}
