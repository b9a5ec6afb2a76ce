//! The forms of a lint report: for people, for programs, for code scanning, for GitHub's checks.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use clap::ValueEnum;
use gate_rego::lint::{Check, Finding};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::output;
use crate::terminal::plain;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Form {
    /// For people
    Text,
    /// For programs
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Commands of GitHub's workflows, shown beside the lines
    Github,
}

/// `FORMAT=PATH`.
pub(super) fn target(text: &str) -> Result<(Form, PathBuf), String> {
    let wrong = || "write FORMAT=PATH, as sarif=lint.sarif".to_owned();
    let (form, path) = text.split_once('=').ok_or_else(wrong)?;
    if path.is_empty() {
        return Err(wrong());
    }
    Ok((Form::from_str(form, false)?, PathBuf::from(path)))
}

impl Form {
    pub(super) fn bytes(self, found: &[Finding]) -> Result<Vec<u8>, Failure> {
        match self {
            Self::Text => Ok(text(found).into_bytes()),
            Self::Json => output::json(&found.iter().map(one).collect::<Value>()),
            Self::Sarif => output::json(&sarif(found)),
            Self::Github => Ok(github(found).into_bytes()),
        }
    }
}

fn text(found: &[Finding]) -> String {
    let mut out = String::new();
    for finding in found {
        let (place, message) = (finding.place.to_string(), &finding.message);
        let _ = writeln!(out, "{}: {}: {}", plain(&place), finding.check.code(), plain(message));
    }
    let files: BTreeSet<&str> = found.iter().map(|finding| finding.place.path.as_str()).collect();
    let _ = match found.len() {
        0 => writeln!(out, "nothing found"),
        count => writeln!(out, "{count} found in {} files", files.len()),
    };
    out
}

fn one(finding: &Finding) -> Value {
    json!({
        "code": finding.check.code(),
        "file": finding.place.path,
        "line": finding.place.line,
        "column": finding.place.column,
        "message": finding.message,
    })
}

fn sarif(found: &[Finding]) -> Value {
    let rule = |check: &Check| json!({"id": check.code(), "shortDescription": {"text": check.description()}});
    let result = |finding: &Finding| {
        json!({
            "ruleId": finding.check.code(),
            "level": "warning",
            "message": {"text": finding.message},
            "locations": [{"physicalLocation": {
                "artifactLocation": {"uri": finding.place.path},
                "region": {
                    "startLine": finding.place.line.max(1),
                    "startColumn": finding.place.column.max(1),
                },
            }}],
        })
    };
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "gate policy lint",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": Check::ALL.iter().map(rule).collect::<Value>(),
            }},
            "results": found.iter().map(result).collect::<Value>(),
        }],
    })
}

fn github(found: &[Finding]) -> String {
    let mut out = String::new();
    for finding in found {
        let (place, code) = (&finding.place, finding.check.code());
        let file = command(&place.path).replace(':', "%3A").replace(',', "%2C");
        let (line, column, text) = (place.line, place.column, command(&finding.message));
        let _ =
            writeln!(out, "::warning file={file},line={line},col={column},title={code}::{text}");
    }
    out
}

/// Text in a workflow command: a line break would end it and begin another.
fn command(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use gate_rego::Place;

    use super::*;

    fn found() -> Vec<Finding> {
        let place = Place { path: "a,b.rego".to_owned(), line: 3, column: 2 };
        vec![Finding { check: Check::NeverFires, place, message: "no\n::error::x".to_owned() }]
    }

    #[test]
    fn a_message_cannot_be_a_command_of_its_own() {
        let expected =
            "::warning file=a%2Cb.rego,line=3,col=2,title=never-fires::no%0A::error::x\n";
        assert_eq!(github(&found()), expected);
        assert_eq!(text(&found()).lines().count(), 2);
    }

    #[test]
    fn sarif_names_the_place_and_every_rule() {
        let sarif = sarif(&found());
        let run = &sarif["runs"][0];
        let region = &run["results"][0]["locations"][0]["physicalLocation"]["region"];
        assert_eq!(region, &json!({"startLine": 3, "startColumn": 2}));
        assert_eq!(run["tool"]["driver"]["rules"].as_array().unwrap().len(), Check::ALL.len());
    }
}
