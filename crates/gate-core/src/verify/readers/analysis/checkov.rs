//! From Checkov's report of one framework or of many to analyses.

use serde::Deserialize;

use super::Format;
use super::run::{graded, push, read as reading, run as empty};
use crate::facts::{Analysis, AnalysisFinding, AnalysisStatus, Category, Severity};
use crate::verify::failure::Failure;
use crate::verify::json;
use crate::verify::marks::Fields;
use crate::verify::readers::wire::{List, OneOrMany, Text};

pub(super) const FORMAT: Format = Format {
    name: "checkov",
    detect: |marks| {
        let report = |fields: &Fields| {
            fields.has("check_type") && fields.is_object("results")
                || fields.has("checkov_version") && fields.has("passed")
        };
        marks.object().or(marks.first()).is_some_and(report)
    },
    read: |bytes| {
        let reports: OneOrMany<Report> = json::parse(bytes)?;
        let runs = reports.0.into_iter().map(analysis).collect::<Result<_, _>>()?;
        Ok(reading(runs, vec![], None))
    },
};

#[derive(Deserialize, Default)]
#[serde(default)]
struct Report {
    check_type: Text,
    results: Results,
    summary: Summary,
    /// Where nothing was found to check, the report is its summary.
    checkov_version: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Results {
    failed_checks: List<Outcome>,
    skipped_checks: List<Outcome>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Summary {
    checkov_version: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Outcome {
    check_id: Text,
    check_name: Text,
    check_result: CheckResult,
    file_path: Text,
    file_line_range: List<u64>,
    resource: Text,
    severity: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct CheckResult {
    suppress_comment: Text,
}

fn analysis(report: Report) -> Result<Analysis, Failure> {
    let mut analysis = empty("checkov", "Checkov");
    analysis.tool_version = report.summary.checkov_version.or(report.checkov_version).get();
    analysis.target = report.check_type.or_empty();
    let category = match analysis.target.as_str() {
        "secrets" => Category::Secret,
        _ => Category::Misconfiguration,
    };
    let failed = report.results.failed_checks.into_iter().map(|it| (it, AnalysisStatus::Open));
    let skipped =
        report.results.skipped_checks.into_iter().map(|it| (it, AnalysisStatus::Suppressed));
    for (check, status) in failed.chain(skipped) {
        push(&mut analysis, AnalysisFinding { category, status, ..check.finding() })?;
    }
    Ok(analysis)
}

impl Outcome {
    /// Without the vendor's platform no check has a severity: then it is unknown.
    fn finding(self) -> AnalysisFinding {
        let (severity, severity_source) = graded(self.severity.as_str(), Severity::Unknown);
        AnalysisFinding {
            rule: self.check_id.or_empty(),
            severity,
            severity_source,
            message: match self.resource.get() {
                Some(resource) => format!("{} ({resource})", self.check_name.as_str()),
                None => self.check_name.or_empty(),
            },
            file: self.file_path.get(),
            line: self.file_line_range.0.first().copied().filter(|line| *line > 0),
            status_reason: self.check_result.suppress_comment.get(),
            ..AnalysisFinding::default()
        }
    }
}
