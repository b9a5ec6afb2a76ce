//! From a change's predicate to its commit, authors and committer.

use serde::{Deserialize, Serialize};

use super::provenance::commit_id;
use crate::verify::failure::Failure;
use crate::verify::statement::Statement;

/// What a change statement claims.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::verify) struct Claim {
    pub(in crate::verify) commit: String,
    #[serde(default)]
    pub(in crate::verify) repository: Option<String>,
    pub(in crate::verify) authors: Vec<String>,
    #[serde(default)]
    pub(in crate::verify) committer: Option<String>,
}

/// Reads a change; one without a commit or without authors is none.
pub(in crate::verify) fn read(statement: &Statement<'_>) -> Result<Claim, Failure> {
    let mut claim: Claim = statement.predicate()?;
    claim.commit = commit_id(&claim.commit)
        .ok_or_else(|| Failure::malformed(format!("`{}` is no full commit id", claim.commit)))?;
    if claim.authors.is_empty() {
        return Err(Failure::malformed("`authors` is empty"));
    }
    let mut names = claim.authors.iter().chain(&claim.committer);
    if names.any(|name| name.trim().is_empty()) {
        return Err(Failure::malformed("an author or the committer is empty"));
    }
    Ok(claim)
}
