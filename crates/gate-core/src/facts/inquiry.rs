//! What rules asked of registries and what these answered, so that a replay finds it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A call of a rule with its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Inquiry {
    /// The builtin function.
    pub function: String,
    /// Its operands.
    pub operands: Vec<serde_json::Value>,
    /// Whether there is an answer: what is not there has none.
    pub defined: bool,
    /// The answer; `null` without one.
    pub answer: serde_json::Value,
}
