//! From Conftest's results to an analysis.

use serde::Deserialize;

use super::Format;
use super::run::{push, read as reading, run as empty};
use crate::facts::{AnalysisFinding, AnalysisStatus, Category, Severity};
use crate::verify::json;
use crate::verify::readers::wire::{List, Text};

pub(super) const FORMAT: Format = Format {
    name: "conftest",
    detect: |marks| {
        marks.first().is_some_and(|first| {
            first.has("filename")
                && first.has("namespace")
                && ["successes", "failures", "warnings", "exceptions", "skipped"]
                    .iter()
                    .any(|key| first.has(key))
        })
    },
    read: |bytes| {
        let mut analysis = empty("conftest", "Conftest");
        for file in json::parse::<Vec<File>>(bytes)? {
            for (list, severity, status) in [
                (file.failures, Severity::High, AnalysisStatus::Open),
                (file.warnings, Severity::Medium, AnalysisStatus::Open),
                (file.exceptions, Severity::High, AnalysisStatus::Suppressed),
            ] {
                for outcome in list {
                    let query = outcome.metadata.query.get();
                    let found = AnalysisFinding {
                        rule: query.unwrap_or_else(|| file.namespace.as_str().to_owned()),
                        severity,
                        severity_source: Some("level".to_owned()),
                        category: Category::Misconfiguration,
                        message: outcome.msg.or_empty(),
                        file: file.filename.clone().get(),
                        status,
                        ..AnalysisFinding::default()
                    };
                    push(&mut analysis, found)?;
                }
            }
        }
        Ok(reading(vec![analysis], vec![], None))
    },
};

#[derive(Deserialize, Default)]
#[serde(default)]
struct File {
    filename: Text,
    namespace: Text,
    failures: List<Outcome>,
    warnings: List<Outcome>,
    exceptions: List<Outcome>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Outcome {
    msg: Text,
    metadata: Metadata,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Metadata {
    query: Text,
}
