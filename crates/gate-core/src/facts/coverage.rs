//! How much of a subject's code its tests reached.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The coverage of a test run, counted in the report and not as its header claims.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// `cobertura`, `lcov` or `jacoco`.
    pub format: String,
    /// Name of the report, where it has one.
    pub name: Option<String>,
    /// Source files with lines that could be covered.
    pub files: u64,
    /// Lines.
    pub lines: Counted,
    /// Branches; `null` where the report counts none.
    pub branches: Option<Counted>,
}

/// How many of how many were reached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Counted {
    /// Those that the tests reached.
    pub covered: u64,
    /// All there are.
    pub total: u64,
}
