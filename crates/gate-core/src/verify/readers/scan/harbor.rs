//! From Harbor's vulnerability report, as its interface answers it, to a scan and its findings.

use serde::Deserialize;

use super::Format;
use super::report::{Report, scored_or, versions, worded};
use super::trivy::Vectors;
use crate::facts::{FindingStatus, Vulnerability};
use crate::verify::failure::Failure;
use crate::verify::json;
use crate::verify::readers::Read;
use crate::verify::readers::wire::{List, Members, Text};

const MEDIA_TYPES: [&str; 2] = [
    "application/vnd.security.vulnerability.report",
    "application/vnd.scanner.adapter.vuln.report.harbor",
];

pub(super) const FORMAT: Format = Format {
    name: "harbor",
    detect: |marks| {
        marks.object().is_some_and(|fields| {
            fields.keys().any(|key| MEDIA_TYPES.iter().any(|media| key.starts_with(media)))
                || (fields.has("generated_at")
                    && fields.has_in("scanner", "name")
                    && fields.has("vulnerabilities"))
        })
    },
    read: |bytes| read(json::parse(bytes)?),
};

#[derive(Deserialize)]
#[serde(untagged)]
enum Document {
    Plain(Box<Report1>),
    ByMediaType(Members<Report1>),
}

#[derive(Deserialize)]
struct Report1 {
    generated_at: Text,
    #[serde(default)]
    artifact: Option<Artifact>,
    #[serde(default)]
    scanner: Scanner,
    vulnerabilities: List<Wire>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Artifact {
    repository: Text,
    digest: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Scanner {
    name: Text,
    version: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Wire {
    id: Text,
    package: Text,
    version: Text,
    fix_version: Text,
    severity: Text,
    status: Text,
    description: Text,
    artifact_digests: List<String>,
    preferred_cvss: Option<Preferred>,
    vendor_attributes: Option<Attributes>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Preferred {
    score_v3: Text,
    score_v2: Text,
    vector_v3: Text,
    vector_v2: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Attributes {
    #[serde(rename = "CVSS")]
    cvss: Members<Vectors>,
}

fn read(document: Document) -> Result<Read, Failure> {
    let mut report = Report::new("harbor");
    let documents = match document {
        Document::Plain(document) => vec![*document],
        Document::ByMediaType(documents) => documents.0.into_values().collect(),
    };
    for document in documents {
        report.scanned_at = document.generated_at.instant();
        report.scanner_version = document.scanner.version.get();
        let scanner = document.scanner.name.as_str().to_lowercase();
        let artifact = document.artifact.unwrap_or_default();
        report.names.extend(artifact.digest.as_str().parse::<crate::Digest>().ok());
        report.target = artifact.repository.or_empty();
        for wire in document.vulnerabilities {
            report.names.extend(
                wire.artifact_digests.0.iter().filter_map(|it| it.parse::<crate::Digest>().ok()),
            );
            report.push(finding(wire, &scanner))?;
        }
    }
    report.names.sort_unstable();
    report.names.dedup();
    Ok(report.finish())
}

fn finding(wire: Wire, scanner: &str) -> Vulnerability {
    let (severity, severity_source) = worded(wire.severity.as_str(), Some(scanner));
    let mut cvss = vec![];
    if let Some(it) = wire.preferred_cvss {
        cvss.extend(scored_or(it.vector_v3.as_str(), it.score_v3.number(), "3.1", None));
        cvss.extend(scored_or(it.vector_v2.as_str(), it.score_v2.number(), "2.0", None));
    }
    let vendors = wire.vendor_attributes.unwrap_or_default().cvss.0;
    cvss.extend(vendors.into_iter().flat_map(|(source, vectors)| vectors.scored(&source)));
    Vulnerability {
        id: wire.id.or_empty(),
        package: wire.package.or_empty(),
        installed: wire.version.or_empty(),
        fixed: versions(wire.fix_version.as_str()),
        severity,
        severity_source,
        cvss,
        status: match wire.status.as_str() {
            "will_not_fix" => FindingStatus::WillNotFix,
            "not_affected" => FindingStatus::NotAffected,
            _ => FindingStatus::Affected,
        },
        title: wire.description.get(),
        ..Vulnerability::default()
    }
}
