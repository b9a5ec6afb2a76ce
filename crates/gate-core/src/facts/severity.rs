//! How grave a finding is, in the words that every scanner's and analyser's own are mapped to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How grave a finding is. The order is that of gravity, `unknown` lowest: rules that tolerate
/// severities name those that they tolerate, and `unknown` is tolerated where it is named.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The report does not say, or in a word that Gate does not know.
    #[default]
    Unknown,
    /// Negligible, unimportant, informational.
    Negligible,
    /// Low.
    Low,
    /// Medium or moderate.
    Medium,
    /// High or important.
    High,
    /// Critical.
    Critical,
}

impl Severity {
    /// Every severity, the gravest first.
    pub const ALL: [Self; 6] =
        [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Negligible, Self::Unknown];

    /// The word in documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Negligible => "negligible",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}
