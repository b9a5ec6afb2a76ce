//! How a subject's tests went.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A test run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tests {
    /// `junit`, `tap` or `in-toto-test-result`.
    pub format: String,
    /// Name of the run or its first suite.
    pub name: String,
    /// Test cases, counted in the report, not as its header claims.
    pub total: u64,
    /// Cases that passed, at once or when run again.
    pub passed: u64,
    /// Cases with a failure, and none of whose reruns passed.
    pub failed: u64,
    /// Cases with an error, and what broke outside of cases: a suite, a plan that was not kept.
    pub errors: u64,
    /// Cases skipped, or not done yet (`TODO`).
    pub skipped: u64,
    /// Cases among those that passed that failed before they passed.
    #[serde(default)] // older records count none
    pub flaky: u64,
    /// Names of the first failing cases, at most 20.
    pub failing: Vec<String>,
}
