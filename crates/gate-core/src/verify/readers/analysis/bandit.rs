//! From a Bandit report to an analysis.

use serde::Deserialize;

use super::Format;
use super::run::{graded, push, read as reading, run as empty};
use crate::facts::{AnalysisFinding, Severity};
use crate::verify::json;
use crate::verify::readers::wire::{List, Text};

pub(super) const FORMAT: Format = Format {
    name: "bandit",
    detect: |marks| {
        marks.object().is_some_and(|fields| {
            fields.is_list("results") && fields.has_in("metrics", "_totals") && fields.has("errors")
        })
    },
    read: |bytes| {
        let document: Document = json::parse(bytes)?;
        let mut analysis = empty("bandit", "Bandit");
        analysis.analysed_at = document.generated_at.instant();
        for result in document.results {
            let (severity, severity_source) =
                graded(result.issue_severity.as_str(), Severity::Unknown);
            let found = AnalysisFinding {
                rule: result.test_id.or_empty(),
                severity,
                severity_source,
                message: result.issue_text.or_empty(),
                file: result.filename.get(),
                line: result.line_number.whole(),
                ..AnalysisFinding::default()
            };
            push(&mut analysis, found)?;
        }
        Ok(reading(vec![analysis], vec![], None))
    },
};

#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    generated_at: Text,
    results: List<WireResult>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireResult {
    test_id: Text,
    filename: Text,
    line_number: Text,
    issue_severity: Text,
    issue_text: Text,
}
