//! From the issues of Snyk's REST interface to a scan and its findings; issues of code become those of
//! an analysis.

use serde::Deserialize;

use super::Format;
use super::report::{Report, severity, worded};
use crate::facts::{AnalysisFinding, AnalysisStatus, FindingStatus, Vulnerability};
use crate::verify::failure::Failure;
use crate::verify::json;
use crate::verify::readers::Read;
use crate::verify::readers::wire::{List, Text};

pub(super) const FORMAT: Format = Format {
    name: "snyk-issues",
    detect: |marks| {
        marks.object().is_some_and(|fields| {
            fields.has("jsonapi")
                && fields.is_list("data")
                && (fields.is_bare_list("data") || fields.has_in("data", "attributes"))
        })
    },
    read: |bytes| read(json::parse(bytes)?),
};

#[derive(Deserialize)]
struct Document {
    data: List<Issue>,
}

#[derive(Deserialize)]
struct Issue {
    attributes: Attributes,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Attributes {
    key: Text,
    title: Text,
    r#type: Text,
    status: Text,
    ignored: bool,
    effective_severity_level: Text,
    classes: List<Named>,
    problems: List<Named>,
    coordinates: List<Coordinate>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Named {
    id: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Coordinate {
    representations: List<Representation>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Representation {
    source_location: Option<Place>,
    dependency: Option<Dependency>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Place {
    file: Text,
    region: Region,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Region {
    start: Position,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Position {
    line: Text,
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
struct Dependency {
    package_name: Text,
    package_version: Text,
}

/// A page of issues does not say what was looked for: without a vulnerability among them it is no
/// clean scan.
fn read(document: Document) -> Result<Read, Failure> {
    let mut report = Report::new("snyk-issues");
    report.looked = false;
    for issue in document.data {
        let attributes = issue.attributes;
        match attributes.r#type.as_str() {
            "package_vulnerability" => report.push(vulnerability(attributes))?,
            _ => report.push_analysis(finding(attributes))?,
        }
    }
    Ok(report.finish())
}

fn vulnerability(issue: Attributes) -> Vulnerability {
    let (severity, severity_source) = worded(issue.effective_severity_level.as_str(), None);
    let representations = issue.coordinates.into_iter().flat_map(|it| it.representations);
    let dependency = representations.into_iter().find_map(|it| it.dependency).unwrap_or_default();
    Vulnerability {
        id: issue.key.or_empty(),
        aliases: issue.problems.into_iter().map(|problem| problem.id.or_empty()).collect(),
        package: dependency.package_name.or_empty(),
        installed: dependency.package_version.or_empty(),
        severity,
        severity_source,
        status: match (issue.status.as_str(), issue.ignored) {
            ("resolved", _) => FindingStatus::Resolved,
            (_, true) => FindingStatus::Ignored,
            _ => FindingStatus::Affected,
        },
        title: issue.title.get(),
        ..Vulnerability::default()
    }
}

fn finding(issue: Attributes) -> AnalysisFinding {
    let representations = issue.coordinates.into_iter().flat_map(|it| it.representations);
    let place = representations.into_iter().find_map(|it| it.source_location).unwrap_or_default();
    let class = issue.classes.into_iter().find_map(|class| class.id.get());
    AnalysisFinding {
        rule: class.or(issue.key.get()).unwrap_or_default(),
        severity: severity(issue.effective_severity_level.as_str()),
        severity_source: Some("severity".to_owned()),
        message: issue.title.or_empty(),
        file: place.file.get(),
        line: place.region.start.line.whole(),
        status: match (issue.status.as_str(), issue.ignored) {
            ("resolved", _) => AnalysisStatus::Resolved,
            (_, true) => AnalysisStatus::Suppressed,
            _ => AnalysisStatus::Open,
        },
        ..AnalysisFinding::default()
    }
}
