//! What analysers of code, configuration and secrets said of a subject or its source.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Severity;
use crate::Timestamp;

/// One analyser's run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Analysis {
    /// The report's format: `sarif`, `sonarqube-webhook`, `checkov`, `gitleaks`, `trivy`, ...
    pub format: String,
    /// The analyser.
    pub tool: String,
    /// Its version, where the report says.
    pub tool_version: Option<String>,
    /// When it ran, where the report says.
    pub analysed_at: Option<Timestamp>,
    /// What it looked at, in its own words.
    pub target: String,
    /// The commit that it looked at, where the report says.
    pub revision: Option<String>,
    /// Whether the analysis itself ended well, where the report says: a run that failed found nothing
    /// because it did not look.
    pub successful: Option<bool>,
    /// The analyser's own verdict, where it has one.
    pub quality_gate: Option<QualityGate>,
    /// What it found, in the report's order.
    pub findings: Vec<AnalysisFinding>,
}

/// An analyser's own verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QualityGate {
    /// Its name, where the report says.
    pub name: Option<String>,
    /// The verdict: `none` is no verdict, and never `ok`.
    pub status: GateStatus,
    /// What was measured.
    pub conditions: Vec<GateCondition>,
}

/// The word of a quality gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GateStatus {
    /// Passed.
    Ok,
    /// Passed with warnings (older servers).
    Warn,
    /// Failed.
    Error,
    /// Nothing was measured, or no gate is set.
    None,
}

/// One condition of a quality gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GateCondition {
    /// What is measured.
    pub metric: String,
    /// How it went.
    pub status: GateStatus,
    /// How value and threshold are compared.
    pub operator: Option<String>,
    /// The threshold.
    pub threshold: Option<String>,
    /// What was measured; `null` where nothing was.
    pub value: Option<String>,
}

/// One finding of an analyser.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnalysisFinding {
    /// The rule that found it.
    pub rule: String,
    /// How grave it is.
    pub severity: Severity,
    /// What the severity is taken from: `security-severity`, `level`, `severity`, or `default` where
    /// the report says nothing and the format's own default counts.
    pub severity_source: Option<String>,
    /// What kind of finding it is.
    pub category: Category,
    /// What was found, in the analyser's words. Secrets are never in it.
    pub message: String,
    /// The file, in the analyser's words.
    pub file: Option<String>,
    /// The first line.
    pub line: Option<u64>,
    /// How it stands.
    pub status: AnalysisStatus,
    /// Why it was set aside, where the report says.
    pub status_reason: Option<String>,
    /// Beside an earlier run.
    pub baseline: Option<Baseline>,
}

/// What kind of finding it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// Of code, or of anything that the report does not tell apart.
    #[default]
    Code,
    /// A configuration that is not safe.
    Misconfiguration,
    /// A secret in a file.
    Secret,
    /// A licence.
    Licence,
}

/// How a finding stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AnalysisStatus {
    /// Found, and nobody set it aside.
    #[default]
    Open,
    /// Set aside in the code, in the analyser's configuration or by a person in its platform.
    Suppressed,
    /// Found earlier, and no more.
    Resolved,
    /// The rule looked and found nothing wrong, or does not apply.
    Passed,
}

/// A finding beside an earlier run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Baseline {
    /// It was not there.
    New,
    /// It was there.
    Unchanged,
    /// It was there in another form.
    Updated,
    /// It was there and is no more.
    Absent,
}
