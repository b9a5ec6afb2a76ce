//! From GitLab's report of code quality (Code Climate's issues) to an analysis.

use serde::Deserialize;

use super::Format;
use super::run::{graded, push, read as reading, run as empty};
use crate::facts::{AnalysisFinding, Severity};
use crate::verify::json;
use crate::verify::readers::wire::Text;

pub(super) const FORMAT: Format = Format {
    name: "code-quality",
    detect: |marks| {
        marks.first().is_some_and(|first| {
            first.has("fingerprint") && first.has("description") && first.has_in("location", "path")
        })
    },
    read: |bytes| {
        let mut analysis = empty("code-quality", "code-quality");
        for issue in json::parse::<Vec<Issue>>(bytes)? {
            let (severity, severity_source) = graded(issue.severity.as_str(), Severity::Unknown);
            let Place { path, lines, positions } = issue.location;
            let found = AnalysisFinding {
                rule: issue.check_name.or_empty(),
                severity,
                severity_source,
                message: issue.description.or_empty(),
                file: path.get(),
                line: lines.begin.or(positions.begin.line).whole().filter(|line| *line > 0),
                ..AnalysisFinding::default()
            };
            push(&mut analysis, found)?;
        }
        Ok(reading(vec![analysis], vec![], None))
    },
};

#[derive(Deserialize, Default)]
#[serde(default)]
struct Issue {
    check_name: Text,
    description: Text,
    severity: Text,
    location: Place,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Place {
    path: Text,
    lines: Lines,
    positions: Positions,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Lines {
    begin: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Positions {
    begin: Position,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Position {
    line: Text,
}
