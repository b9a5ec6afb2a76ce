//! From Semgrep's answers about dependencies to a scan and its findings.

use serde::Deserialize;

use super::Format;
use super::purl;
use super::report::{Report, worded};
use crate::facts::{FindingStatus, Vulnerability};
use crate::verify::json;
use crate::verify::readers::wire::{List, Text};

pub(super) const FORMAT: Format = Format {
    name: "semgrep-supply-chain",
    detect: |marks| {
        marks.object().is_some_and(|fields| {
            fields.is_list("vulns") && (fields.has_in("vulns", "advisory") || fields.has("hasMore"))
        })
    },
    read: |bytes| {
        let document: Document = json::parse(bytes)?;
        let mut report = Report::new("semgrep-supply-chain");
        for found in document.vulns {
            if report.target.is_empty() {
                found.repository_name.as_str().clone_into(&mut report.target);
            }
            report.push(found.finding())?;
        }
        Ok(report.finish())
    },
};

#[derive(Deserialize)]
struct Document {
    vulns: List<Found>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Found {
    advisory: Advisory,
    matched_dependency: Dependency,
    closest_safe_dependency: Dependency,
    dependency_file_location: Place,
    exposure_type: Text,
    triage: Triage,
    repository_name: Text,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Advisory {
    rule_id: Text,
    title: Text,
    ecosystem: Text,
    severity: Text,
    references: References,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct References {
    cve_ids: List<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Dependency {
    name: Text,
    version_specifier: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Place {
    path: Text,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Triage {
    status: Text,
    dismiss_reason: Text,
}

impl Found {
    fn finding(self) -> Vulnerability {
        let (severity, severity_source) = worded(self.advisory.severity.as_str(), None);
        let package = self.matched_dependency.name.or_empty();
        let installed = self.matched_dependency.version_specifier.or_empty();
        let (status, status_reason) =
            match (self.triage.status.as_str(), self.exposure_type.as_str()) {
                ("FIXED", _) => (FindingStatus::Resolved, None),
                ("IGNORED" | "DISMISSED", _) => {
                    (FindingStatus::Ignored, self.triage.dismiss_reason.get())
                }
                (_, "UNREACHABLE") => (
                    FindingStatus::NotAffected,
                    Some("the scanner found that the vulnerable code is not reached".to_owned()),
                ),
                _ => (FindingStatus::Affected, None),
            };
        Vulnerability {
            id: self.advisory.rule_id.or_empty(),
            aliases: self.advisory.references.cve_ids.0,
            purl: purl::of(self.advisory.ecosystem.as_str(), &package, &installed),
            package,
            installed,
            fixed: vec![self.closest_safe_dependency.version_specifier.or_empty()],
            severity,
            severity_source,
            status,
            status_reason,
            title: self.advisory.title.get(),
            locations: vec![self.dependency_file_location.path.or_empty()],
            ..Vulnerability::default()
        }
    }
}
