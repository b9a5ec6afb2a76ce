//! The configuration files of a subject, as the rules of other tools see them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A configuration file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfigurationFile {
    /// Its path, as the caller gave it.
    pub path: String,
    /// What it holds; a list where it holds several documents.
    pub contents: serde_json::Value,
}
