//! From what Trivy finds beside vulnerabilities (misconfigurations, secrets, licences) to findings of
//! an analysis.

use serde::Deserialize;

use super::report::severity;
use crate::facts::{AnalysisFinding, AnalysisStatus, Category};
use crate::verify::readers::wire::Text;

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Misconfiguration {
    #[serde(rename = "ID")]
    id: Text,
    #[serde(rename = "AVDID")]
    avd_id: Text,
    title: Text,
    message: Text,
    severity: Text,
    status: Text,
    cause_metadata: Cause,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Cause {
    start_line: Text,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Secret {
    #[serde(rename = "RuleID")]
    rule: Text,
    title: Text,
    severity: Text,
    start_line: Text,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Licence {
    severity: Text,
    category: Text,
    pkg_name: Text,
    file_path: Text,
    name: Text,
}

impl Misconfiguration {
    pub(super) fn finding(self, target: &str) -> AnalysisFinding {
        let status = match self.status.as_str() {
            "PASS" => AnalysisStatus::Passed,
            "EXCEPTION" => AnalysisStatus::Suppressed,
            _ => AnalysisStatus::Open,
        };
        AnalysisFinding {
            rule: self.id.or(self.avd_id).or_empty(),
            category: Category::Misconfiguration,
            message: self.message.or(self.title).or_empty(),
            line: self.cause_metadata.start_line.whole().filter(|line| *line > 0),
            status,
            ..found(self.severity.as_str(), target)
        }
    }
}

impl Secret {
    /// The match is left out: it is the secret.
    pub(super) fn finding(self, target: &str) -> AnalysisFinding {
        AnalysisFinding {
            rule: self.rule.or_empty(),
            category: Category::Secret,
            message: self.title.or_empty(),
            line: self.start_line.whole().filter(|line| *line > 0),
            ..found(self.severity.as_str(), target)
        }
    }
}

impl Licence {
    pub(super) fn finding(self, target: &str) -> AnalysisFinding {
        let package = self.pkg_name.or_empty();
        let file = self.file_path.get();
        let of = if package.is_empty() { file.clone().unwrap_or_default() } else { package };
        AnalysisFinding {
            rule: self.name.or_empty(),
            category: Category::Licence,
            message: format!("{of} is of the licence category {}", self.category.as_str()),
            ..found(self.severity.as_str(), file.as_deref().unwrap_or(target))
        }
    }
}

fn found(word: &str, file: &str) -> AnalysisFinding {
    AnalysisFinding {
        severity: severity(word),
        severity_source: Some("severity".to_owned()),
        file: Some(file.to_owned()).filter(|file| !file.is_empty()),
        ..AnalysisFinding::default()
    }
}
