//! Scans and analyses that real tools wrote, read as what they are and without loss: findings are
//! counted once by the readers and once by paths into the raw documents.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test reads its cases from disk and says what it did not run"
)]

use std::collections::BTreeSet;

use gate_core::cvss::Scores;
use gate_core::verify::{Inspection, inspect};
use serde_json::Value;

use crate::data::{data, files};

/// What a document holds by an independent count: paths in the style of `jq`, of which each adds what
/// it reaches. `.key` is a member, `[]` every element of an array or member of an object; `|distinct`
/// counts different values alone, `|each PATH` counts anew in each that is reached.
fn count(document: &Value, paths: &str) -> u64 {
    paths.split(',').map(|path| count_path(document, path.trim())).sum()
}

fn count_path(document: &Value, path: &str) -> u64 {
    if let Some((outer, inner)) = path.split_once("|each ") {
        return reached(document, outer).into_iter().map(|it| count_path(it, inner)).sum();
    }
    match path.strip_suffix("|distinct") {
        Some(path) => {
            let values = reached(document, path).into_iter().map(Value::to_string);
            values.collect::<BTreeSet<_>>().len() as u64
        }
        None => reached(document, path).len() as u64,
    }
}

fn reached<'a>(document: &'a Value, path: &str) -> Vec<&'a Value> {
    let mut reached = vec![document];
    for step in path.split('.').filter(|step| !step.is_empty()) {
        let key = step.trim_end_matches("[]");
        if !key.is_empty() {
            // A dot within a key is written `~`.
            let key = key.replace('~', ".");
            reached = reached.into_iter().filter_map(|it| it.get(&key)).collect();
        }
        for _ in 0..(step.len() - key.len()) / 2 {
            reached = reached.into_iter().flat_map(items).collect();
        }
    }
    reached.retain(|it| !it.is_null());
    reached
}

fn items(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        Value::Object(members) => members.values().collect(),
        _ => vec![],
    }
}

/// What the files of a folder are, and where their findings lie.
struct Row {
    /// Files whose path in the topic begins so.
    prefix: &'static str,
    /// The format.
    form: &'static str,
    /// Paths to the vulnerabilities.
    findings: &'static str,
    /// Paths to what is found beside vulnerabilities, or by an analysis.
    analysis: &'static str,
}

const fn row(
    prefix: &'static str,
    form: &'static str,
    findings: &'static str,
    analysis: &'static str,
) -> Row {
    Row { prefix, form, findings, analysis }
}

const TRIVY: &str = ".Results[].Vulnerabilities[], .Results[].ExperimentalModifiedFindings[]";
const TRIVY_BESIDE: &str =
    ".Results[].Misconfigurations[], .Results[].Secrets[], .Results[].Licenses[]";
const CLUSTER: &str = ".Vulnerabilities[].Results[].Vulnerabilities[]";
const CLUSTER_BESIDE: &str = ".Misconfigurations[].Results[].Misconfigurations[]";
const OPERATOR: &str = ".report.vulnerabilities[], \
    .vulnerabilityreports~aquasecurity~github~io[].report.vulnerabilities[]";
const OPERATOR_BESIDE: &str = ".report.checks[], .report.secrets[], \
    .configauditreports~aquasecurity~github~io[].report.checks[], \
    .exposedsecretreports~aquasecurity~github~io[].report.secrets[]";
const HARBOR: &str = ".vulnerabilities[], \
    .application/vnd~security~vulnerability~report; version=1~1.vulnerabilities[], \
    .application/vnd~scanner~adapter~vuln~report~harbor+json; version=1~0.vulnerabilities[]";
const GITHUB: &str = ".data.repository.vulnerabilityAlerts.nodes[], \
    .data.repository.search.nodes[].vulnerabilityAlerts.nodes[], \
    .data.search.nodes[].vulnerabilityAlerts.nodes[]";

/// The first row that fits a file counts.
const ROWS: &[Row] = &[
    row("defectdojo/anchore_engine/", "anchore", ".vulnerabilities[], .securityEvaluation[]", ""),
    row("defectdojo/anchore_grype/", "grype", ".matches[], .ignoredMatches[]", ""),
    row("grype/grype/presenter/json/testdata/snapshot/Test", "grype", ".matches[]", ""),
    row("grype/grype/presenter/cyclonedx/", "cyclonedx", "", ""),
    row("grype/grype/presenter/sarif/", "sarif", "", ".runs[].results[]"),
    row("defectdojo/api_sonarqube/issues.json", "sonarqube-issue-list", "", "[]"),
    row(
        "defectdojo/aqua/",
        "aqua",
        ".resources[].vulnerabilities[], [].results.resources[].vulnerabilities[], .cves[], .result[]",
        "",
    ),
    row(
        "defectdojo/aws_inspector2/",
        "inspector",
        ".findings[].packageVulnerabilityDetails.vulnerablePackages[]",
        "",
    ),
    row("defectdojo/bandit/", "bandit", "", ".results[]"),
    row(
        "defectdojo/checkov/",
        "checkov",
        "",
        ".results.failed_checks[], .results.skipped_checks[]",
    ),
    row("defectdojo/clair/clairklar", "clair-klar", ".Vulnerabilities[][]", ""),
    row("defectdojo/clair/", "clair-scanner", ".vulnerabilities[]", ""),
    row("defectdojo/conftest/", "conftest", "", "[].failures[], [].warnings[]"),
    row(
        "defectdojo/dependency_check/",
        "dependency-check-xml",
        "<vulnerability ,<suppressedVulnerability ",
        "",
    ),
    row("defectdojo/dependency_track/", "dependency-track", ".findings[]", ""),
    row(
        "defectdojo/gcloud_artifact_scan/",
        "artifact-analysis",
        ".package_vulnerability_summary.vulnerabilities[][].vulnerability.packageIssue[]",
        "",
    ),
    row("defectdojo/github_vulnerability/", "github-alerts", GITHUB, ""),
    row("defectdojo/gitlab_container_scan/", "gitlab", ".vulnerabilities[]", ""),
    row("defectdojo/gosec/", "gosec", "", ".Issues[]"),
    row("defectdojo/govulncheck/issue_15033_sarif.json", "sarif", "", ".runs[].results[]"),
    // One for each symbol, or each trace, of a vulnerability.
    row(
        "defectdojo/govulncheck/",
        "govulncheck",
        ".Vulns[].OSV.id|distinct, [].finding.osv|distinct",
        "",
    ),
    row("defectdojo/hadolint/", "hadolint", "", "[]"),
    row("defectdojo/harbor_vulnerability/", "harbor", HARBOR, ""),
    row("defectdojo/jfrog_xray_unified/", "xray", ".rows[]", ""),
    row(
        "defectdojo/npm_audit/many_vuln_npm7.json",
        "npm-audit-v7",
        ".vulnerabilities[].via[].url",
        "",
    ),
    // npm 6 and pnpm: an advisory once for each version of the package.
    row(
        "defectdojo/npm_audit/",
        "npm-audit-v6",
        ".advisories[]|each .findings[].version|distinct",
        "",
    ),
    row("defectdojo/npm_audit_7_plus/", "npm-audit-v7", ".vulnerabilities[].via[].url", ""),
    row("defectdojo/openreports/", "openreports", ".items[].results[], .results[]", ""),
    row("defectdojo/osv_scanner/", "osv-scanner", ".results[].packages[].vulnerabilities[]", ""),
    row("osv-scanner/internal/ci/", "osv-scanner", ".results[].packages[].vulnerabilities[]", ""),
    row("defectdojo/pip_audit/", "pip-audit", ".dependencies[].vulns[], [].vulns[]", ""),
    row("defectdojo/sarif/", "sarif", "", ".runs[].results[]"),
    row("sarif-sdk/", "sarif", "", ".runs[].results[]"),
    row("sarif-spec/", "sarif", "", ".runs[].results[]"),
    row("vexctl/", "sarif", "", ".runs[].results[]"),
    row("defectdojo/semgrep/sca-", "semgrep-supply-chain", ".vulns[]", ""),
    row("defectdojo/semgrep/", "semgrep", "", ".results[]"),
    row("defectdojo/semgrep_pro/", "semgrep-findings", "", ".findings[]"),
    row(
        "defectdojo/snyk/",
        "snyk",
        ".vulnerabilities[].id|distinct, [].vulnerabilities[].id|distinct",
        "",
    ),
    row("defectdojo/snyk_issue_api/", "snyk-issues", "", ".data[]"),
    row(
        "defectdojo/sonarqube/findings_over_api_hotspots.json",
        "sonarqube-hotspots",
        "",
        ".hotspots[]",
    ),
    row("defectdojo/sonarqube/findings_over_api", "sonarqube-issues", "", ".issues[]"),
    row("defectdojo/sonarqube/sonar-", "sonarqube-report", "", ".issues[]"),
    row("defectdojo/sysdig_reports/sysdig-2025.json", "sysdig", ".panels[].data[]", ""),
    row("defectdojo/sysdig_reports/", "sysdig", "lines", ""),
    row("defectdojo/trivy/kubernetes_", "trivy-kubernetes", CLUSTER, CLUSTER_BESIDE),
    row("defectdojo/trivy/legacy_", "trivy-legacy", "[].Vulnerabilities[]", ""),
    row("defectdojo/trivy/", "trivy", TRIVY, TRIVY_BESIDE),
    row("defectdojo/trivy_operator/", "trivy-operator", OPERATOR, OPERATOR_BESIDE),
    row("defectdojo/twistlock/scan_report_", "twistlock", "CVE-", ""),
    row(
        "defectdojo/twistlock/",
        "twistlock",
        ".results[].vulnerabilities[]",
        ".results[].compliances[]",
    ),
    row(
        "trivy/integration/testdata/alpine-310.gitlab-codequality.golden",
        "code-quality",
        "",
        "[]",
    ),
    row("trivy/integration/testdata/alpine-310.gitlab.golden", "gitlab", ".vulnerabilities[]", ""),
    row("trivy/integration/testdata/npm.gitlab.golden", "gitlab", ".vulnerabilities[]", ""),
    row("trivy/", "trivy", TRIVY, TRIVY_BESIDE),
];

/// Files of the topic that are no evidence, or whose content does not say what they are; each is
/// refused.
const REFUSED: &[(&str, &str)] = &[
    ("MANIFEST.tsv", "the list of the files"),
    ("clair/", "objects of Clair's interface: none is a report"),
    ("osv-schema/", "advisories: they say nothing of a subject"),
    ("osv-scanner/internal/output/", "an intermediate form of the scanner's own tests"),
    ("grype/grype/presenter/template/", "text for people"),
    ("grype/grype/presenter/json/testdata/snapshot/stereoscope", "an image"),
    ("defectdojo/api_sonarqube/product.json", "a project, not what was found in it"),
    ("defectdojo/api_sonarqube/rule", "a rule, not what it found"),
    ("defectdojo/api_sonarqube/hotspots/no_vuln.json", "`[]` is the clean report of many tools"),
    ("defectdojo/aws_inspector2/aws_inspector2_zero_vul.json", "`findings: []` may be anybody's"),
    ("defectdojo/semgrep_pro/no_vuln.json", "`findings: []` may be anybody's"),
    (
        "defectdojo/sysdig_reports/sysdig_reports_missing_cve_field.csv",
        "a row is shifted by a value",
    ),
];

/// Test reports have their own test.
const OTHERS: [&str; 2] = ["junit-plugin/", "junitxml/"];

/// How many findings the bytes hold by these paths; in what is no JSON by a text that each has, or by
/// the lines below the first.
fn independent(bytes: &[u8], paths: &str) -> u64 {
    if paths.is_empty() {
        return 0;
    }
    let text = std::str::from_utf8(bytes).unwrap().trim_start_matches('\u{feff}');
    if let Ok(document) = serde_json::from_str(text) {
        return count(&document, paths);
    }
    match paths {
        "lines" => text.lines().skip(1).filter(|line| !line.trim().is_empty()).count() as u64,
        words if words.starts_with('<') => {
            let ends = |word: &str| [word.to_owned(), word.replace(' ', ">")];
            let tags = words.split(',').flat_map(ends);
            tags.map(|tag| text.matches(&tag).count() as u64).sum()
        }
        word => text.lines().filter(|line| line.contains(&format!(",{word}"))).count() as u64,
    }
}

/// What the reader found: vulnerabilities, and findings of analyses.
fn read(inspection: &Inspection) -> (u64, u64) {
    let facts = &inspection.facts;
    match facts {
        Value::Array(_) => (0, count(facts, "[].findings[]")),
        _ => (count(facts, ".findings[]"), count(facts, ".analysis[].findings[]")),
    }
}

#[test]
fn every_file_is_what_it_is_and_loses_no_finding() {
    let Some(folder) = data("scans") else { return };
    let (mut accepted, mut refused, mut wrong) = (0, 0, vec![]);
    let (mut findings, mut others) = (0, 0);
    for file in files(&folder) {
        let name = file.strip_prefix(&folder).unwrap().display().to_string();
        if OTHERS.iter().any(|prefix| name.starts_with(prefix)) {
            continue;
        }
        let bytes = std::fs::read(&file).unwrap();
        let inspection = inspect(&bytes);
        if let Some((_, reason)) = REFUSED.iter().find(|(prefix, _)| name.starts_with(prefix)) {
            println!("refused: {name}: {reason}");
            refused += 1;
            if inspection.is_readable() {
                wrong.push(format!("{name}: read, and is {reason}"));
            }
            continue;
        }
        let Some(row) = ROWS.iter().find(|row| name.starts_with(row.prefix)) else {
            wrong.push(format!("{name}: no row says what it is"));
            continue;
        };
        let expected = (independent(&bytes, row.findings), independent(&bytes, row.analysis));
        let form = inspection.form.as_deref().unwrap_or_default();
        if !inspection.problems.is_empty() || form != row.form {
            let problem = inspection.problems.first().map(|it| it.detail.clone());
            wrong.push(format!("{name}: {form}, not {}: {problem:?}", row.form));
        } else if row.form != "cyclonedx" && read(&inspection) != expected {
            wrong.push(format!("{name}: {:?} read, {expected:?} there", read(&inspection)));
        }
        accepted += 1;
        findings += expected.0;
        others += expected.1;
    }
    println!(
        "{accepted} reports read with {findings} vulnerabilities and {others} other findings, \
         {refused} files refused"
    );
    assert_eq!(wrong, Vec::<String>::new());
    assert!(accepted > 180 && findings > 500 && others > 400, "{accepted} {findings} {others}");
}

#[test]
fn the_cvss_suite_is_scored() {
    let Some(folder) = data("purl-cvss-licence/cvss") else { return };
    let mut count = 0;
    let mut wrong = vec![];
    for file in files(&folder).iter().filter(|it| it.extension().is_some_and(|it| it == "txt")) {
        for line in std::fs::read_to_string(file).unwrap().lines() {
            let (vector, expected) = line.split_once(" - ").unwrap();
            let expected: Vec<f64> = expected
                .trim_matches(['(', ')'])
                .split(',')
                .map(str::trim)
                .filter(|score| !score.is_empty() && *score != "None")
                .map(|score| score.parse().unwrap())
                .collect();
            count += 1;
            let scored: Result<Scores, _> = vector.parse();
            let right = scored.as_ref().is_ok_and(|it| {
                let three = [it.base, it.temporal, it.environmental];
                expected.iter().zip(three).all(|(one, other)| (one - other).abs() < 1e-9)
            });
            if !right || expected.is_empty() {
                wrong.push(format!("{vector}: {scored:?}, not {expected:?}"));
            }
        }
    }
    println!("CVSS: {} of {count} vectors", count - wrong.len());
    assert_eq!(wrong, Vec::<String>::new());
    assert!(count > 2_500, "{count}");
}

#[test]
fn ten_thousand_findings_are_read_in_one_go() {
    let findings: Vec<_> = (0..10_000)
        .map(|at| {
            let package = format!("package-{}", at / 4);
            serde_json::json!({
                "VulnerabilityID": format!("CVE-2026-{at}"), "PkgName": package,
                "PkgIdentifier": {"PURL": format!("pkg:deb/debian/{package}@1.2.3?arch=amd64")},
                "InstalledVersion": "1.2.3", "FixedVersion": "1.2.4", "Status": "fixed",
                "Severity": "LOW", "SeveritySource": "debian",
                "Title": "a title of the usual length for a finding", "Description": "d".repeat(600),
                "CVSS": {"nvd": {"V3Vector": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "V3Score": 9.8}},
                "References": vec!["https://example.com/advisory"; 8],
            })
        })
        .collect();
    let report = serde_json::json!({"SchemaVersion": 2, "Results": [
        {"Target": "t", "Class": "os-pkgs", "Vulnerabilities": findings}]});
    let bytes = serde_json::to_vec(&report).unwrap();
    #[expect(clippy::disallowed_methods, reason = "a measure is taken with a clock")]
    let begun = std::time::Instant::now();
    let inspection = inspect(&bytes);
    let took = begun.elapsed();
    println!("10,000 findings of {} bytes inspected in {took:?}", bytes.len());
    assert_eq!(read(&inspection).0, 10_000);
}
