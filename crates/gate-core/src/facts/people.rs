//! What people said of a subject, and who made it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// An approval that counts. Those that do not are failed facts with their reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Approval {
    /// The person, from configuration, that the signer is mapped to.
    pub person: String,
    /// When it was given.
    pub approved_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Why, in the approver's words.
    pub reason: Option<String>,
}

/// Who made the change that the subject was built from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// Commit.
    pub commit: String,
    /// Repository, where the statement says.
    pub repository: Option<String>,
    /// Authors as the statement names them.
    pub authors: Vec<String>,
    /// Committer as the statement names them.
    pub committer: Option<String>,
    /// The persons of the configuration that these are, committer included.
    pub people: Vec<String>,
}
