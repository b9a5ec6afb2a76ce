//! From a Hadolint report to an analysis.

use serde::Deserialize;

use super::Format;
use super::run::{graded, push, read as reading, run as empty};
use crate::facts::{AnalysisFinding, Category, Severity};
use crate::verify::json;
use crate::verify::readers::wire::Text;

pub(super) const FORMAT: Format = Format {
    name: "hadolint",
    detect: |marks| {
        marks.first().is_some_and(|first| {
            ["code", "line", "level", "message", "file"].iter().all(|key| first.has(key))
        })
    },
    read: |bytes| {
        let mut analysis = empty("hadolint", "Hadolint");
        for found in json::parse::<Vec<Found>>(bytes)? {
            let (severity, severity_source) = graded(found.level.as_str(), Severity::Unknown);
            let found = AnalysisFinding {
                rule: found.code.or_empty(),
                severity,
                severity_source,
                category: Category::Misconfiguration,
                message: found.message.or_empty(),
                file: found.file.get(),
                line: found.line.whole(),
                ..AnalysisFinding::default()
            };
            push(&mut analysis, found)?;
        }
        Ok(reading(vec![analysis], vec![], None))
    },
};

#[derive(Deserialize, Default)]
#[serde(default)]
struct Found {
    code: Text,
    level: Text,
    message: Text,
    file: Text,
    line: Text,
}
