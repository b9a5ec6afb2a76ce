//! From the occurrences of Google's Artifact Analysis to a scan and its findings.

use serde::Deserialize;

use super::Format;
use super::purl;
use super::report::{Report, scored_or, worded};
use crate::facts::Vulnerability;
use crate::verify::failure::Failure;
use crate::verify::json;
use crate::verify::readers::Read;
use crate::verify::readers::wire::{List, Members, Text, is_array, pinned};

pub(super) const FORMAT: Format = Format {
    name: "artifact-analysis",
    detect: |marks| {
        let object = marks.object().is_some_and(|fields| {
            fields.has("image_summary")
                && (fields.has("package_vulnerability_summary") || fields.has("discovery_summary"))
        });
        object
            || marks.first().is_some_and(|first| {
                first.has("noteName") && first.has_in("vulnerability", "packageIssue")
            })
    },
    read: |bytes| {
        if is_array(bytes) {
            read_list(json::parse(bytes)?)
        } else {
            read_summary(json::parse(bytes)?)
        }
    },
};

#[derive(Deserialize, Default)]
#[serde(default)]
struct Document {
    #[serde(rename = "discovery_summary")]
    discoveries: Discoveries,
    #[serde(rename = "image_summary")]
    image: Image,
    #[serde(rename = "package_vulnerability_summary")]
    packages: PackageSummary,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Discoveries {
    discovery: List<Discovered>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Discovered {
    discovery: Discovery,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Discovery {
    analysis_status: Text,
    last_scan_time: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Image {
    digest: Text,
    fully_qualified_digest: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct PackageSummary {
    vulnerabilities: Members<List<Occurrence>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Occurrence {
    note_name: Text,
    resource_uri: Text,
    vulnerability: Wire,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Wire {
    short_description: Text,
    effective_severity: Text,
    severity: Text,
    cvss_score: Text,
    cvss_version: Text,
    long_description: Text,
    package_issue: List<Issue>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Issue {
    affected_package: Text,
    affected_version: Version,
    fixed_version: Version,
    package_type: Text,
    file_location: List<FileLocation>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Version {
    full_name: Text,
    kind: Text,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct FileLocation {
    file_path: Text,
}

fn read_summary(document: Document) -> Result<Read, Failure> {
    let mut report = Report::new("artifact-analysis");
    for discovery in document.discoveries.discovery.into_iter().map(|it| it.discovery) {
        let status = discovery.analysis_status.as_str();
        if !matches!(status, "" | "FINISHED_SUCCESS" | "COMPLETE") {
            let detail = format!("the scan is not done: its status is `{status}`");
            return Err(Failure::malformed(detail));
        }
        report.scanned_at = report.scanned_at.max(discovery.last_scan_time.instant());
    }
    let Image { digest, fully_qualified_digest } = document.image;
    report.names.extend(digest.as_str().parse::<crate::Digest>().ok());
    report.target = fully_qualified_digest.or_empty();
    for (severity, list) in document.packages.vulnerabilities.0 {
        occurrences(&mut report, list.0, &severity)?;
    }
    Ok(report.finish())
}

fn read_list(list: Vec<Occurrence>) -> Result<Read, Failure> {
    let mut report = Report::new("artifact-analysis");
    occurrences(&mut report, list, "")?;
    Ok(report.finish())
}

fn occurrences(report: &mut Report, list: Vec<Occurrence>, group: &str) -> Result<(), Failure> {
    for occurrence in list {
        report.names.extend(pinned(occurrence.resource_uri.as_str()));
        add(report, occurrence, group)?;
    }
    report.names.sort_unstable();
    report.names.dedup();
    Ok(())
}

fn add(report: &mut Report, occurrence: Occurrence, group: &str) -> Result<(), Failure> {
    let Occurrence { note_name, vulnerability: wire, .. } = occurrence;
    let word = [wire.effective_severity.as_str(), wire.severity.as_str(), group]
        .into_iter()
        .find(|word| !word.is_empty())
        .unwrap_or_default();
    let (severity, severity_source) = worded(word, None);
    let id = note_name.as_str().rsplit('/').next().filter(|id| !id.is_empty());
    let version = if wire.cvss_version.as_str().ends_with('2') { "2.0" } else { "3.1" };
    let vector = wire.long_description.as_str().rsplit_once("NIST vectors: ").map_or("", |it| it.1);
    let cvss = scored_or(vector, wire.cvss_score.number(), version, None);
    let common = Vulnerability {
        id: id.unwrap_or(wire.short_description.as_str()).to_owned(),
        severity,
        severity_source,
        cvss: cvss.into_iter().collect(),
        ..Vulnerability::default()
    };
    if wire.package_issue.0.is_empty() {
        return report.push(common);
    }
    for issue in wire.package_issue {
        let package = issue.affected_package.or_empty();
        let installed = issue.affected_version.full_name.or_empty();
        // Without a fix the version is the greatest that there is.
        let fixed = issue.fixed_version;
        let fixed = fixed.full_name.get().filter(|_| fixed.kind.as_str() != "MAXIMUM");
        report.push(Vulnerability {
            purl: purl::of(issue.package_type.as_str(), &package, &installed),
            package,
            installed,
            fixed: fixed.into_iter().collect(),
            locations: issue.file_location.into_iter().map(|it| it.file_path.or_empty()).collect(),
            ..common.clone()
        })?;
    }
    Ok(())
}
