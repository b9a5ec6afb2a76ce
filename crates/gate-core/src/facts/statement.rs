//! Statements as they were signed, for rules of other tools that read them whole.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A signed statement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SignedStatement {
    /// The statement, predicate included.
    pub statement: serde_json::Value,
}
