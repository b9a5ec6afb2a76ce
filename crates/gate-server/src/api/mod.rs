//! The HTTP API: one file an endpoint.

pub mod decisions;
pub mod evidence;
pub mod health;
pub mod promotions;

use gate_core::Digest;
use schemars::JsonSchema;
use serde::Deserialize;

/// What is asked of decisions and promotions. There is no time in it: time is the server's.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Digest of the artifact.
    pub subject: Digest,
    /// The environment that it is to be let into.
    pub environment: String,
}
