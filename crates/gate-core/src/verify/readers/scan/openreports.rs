//! From a report object of Kubernetes (OpenReports, PolicyReport), or a list of them, to a scan and its
//! findings; results of policies become findings of an analysis.

use serde::Deserialize;

use super::Format;
use super::report::{Report, severity, worded};
use crate::facts::{AnalysisFinding, AnalysisStatus, Category, FindingStatus, Vulnerability};
use crate::verify::failure::Failure;
use crate::verify::json;
use crate::verify::marks::{Fields, Marks};
use crate::verify::readers::Read;
use crate::verify::readers::wire::{List, Members, Text};

pub(super) const FORMAT: Format = Format {
    name: "openreports",
    detect: |marks| is_report(marks) || marks.object().is_some_and(is_list),
    read: |bytes| read(json::parse(bytes)?),
};

fn is_report(marks: &Marks<'_>) -> bool {
    marks.text("apiVersion").is_some_and(|version| {
        version.starts_with("openreports.io/") || version.starts_with("wgpolicyk8s.io/")
    })
}

fn is_list(fields: &Fields) -> bool {
    fields.has("apiVersion")
        && fields.has_in("items", "summary")
        && (fields.has_in("items", "results") || fields.has_in("items", "scope"))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Document {
    items: List<Document>,
    metadata: Metadata,
    scope: Option<Scope>,
    results: List<Outcome>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Metadata {
    name: Text,
    namespace: Text,
    creation_timestamp: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Scope {
    kind: Text,
    name: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Outcome {
    category: Text,
    policy: Text,
    rule: Text,
    message: Text,
    description: Text,
    result: Text,
    severity: Text,
    source: Text,
    properties: Members<Text>,
}

impl Outcome {
    fn property(&self, key: &str) -> String {
        self.properties.0.get(key).cloned().unwrap_or_default().or_empty()
    }

    fn is_vulnerability(&self) -> bool {
        self.category.as_str().to_lowercase().contains("vulnerability")
            || self.properties.0.contains_key("pkgName")
    }
}

/// A report without results does not say what was looked for, so it is no clean scan.
fn read(document: Document) -> Result<Read, Failure> {
    let mut report = Report::new("openreports");
    report.looked = false;
    add(&mut report, document)?;
    Ok(report.finish())
}

fn add(report: &mut Report, document: Document) -> Result<(), Failure> {
    for item in document.items {
        add(report, item)?;
    }
    let scope = document.scope.unwrap_or_default();
    let of = format!(
        "{}/{}/{}",
        document.metadata.namespace.as_str(),
        scope.kind.as_str(),
        scope.name.or(document.metadata.name).as_str()
    );
    report.scanned_at = report.scanned_at.max(document.metadata.creation_timestamp.instant());
    for outcome in document.results {
        if report.target.is_empty() {
            report.target.clone_from(&of);
        }
        if outcome.is_vulnerability() {
            report.push(vulnerability(outcome, &of))?;
        } else {
            report.push_analysis(finding(outcome, &of))?;
        }
    }
    Ok(())
}

fn vulnerability(outcome: Outcome, of: &str) -> Vulnerability {
    let (severity, severity_source) =
        worded(outcome.severity.as_str(), Some(outcome.source.as_str()));
    Vulnerability {
        package: outcome.property("pkgName"),
        installed: outcome.property("installedVersion"),
        fixed: vec![outcome.property("fixedVersion")],
        severity,
        severity_source,
        status: match outcome.result.as_str() {
            "skip" => FindingStatus::Ignored,
            _ => FindingStatus::Affected,
        },
        id: outcome.policy.or(outcome.rule).or_empty(),
        title: outcome.message.or(outcome.description).get(),
        locations: vec![of.to_owned()],
        ..Vulnerability::default()
    }
}

fn finding(outcome: Outcome, of: &str) -> AnalysisFinding {
    AnalysisFinding {
        severity: severity(outcome.severity.as_str()),
        severity_source: Some("severity".to_owned()),
        category: Category::Misconfiguration,
        status: match outcome.result.as_str() {
            "pass" => AnalysisStatus::Passed,
            "skip" => AnalysisStatus::Suppressed,
            _ => AnalysisStatus::Open,
        },
        rule: outcome.policy.or(outcome.rule).or_empty(),
        message: outcome.message.or(outcome.description).or_empty(),
        file: Some(of.to_owned()),
        ..AnalysisFinding::default()
    }
}
