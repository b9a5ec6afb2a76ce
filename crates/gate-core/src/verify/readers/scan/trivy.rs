//! From a Trivy report (schema 2) to a scan and its findings.

use serde::Deserialize;

use super::super::{Read, Reading, normalise_purl};
use crate::facts::{Scan, Vulnerability};
use crate::limits;
use crate::reason::Problem;
use crate::verify::failure::Failure;

/// A report as far as it is read; the rest is skipped.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::verify) struct Report {
    schema_version: u64,
    trivy: Option<Scanner>,
    created_at: Option<String>,
    artifact_name: Option<String>,
    metadata: Option<Metadata>,
    results: Option<Vec<ScanResult>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Scanner {
    version: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata {
    repo_digests: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ScanResult {
    target: Option<String>,
    vulnerabilities: Option<Vec<WireVulnerability>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireVulnerability {
    #[serde(rename = "VulnerabilityID")]
    id: String,
    pkg_name: String,
    pkg_identifier: Option<PackageIdentifier>,
    installed_version: Option<String>,
    fixed_version: Option<String>,
    severity: Option<String>,
    title: Option<String>,
}

#[derive(Deserialize)]
struct PackageIdentifier {
    #[serde(rename = "PURL")]
    purl: Option<String>,
}

/// Normalises a report. No results, or null, are a clean scan: Trivy leaves them out.
pub(in crate::verify) fn read(report: Report) -> Result<Read, Failure> {
    if report.schema_version != 2 {
        return Err(Failure::new(
            Problem::EvidenceUnknown,
            format!("Trivy's schema {} is not read: use 2", report.schema_version),
        ));
    }
    let mut findings = vec![];
    for result in report.results.unwrap_or_default() {
        let target = result.target.filter(|target| !target.is_empty());
        for found in result.vulnerabilities.unwrap_or_default() {
            if findings.len() == limits::SCAN_FINDINGS {
                return Err(Failure::new(
                    Problem::EvidenceTooLarge,
                    format!("the scan has more than {} findings", limits::SCAN_FINDINGS),
                ));
            }
            findings.push(vulnerability(found, target.clone())?);
        }
    }
    let names = report.metadata.and_then(|metadata| metadata.repo_digests).unwrap_or_default();
    let names = names.iter().filter_map(|name| name.rsplit_once('@')?.1.parse().ok()).collect();
    let scan = Scan {
        format: "trivy".to_owned(),
        scanner_version: report.trivy.and_then(|scanner| scanner.version),
        scanned_at: report.created_at.and_then(|text| text.parse().ok()),
        target: report.artifact_name.unwrap_or_default(),
        findings: findings.len() as u64,
    };
    let version = Some(report.schema_version.to_string());
    Ok(Read { names, version, ..Reading::Scan { scan, findings }.into() })
}

fn vulnerability(
    wire: WireVulnerability,
    location: Option<String>,
) -> Result<Vulnerability, Failure> {
    if wire.id.is_empty() || wire.pkg_name.is_empty() {
        return Err(Failure::malformed("a finding has no VulnerabilityID or no PkgName"));
    }
    let fixed = wire.fixed_version.unwrap_or_default();
    let purl = wire.pkg_identifier.and_then(|identifier| identifier.purl);
    Ok(Vulnerability {
        id: wire.id,
        package: wire.pkg_name,
        purl: purl.filter(|purl| !purl.is_empty()).map(|purl| normalise_purl(&purl)),
        installed: wire.installed_version.unwrap_or_default(),
        fixed: fixed
            .split(',')
            .map(str::trim)
            .filter(|version| !version.is_empty())
            .map(str::to_owned)
            .collect(),
        severity: severity(&wire.severity.unwrap_or_default()),
        title: wire.title,
        location,
        scans: vec![],
        vex: None,
        epss: None,
        kev: None,
    })
}

fn severity(text: &str) -> String {
    let text = text.trim().to_lowercase();
    match text.as_str() {
        "critical" | "high" | "medium" | "low" | "negligible" => text,
        _ => "unknown".to_owned(),
    }
}
