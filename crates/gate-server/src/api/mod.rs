//! The HTTP API: one file an endpoint.

pub mod decisions;
pub mod evidence;
pub mod health;
pub mod promotions;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::subject::SubjectName;

/// What is asked of decisions and promotions. There is no time in it: time is the server's.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The artifact: its digest, or an image of a configured registry.
    pub subject: SubjectName,
    /// The environment that it is to be let into.
    pub environment: String,
}
