//! From a gosec report to an analysis.

use serde::Deserialize;

use super::Format;
use super::run::{graded, push, read as reading, run as empty};
use crate::facts::{AnalysisFinding, AnalysisStatus, Severity};
use crate::verify::json;
use crate::verify::readers::wire::{List, Text};

pub(super) const FORMAT: Format = Format {
    name: "gosec",
    detect: |marks| {
        marks.object().is_some_and(|fields| fields.has("Issues") && fields.has_in("Stats", "files"))
    },
    read: |bytes| {
        let document: Document = json::parse(bytes)?;
        let mut analysis = empty("gosec", "gosec");
        analysis.tool_version = document.version.get();
        for issue in document.issues {
            let (severity, severity_source) = graded(issue.severity.as_str(), Severity::Unknown);
            let suppressed = issue.nosec || !issue.suppressions.0.is_empty();
            let reason = issue.suppressions.into_iter().find_map(|it| it.justification.get());
            // A finding over several lines is written `3-5`.
            let line = issue.line.as_str().split('-').next().and_then(|line| line.parse().ok());
            let found = AnalysisFinding {
                rule: issue.rule_id.or_empty(),
                severity,
                severity_source,
                message: issue.details.or_empty(),
                file: issue.file.get(),
                line,
                status: if suppressed { AnalysisStatus::Suppressed } else { AnalysisStatus::Open },
                status_reason: reason,
                ..AnalysisFinding::default()
            };
            push(&mut analysis, found)?;
        }
        Ok(reading(vec![analysis], vec![], None))
    },
};

#[derive(Deserialize)]
struct Document {
    #[serde(default, rename = "GosecVersion")]
    version: Text,
    #[serde(rename = "Issues")]
    issues: List<Issue>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Issue {
    severity: Text,
    rule_id: Text,
    details: Text,
    file: Text,
    line: Text,
    nosec: bool,
    suppressions: List<Suppression>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Suppression {
    justification: Text,
}
