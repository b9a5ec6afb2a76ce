//! Attest: a decision as a signed SLSA verification summary, and any statement as a signed bundle.

mod dsse;
mod key;
mod statement;
mod vsa;

#[cfg(test)]
mod tests;

pub use dsse::{AttestationError, pae, verify_attestation};
pub use key::{PublicKey, PublicKeyError};
pub use statement::{DigestSet, STATEMENT_TYPE, Statement, Subject};
pub use vsa::{DECISION_FIELD, DecisionReference, POLICY_PASSED, Summary};

use crate::decision::Decision;
use crate::effects::{GateError, Signer};
use crate::environment::Environment;
use crate::facts::Facts;
use crate::reason::ErrorCode;
use crate::{Digest, canonical, predicates};

/// A signed attestation, in the two forms that consumers ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attestation {
    /// The sigstore bundle v0.3, RFC 8785 JSON: what is recorded.
    pub bundle: Vec<u8>,
    /// The DSSE envelope in it, RFC 8785 JSON.
    pub envelope: Vec<u8>,
}

/// Signs the decision (`id` is its digest) as a SLSA verification summary.
///
/// A decision that failed or that the mode overrode is signed too: its result says so. Errors are
/// `sign-failed`.
pub fn attest(
    decision: &Decision,
    id: Digest,
    facts: &Facts,
    environment: &Environment,
    signer: &dyn Signer,
) -> Result<Attestation, GateError> {
    let summary = Summary::new(decision, id, facts.document(), environment.document());
    let predicate = serde_json::to_value(&summary).map_err(|error| {
        GateError::new(ErrorCode::Internal, "the summary is no JSON").caused_by(error)
    })?;
    let subject = Subject::by_sha256(decision.subject.digest);
    sign_statement(&Statement::new(subject, predicates::SLSA_VSA, predicate), signer)
}

/// Signs a statement and wraps it as a plain envelope and as a sigstore bundle without a log entry.
///
/// Errors are `sign-failed`.
pub fn sign_statement(
    statement: &Statement,
    signer: &dyn Signer,
) -> Result<Attestation, GateError> {
    let failed =
        |error| GateError::new(ErrorCode::SignFailed, "the statement has no JSON").caused_by(error);
    let payload = canonical::to_vec(statement).map_err(failed)?;
    let signature = signer.sign(&pae(dsse::PAYLOAD_TYPE, &payload))?;
    let envelope = dsse::Envelope::signed(&payload, &signature);
    let bundle = dsse::Bundle::around(envelope.clone(), signer.public_key());
    Ok(Attestation {
        bundle: canonical::to_vec(&bundle).map_err(failed)?,
        envelope: canonical::to_vec(&envelope).map_err(failed)?,
    })
}
