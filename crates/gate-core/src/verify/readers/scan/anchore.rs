//! From an Anchore Engine or Enterprise report to a scan and its findings.

use serde::Deserialize;

use super::Format;
use super::report::{Report, scored_or, versions, worded};
use crate::facts::{FindingStatus, Vulnerability};
use crate::verify::failure::Failure;
use crate::verify::json;
use crate::verify::readers::Read;
use crate::verify::readers::wire::{List, Text};

pub(super) const FORMAT: Format = Format {
    name: "anchore",
    detect: |marks| {
        marks.has("securityEvaluation")
            || (marks.has("imageDigest") && marks.has("vulnerabilities"))
    },
    read: |bytes| read(json::parse(bytes)?),
};

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Document {
    image_digest: Text,
    vulnerabilities: List<Found>,
    metadata: Metadata,
    security_evaluation: List<Evaluated>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Metadata {
    repository: Text,
    image_digest: Text,
    timestamp: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Found {
    vuln: Text,
    package: Text,
    package_name: Text,
    package_version: Text,
    package_path: Text,
    severity: Text,
    feed_group: Text,
    fix: Text,
    will_not_fix: Text,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Evaluated {
    vulnerability_id: Text,
    cves: Text,
    severity: Text,
    path: Text,
    package: Text,
    fix_available: Text,
    nvd_cvss_base_score: Text,
}

/// The word for nothing.
fn something(text: Text) -> Option<String> {
    text.get().filter(|text| !matches!(text.as_str(), "None" | "none" | "N/A"))
}

fn read(document: Document) -> Result<Read, Failure> {
    let mut report = Report::new("anchore");
    report.scanned_at = document.metadata.timestamp.instant();
    report.target = document.metadata.repository.or_empty();
    let digests = [document.image_digest, document.metadata.image_digest];
    report.names = digests.iter().filter_map(|digest| digest.as_str().parse().ok()).collect();
    for found in document.vulnerabilities {
        let (severity, severity_source) =
            worded(found.severity.as_str(), Some(found.feed_group.as_str()));
        report.push(Vulnerability {
            id: found.vuln.or_empty(),
            package: something(found.package_name.or(found.package)).unwrap_or_default(),
            installed: something(found.package_version).unwrap_or_default(),
            fixed: versions(&something(found.fix).unwrap_or_default()),
            severity,
            severity_source,
            status: if found.will_not_fix.is_true() {
                FindingStatus::WillNotFix
            } else {
                FindingStatus::Affected
            },
            locations: something(found.package_path).into_iter().collect(),
            ..Vulnerability::default()
        })?;
    }
    for found in document.security_evaluation {
        let (severity, severity_source) = worded(found.severity.as_str(), None);
        let score = found.nvd_cvss_base_score.number();
        let (package, installed) = split(found.package.as_str());
        report.push(Vulnerability {
            id: found.vulnerability_id.or_empty(),
            aliases: versions(found.cves.as_str()),
            package,
            installed,
            fixed: versions(&something(found.fix_available).unwrap_or_default()),
            severity,
            severity_source,
            cvss: scored_or("", score, "3.1", Some("nvd")).into_iter().collect(),
            locations: vec![found.path.or_empty()],
            ..Vulnerability::default()
        })?;
    }
    Ok(report.finish())
}

/// `name-1.2.3`: the version begins after the first hyphen that a digit follows.
fn split(package: &str) -> (String, String) {
    let at = package
        .match_indices('-')
        .map(|(at, _)| at)
        .find(|at| package[at + 1..].starts_with(|next: char| next.is_ascii_digit()));
    match at {
        Some(at) => (package[..at].to_owned(), package[at + 1..].to_owned()),
        None => (package.to_owned(), String::new()),
    }
}
