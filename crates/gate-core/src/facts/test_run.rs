//! How a subject's tests went.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A test run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tests {
    /// `junit`.
    pub format: String,
    /// Name of the run or its first suite.
    pub name: String,
    /// Test cases, counted in the report, not as its header claims.
    pub total: u64,
    /// Cases that passed.
    pub passed: u64,
    /// Cases with a failure.
    pub failed: u64,
    /// Cases with an error.
    pub errors: u64,
    /// Cases skipped.
    pub skipped: u64,
    /// Names of the first failing cases, at most 20.
    pub failing: Vec<String>,
}
