//! From Semgrep's report, or its platform's answers, to an analysis.

use serde::Deserialize;

use super::Format;
use super::run::{graded, push, read as reading, run as empty};
use crate::facts::{AnalysisFinding, AnalysisStatus, Category, Severity};
use crate::verify::json;
use crate::verify::readers::wire::{List, Text};

/// `semgrep --json`.
pub(super) const FORMAT: Format = Format {
    name: "semgrep",
    detect: |marks| {
        marks.object().is_some_and(|fields| {
            fields.is_list("results")
                && fields.is_list("errors")
                && !fields.has("metrics")
                && (fields.has_in("results", "check_id")
                    || fields.is_bare_list("results")
                        && fields.keys().all(|key| KEYS.contains(&key)))
        })
    },
    read: |bytes| {
        let document: Document = json::parse(bytes)?;
        let mut analysis = empty("semgrep", "Semgrep");
        analysis.tool_version = document.version.get();
        for result in document.results {
            push(&mut analysis, result.finding())?;
        }
        Ok(reading(vec![analysis], vec![], None))
    },
};

/// The keys of a report; one without results has these alone.
const KEYS: [&str; 8] = [
    "results",
    "errors",
    "version",
    "paths",
    "interfile_languages_used",
    "skipped_rules",
    "time",
    "engine_requested",
];

/// Findings of the platform.
pub(super) const PLATFORM: Format = Format {
    name: "semgrep-findings",
    detect: |marks| {
        marks.object().is_some_and(|fields| {
            fields.has_in("findings", "rule_name") && fields.has_in("findings", "match_based_id")
        })
    },
    read: |bytes| {
        let document: PlatformDocument = json::parse(bytes)?;
        let mut analysis = empty("semgrep-findings", "Semgrep");
        for found in document.findings {
            if analysis.target.is_empty() {
                found.repository.name.as_str().clone_into(&mut analysis.target);
            }
            push(&mut analysis, found.finding())?;
        }
        Ok(reading(vec![analysis], vec![], None))
    },
};

#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    version: Text,
    results: List<WireResult>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireResult {
    check_id: Text,
    path: Text,
    start: Position,
    extra: Extra,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Position {
    line: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Extra {
    message: Text,
    severity: Text,
    is_ignored: bool,
}

impl WireResult {
    fn finding(self) -> AnalysisFinding {
        let (severity, severity_source) = graded(self.extra.severity.as_str(), Severity::Unknown);
        let rule = self.check_id.or_empty();
        AnalysisFinding {
            severity,
            severity_source,
            category: if rule.contains("secrets.") { Category::Secret } else { Category::Code },
            rule,
            message: self.extra.message.or_empty(),
            file: self.path.get(),
            line: self.start.line.whole(),
            status: if self.extra.is_ignored {
                AnalysisStatus::Suppressed
            } else {
                AnalysisStatus::Open
            },
            ..AnalysisFinding::default()
        }
    }
}

#[derive(Deserialize)]
struct PlatformDocument {
    findings: List<Found>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Found {
    rule_name: Text,
    rule_message: Text,
    severity: Text,
    state: Text,
    triage_state: Text,
    triage_reason: Text,
    repository: Repository,
    location: Place,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Repository {
    name: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Place {
    file_path: Text,
    line: Text,
}

impl Found {
    fn finding(self) -> AnalysisFinding {
        let (severity, severity_source) = graded(self.severity.as_str(), Severity::Unknown);
        AnalysisFinding {
            rule: self.rule_name.or_empty(),
            severity,
            severity_source,
            message: self.rule_message.or_empty(),
            file: self.location.file_path.get(),
            line: self.location.line.whole(),
            status: match (self.state.as_str(), self.triage_state.as_str()) {
                ("fixed" | "removed", _) | (_, "fixed") => AnalysisStatus::Resolved,
                ("muted" | "ignored", _)
                | (_, "ignored" | "false_positive" | "acceptable_risk") => {
                    AnalysisStatus::Suppressed
                }
                _ => AnalysisStatus::Open,
            },
            status_reason: self.triage_reason.get(),
            ..AnalysisFinding::default()
        }
    }
}
