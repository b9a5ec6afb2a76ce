//! From a Gitleaks report to an analysis. The secrets themselves are not read.

use serde::Deserialize;

use super::Format;
use super::run::{push, read as reading, run as empty};
use crate::facts::{AnalysisFinding, Category, Severity};
use crate::verify::json;
use crate::verify::readers::wire::Text;

/// A report without a finding is `[]`, which is a report of many tools: it is told by none.
pub(super) const FORMAT: Format = Format {
    name: "gitleaks",
    detect: |marks| {
        marks.first().is_some_and(|first| {
            first.has("RuleID") && (first.has("Secret") || first.has("Match"))
                || first.has("offender") && first.has("rule") && first.has("commit")
        })
    },
    read: |bytes| {
        let mut analysis = empty("gitleaks", "Gitleaks");
        for found in json::parse::<Vec<Found>>(bytes)? {
            push(&mut analysis, found.finding())?;
        }
        Ok(reading(vec![analysis], vec![], None))
    },
};

/// A finding of version 8, or of version 7 in lower case.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Found {
    #[serde(rename = "RuleID")]
    rule_id: Text,
    #[serde(rename = "rule")]
    rule: Text,
    #[serde(rename = "Description")]
    description: Text,
    #[serde(rename = "File")]
    path: Text,
    file: Text,
    #[serde(rename = "StartLine")]
    start_line: Text,
    #[serde(rename = "lineNumber")]
    line_number: Text,
    #[serde(rename = "Commit")]
    in_commit: Text,
    commit: Text,
}

impl Found {
    fn finding(self) -> AnalysisFinding {
        let commit = self.in_commit.or(self.commit);
        let what = self.description.get().unwrap_or_else(|| self.rule.as_str().to_owned());
        AnalysisFinding {
            rule: self.rule_id.or(self.rule).or_empty(),
            // A secret that is out is out: the tool grades none.
            severity: Severity::High,
            severity_source: Some("default".to_owned()),
            category: Category::Secret,
            message: match commit.as_str() {
                "" => what,
                commit => format!("{what} (commit {commit})"),
            },
            file: self.path.or(self.file).get(),
            line: self.start_line.or(self.line_number).whole().filter(|line| *line > 0),
            ..AnalysisFinding::default()
        }
    }
}
