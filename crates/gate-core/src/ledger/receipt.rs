//! The check of a receipt without the gate: decision, attestation and place in the ledger.

use super::{TlogProof, TlogProofError, VerifierKey};
use crate::attest::{AttestationError, PublicKey, Statement, Summary, verify_attestation};
use crate::canonical::{self, CanonicalError};
use crate::decision::Decision;
use crate::record::{Leaf, Receipt};
use crate::{Digest, limits, predicates};

/// The version of the receipt's form.
const VERSION: u32 = 1;

/// Why a receipt is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum ReceiptError {
    /// More bytes than Gate reads.
    #[error("the receipt exceeds {} bytes", limits::BUNDLE_BYTES)]
    TooLarge,
    /// The bytes are no receipt.
    #[error("this is no receipt")]
    Form(#[source] serde_json::Error),
    /// A form that this Gate does not know.
    #[error("the receipt is of form {0}, not {VERSION}")]
    Version(u32),
    /// A part has no canonical form.
    #[error("a part of the receipt has no canonical form")]
    Canonical(#[from] CanonicalError),
    /// The leaf is no leaf.
    #[error("the receipt's leaf cannot be read")]
    Leaf(#[source] serde_json::Error),
    /// The decision was changed: its digest is not the receipt's id.
    #[error("the decision has digest {found}, not the receipt's id {expected}")]
    Decision {
        /// The receipt's id.
        expected: Digest,
        /// The digest of the decision in it.
        found: Digest,
    },
    /// The leaf is of another decision, attestation, facts or policy than the receipt holds.
    #[error("the leaf names another {part}: {found}, not {expected}")]
    LeafNames {
        /// Which part.
        part: &'static str,
        /// The digest of the part in the receipt.
        expected: Digest,
        /// What the leaf names.
        found: String,
    },
    /// The attestation is not accepted.
    #[error("the attestation is not accepted")]
    Attestation(#[from] AttestationError),
    /// The signed summary is none that Gate writes.
    #[error("the attestation is no verification summary of Gate")]
    Summary(#[source] serde_json::Error),
    /// The attestation, though signed, is about something else than the decision.
    #[error("the attestation differs from the decision in its {0}")]
    Other(&'static str),
    /// The proof is not accepted.
    #[error("the proof is not accepted")]
    Proof(#[from] TlogProofError),
}

/// Checks all that a receipt claims and returns it.
///
/// Both keys come from the verifier: a key that lies in the receipt would prove nothing.
pub fn verify_receipt(
    bytes: &[u8],
    attestation_key: &PublicKey,
    ledger_key: &VerifierKey,
) -> Result<Receipt, ReceiptError> {
    if bytes.len() > limits::BUNDLE_BYTES {
        return Err(ReceiptError::TooLarge);
    }
    let receipt: Receipt = serde_json::from_slice(bytes).map_err(ReceiptError::Form)?;
    if receipt.version != VERSION {
        return Err(ReceiptError::Version(receipt.version));
    }
    let (_, found) = receipt.decision.canonical()?;
    if found != receipt.id {
        return Err(ReceiptError::Decision { expected: receipt.id, found });
    }
    let (bundle, bundle_digest) = canonical::with_digest(&receipt.attestation)?;
    let leaf: Leaf = serde_json::from_value(receipt.leaf.clone()).map_err(ReceiptError::Leaf)?;
    check_leaf(&leaf, &receipt, bundle_digest)?;
    check_summary(&verify_attestation(&bundle, attestation_key)?, &receipt.decision, receipt.id)?;
    let proof: TlogProof = receipt.proof.parse()?;
    proof.verify(&canonical::to_vec(&leaf)?, ledger_key)?;
    Ok(receipt)
}

fn check_leaf(leaf: &Leaf, receipt: &Receipt, bundle: Digest) -> Result<(), ReceiptError> {
    let named = [
        ("decision", receipt.id, Some(leaf.decision)),
        ("attestation", bundle, leaf.attestation),
        ("facts", receipt.decision.facts, Some(leaf.facts)),
        ("policy", receipt.decision.policy, Some(leaf.policy)),
    ];
    for (part, expected, found) in named {
        if found != Some(expected) {
            let found = found.map_or_else(|| "none".to_owned(), |digest| digest.to_string());
            return Err(ReceiptError::LeafNames { part, expected, found });
        }
    }
    Ok(())
}

/// An attestation of another decision by the same key must not pass for this one's.
fn check_summary(
    statement: &Statement,
    decision: &Decision,
    id: Digest,
) -> Result<(), ReceiptError> {
    let other = |differs: bool, part| if differs { Err(ReceiptError::Other(part)) } else { Ok(()) };
    other(statement.predicate_type != predicates::SLSA_VSA, "predicate type")?;
    other(!statement.names(decision.subject.digest), "subject")?;
    let summary: Summary =
        serde_json::from_value(statement.predicate.clone()).map_err(ReceiptError::Summary)?;
    other(summary.decision.id != id, "decision id")?;
    other(summary.decision.environment != decision.environment, "environment")?;
    other(summary.decision.verdict != decision.verdict, "verdict")?;
    other(summary.decision.would_deny != decision.would_deny, "would_deny")?;
    other(summary.time_verified != decision.now, "time")?;
    other(summary.policy.digest.get("sha256") != Some(&decision.policy.to_hex()), "policy")?;
    other(summary.verification_result != Summary::result(decision), "result")
}
