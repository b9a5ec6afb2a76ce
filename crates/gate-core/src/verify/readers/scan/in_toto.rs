//! From in-toto's vulnerability predicate to a scan and its findings. Its result is a list of
//! vulnerabilities without packages, or, as some tools write it, the scanner's own report.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Format;
use super::report::{Report, scored, worded};
use crate::evidence::Kind;
use crate::facts::{Severity, Vulnerability};
use crate::verify::failure::Failure;
use crate::verify::json;
use crate::verify::readers::wire::{List, Text};
use crate::verify::readers::{Read, Reading, embedded};

/// The predicate by itself, as `trivy --format cosign-vuln` writes it.
pub(super) const FORMAT: Format = Format {
    name: "vuln-predicate",
    detect: |marks| {
        marks
            .object()
            .is_some_and(|fields| fields.has_in("scanner", "result") && fields.has("metadata"))
    },
    read: |bytes| read(json::parse(bytes)?),
};

#[derive(Deserialize)]
pub(in crate::verify::readers) struct Predicate<'a> {
    #[serde(borrow)]
    scanner: Scanner<'a>,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Deserialize)]
struct Scanner<'a> {
    #[serde(default)]
    uri: Text,
    #[serde(default)]
    version: Text,
    #[serde(borrow)]
    result: &'a RawValue,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Metadata {
    scan_started_on: Text,
    scan_finished_on: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Wire {
    id: Text,
    /// Version 0.1 nests the id.
    vulnerability: Option<Named>,
    severity: List<Rated>,
    annotations: List<std::collections::BTreeMap<String, serde_json::Value>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Named {
    id: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Rated {
    method: Text,
    score: Text,
}

/// Reads a predicate of either version, or cosign's, which is alike but for its result.
pub(in crate::verify::readers) fn read(predicate: Predicate<'_>) -> Result<Read, Failure> {
    let Predicate { scanner, metadata } = predicate;
    let scanned_at = metadata.scan_finished_on.instant().or(metadata.scan_started_on.instant());
    let result = scanner.result.get();
    if result.trim_start().starts_with('[') && is_list(result) {
        let mut report = Report::new("in-toto-vulns");
        report.scanned_at = scanned_at;
        report.scanner_version = scanner.version.get();
        report.target = scanner.uri.or_empty();
        for wire in json::parse::<Vec<Wire>>(result.as_bytes())? {
            report.push(wire.finding())?;
        }
        return Ok(report.finish());
    }
    let mut read = embedded(Kind::Scan, result.as_bytes())?;
    if let Reading::Scan { scan, .. } = &mut read.reading {
        scan.scanned_at = scan.scanned_at.or(scanned_at);
    }
    Ok(read)
}

/// Whether these are the predicate's own findings, and no report that is an array.
fn is_list(result: &str) -> bool {
    #[derive(Deserialize)]
    struct First {
        id: Option<serde::de::IgnoredAny>,
        vulnerability: Option<serde::de::IgnoredAny>,
    }
    serde_json::from_str::<Vec<First>>(result)
        .is_ok_and(|list| list.iter().all(|it| it.id.is_some() || it.vulnerability.is_some()))
}

impl Wire {
    fn finding(self) -> Vulnerability {
        let cvss =
            self.severity.0.iter().filter_map(|it| scored(it.score.as_str(), source(it))).collect();
        let words = self.severity.0.iter().filter_map(|it| {
            let (severity, source) = worded(it.score.as_str(), source(it));
            (severity != Severity::Unknown).then_some((severity, source))
        });
        let numbers = self.severity.0.iter().filter_map(numbered);
        let (severity, severity_source) =
            words.chain(numbers).max().unwrap_or((Severity::Unknown, None));
        let annotation = |key: &str| {
            let values = self.annotations.0.iter().filter_map(|map| map.get(key)?.as_str());
            values.map(str::to_owned).next()
        };
        Vulnerability {
            id: self.id.or(self.vulnerability.unwrap_or_default().id).or_empty(),
            package: annotation("package").unwrap_or_default(),
            purl: annotation("purl"),
            severity,
            severity_source,
            cvss,
            ..Vulnerability::default()
        }
    }
}

fn source(rated: &Rated) -> Option<&str> {
    Some(rated.method.as_str()).filter(|method| !method.is_empty())
}

/// The rating of a score that is written as a number.
fn numbered(rated: &Rated) -> Option<(Severity, Option<String>)> {
    let score = rated.score.number().filter(|score| (0.0..=10.0).contains(score))?;
    let version = if rated.method.as_str().to_lowercase().contains("v2") { "2.0" } else { "3.1" };
    Some((crate::cvss::rating(version, score), source(rated).map(str::to_owned)))
}
