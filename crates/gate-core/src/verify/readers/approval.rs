//! From an approval's predicate to what its signer consents to.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Timestamp;
use crate::reason::Problem;
use crate::verify::failure::Failure;
use crate::verify::statement::Statement;

/// What an approval claims. Who approves is the verified signer, never a field of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::verify) struct Claim {
    pub(in crate::verify) environment: String,
    pub(in crate::verify) approved_at: Timestamp,
    pub(in crate::verify) expires_at: Timestamp,
    #[serde(default)]
    pub(in crate::verify) reason: Option<String>,
}

/// Reads an approval; one without an environment, time or end is none.
pub(in crate::verify) fn read(statement: &Statement<'_>) -> Result<Claim, Failure> {
    let malformed = |detail: String| Failure::new(Problem::ApprovalMalformed, detail);
    let value: Value = statement.predicate()?;
    let claim: Claim =
        serde_json::from_value(value).map_err(|error| malformed(error.to_string()))?;
    if claim.environment.is_empty() {
        return Err(malformed("`environment` is empty".to_owned()));
    }
    if claim.expires_at <= claim.approved_at {
        return Err(malformed(format!(
            "it ends at {}, not after it was given at {}",
            claim.expires_at, claim.approved_at
        )));
    }
    Ok(claim)
}
