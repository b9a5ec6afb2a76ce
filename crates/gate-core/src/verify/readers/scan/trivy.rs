//! From a Trivy report (schema 2, the bare array of schema 1, the report of a cluster) to a scan, its
//! findings and what it found beside vulnerabilities.

use serde::Deserialize;

use super::Format;
use super::report::{Report, scored_or, versions, worded};
use super::trivy_analysis::{Licence, Misconfiguration, Secret};
use crate::facts::{Cvss, FindingStatus, Vulnerability};
use crate::reason::Problem;
use crate::verify::failure::Failure;
use crate::verify::json;
use crate::verify::readers::Read;
use crate::verify::readers::wire::{List, Members, Text, pinned};

/// Schema 2.
pub(super) const REPORT: Format = Format {
    name: "trivy",
    detect: |marks| marks.has("SchemaVersion") && !marks.has("ClusterName"),
    read: |bytes| read(json::parse(bytes)?),
};

/// Schema 1: an array of results.
pub(super) const LEGACY: Format = Format {
    name: "trivy-legacy",
    detect: |marks| {
        marks.first().is_some_and(|first| {
            first.has("Target")
                && ["Vulnerabilities", "Misconfigurations", "Secrets", "Type"]
                    .iter()
                    .any(|key| first.has(key))
        })
    },
    read: |bytes| {
        let mut report = Report::new("trivy");
        report.version = Some("1".to_owned());
        results(&mut report, json::parse(bytes)?, None)?;
        Ok(report.finish())
    },
};

/// A cluster's workloads.
pub(super) const KUBERNETES: Format = Format {
    name: "trivy-kubernetes",
    detect: |marks| {
        marks.has("ClusterName")
            && ["Vulnerabilities", "Misconfigurations", "Resources", "Findings"]
                .iter()
                .any(|key| marks.has(key))
    },
    read: |bytes| read_cluster(json::parse(bytes)?),
};

/// A report as far as it is read; the rest is skipped.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    schema_version: u64,
    #[serde(default)]
    trivy: Option<Scanner>,
    #[serde(default)]
    created_at: Text,
    #[serde(default)]
    artifact_name: Text,
    #[serde(default)]
    metadata: Option<Metadata>,
    #[serde(default)]
    results: List<ScanResult>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Scanner {
    version: Text,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Metadata {
    repo_digests: List<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct ScanResult {
    target: Text,
    class: Text,
    vulnerabilities: List<Wire>,
    misconfigurations: List<Misconfiguration>,
    secrets: List<Secret>,
    licenses: List<Licence>,
    #[serde(rename = "ExperimentalModifiedFindings")]
    modified: List<Modified>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Wire {
    #[serde(rename = "VulnerabilityID")]
    id: Text,
    #[serde(rename = "VendorIDs")]
    vendor_ids: List<String>,
    pkg_name: Text,
    pkg_path: Text,
    pkg_identifier: Option<PackageIdentifier>,
    installed_version: Text,
    fixed_version: Text,
    status: Text,
    severity: Text,
    severity_source: Text,
    title: Text,
    #[serde(rename = "CVSS")]
    cvss: Members<Vectors>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct PackageIdentifier {
    #[serde(rename = "PURL")]
    purl: Text,
}

/// The vectors of one source.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Vectors {
    v2_vector: Text,
    v3_vector: Text,
    v40_vector: Text,
    v2_score: Text,
    v3_score: Text,
    v40_score: Text,
}

/// A finding that a statement or an ignore rule took out of the report.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Modified {
    #[serde(default)]
    r#type: Text,
    #[serde(default)]
    status: Text,
    #[serde(default)]
    statement: Text,
    #[serde(default)]
    source: Text,
    finding: Wire,
}

fn read(document: Document) -> Result<Read, Failure> {
    if document.schema_version != 2 {
        return Err(Failure::new(
            Problem::EvidenceUnknown,
            format!("Trivy's schema {} is not read: use 2", document.schema_version),
        ));
    }
    let mut report = Report::new("trivy");
    report.version = Some(document.schema_version.to_string());
    report.scanner_version = document.trivy.and_then(|scanner| scanner.version.get());
    report.scanned_at = document.created_at.instant();
    report.target = document.artifact_name.or_empty();
    let digests = document.metadata.unwrap_or_default().repo_digests;
    report.names = digests.into_iter().filter_map(|name| pinned(&name)).collect();
    results(&mut report, document.results.0, None)?;
    Ok(report.finish())
}

/// No results, or null, are a clean scan: Trivy leaves them out. Results that are all of other
/// scanners are no scan for vulnerabilities.
fn results(
    report: &mut Report,
    results: Vec<ScanResult>,
    workload: Option<&str>,
) -> Result<(), Failure> {
    let other = |result: &ScanResult| {
        matches!(result.class.as_str(), "config" | "secret" | "license" | "license-file")
            && result.vulnerabilities.0.is_empty()
    };
    if !results.is_empty() && results.iter().all(other) {
        report.looked = false;
    }
    for result in results {
        let target = match workload {
            Some(workload) => format!("{workload}: {}", result.target.as_str()),
            None => result.target.or_empty(),
        };
        for found in result.vulnerabilities {
            report.push(vulnerability(found, &target))?;
        }
        for modified in result.modified {
            if !matches!(modified.r#type.as_str(), "" | "vulnerability") {
                continue;
            }
            let mut found = vulnerability(modified.finding, &target);
            found.status = match modified.status.as_str() {
                "not_affected" => FindingStatus::NotAffected,
                "fixed" => FindingStatus::Resolved,
                _ => FindingStatus::Ignored,
            };
            found.status_reason = modified.statement.or(modified.source).get();
            report.push(found)?;
        }
        for found in result.misconfigurations {
            report.push_analysis(found.finding(&target))?;
        }
        for found in result.secrets {
            report.push_analysis(found.finding(&target))?;
        }
        for found in result.licenses {
            report.push_analysis(found.finding(&target))?;
        }
    }
    Ok(())
}

fn vulnerability(wire: Wire, target: &str) -> Vulnerability {
    let (severity, severity_source) =
        worded(wire.severity.as_str(), Some(wire.severity_source.as_str()));
    Vulnerability {
        id: wire.id.or_empty(),
        // Vendors' ids name advisories, which may be over several vulnerabilities: no aliases.
        aliases: wire.vendor_ids.0.into_iter().filter(|id| id.starts_with("GHSA-")).collect(),
        package: wire.pkg_name.or_empty(),
        purl: wire.pkg_identifier.and_then(|identifier| identifier.purl.get()),
        installed: wire.installed_version.or_empty(),
        fixed: versions(wire.fixed_version.as_str()),
        severity,
        severity_source,
        cvss: wire
            .cvss
            .0
            .into_iter()
            .flat_map(|(source, vectors)| vectors.scored(&source))
            .collect(),
        status: status(wire.status.as_str()),
        title: wire.title.get(),
        locations: vec![target.to_owned(), wire.pkg_path.or_empty()],
        ..Vulnerability::default()
    }
}

impl Vectors {
    /// The vectors of each version, scored.
    pub(super) fn scored(self, source: &str) -> Vec<Cvss> {
        [
            (self.v2_vector, self.v2_score, "2.0"),
            (self.v3_vector, self.v3_score, "3.1"),
            (self.v40_vector, self.v40_score, "4.0"),
        ]
        .into_iter()
        .filter_map(|(vector, score, version)| {
            scored_or(vector.as_str(), score.number(), version, Some(source))
        })
        .collect()
    }
}

fn status(word: &str) -> FindingStatus {
    match word {
        "not_affected" => FindingStatus::NotAffected,
        "under_investigation" => FindingStatus::UnderInvestigation,
        "will_not_fix" => FindingStatus::WillNotFix,
        "fix_deferred" => FindingStatus::FixDeferred,
        "end_of_life" => FindingStatus::EndOfLife,
        _ => FindingStatus::Affected,
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Workloads {
    cluster_name: Text,
    created_at: Text,
    vulnerabilities: List<Workload>,
    misconfigurations: List<Workload>,
    resources: List<Workload>,
    findings: List<Workload>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Workload {
    namespace: Text,
    kind: Text,
    name: Text,
    results: List<ScanResult>,
}

fn read_cluster(cluster: Workloads) -> Result<Read, Failure> {
    let mut report = Report::new("trivy-kubernetes");
    report.scanned_at = cluster.created_at.instant();
    report.target = cluster.cluster_name.or_empty();
    let mut looked = false;
    let lists =
        [cluster.vulnerabilities, cluster.misconfigurations, cluster.resources, cluster.findings];
    for workload in lists.into_iter().flatten() {
        let name = format!(
            "{}/{}/{}",
            workload.namespace.as_str(),
            workload.kind.as_str(),
            workload.name.as_str()
        );
        report.looked = true;
        let empty = workload.results.0.is_empty();
        results(&mut report, workload.results.0, Some(&name))?;
        looked |= report.looked && !empty;
    }
    report.looked = looked;
    Ok(report.finish())
}
