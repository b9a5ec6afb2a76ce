//! What is recorded of a promotion and what comes back: leaf, entry, receipt.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Digest;
use crate::canonical::{self, CanonicalError};
use crate::decision::Decision;
use crate::evidence::Origin;
use crate::request::Asker;

/// Evidence of a decision: its bytes by digest, and where they came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedEvidence {
    /// Digest of the bytes.
    pub digest: Digest,
    /// Where they came from.
    pub origin: Origin,
}

/// One leaf of the ledger: everything behind a decision, by digest. Its RFC 8785 bytes are what the
/// Merkle tree holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leaf {
    /// Version of this form: 1.
    pub version: u32,
    /// The decision document.
    pub decision: Digest,
    /// The attestation's bytes.
    pub attestation: Option<Digest>,
    /// The facts document.
    pub facts: Digest,
    /// The evidence, sorted by digest.
    pub evidence: Vec<RecordedEvidence>,
    /// The subject's manifest and configuration, where they were at hand.
    pub manifest: Option<Digest>,
    /// The image's configuration.
    pub config: Option<Digest>,
    /// The policy manifest.
    pub policy: Digest,
    /// The policy modules.
    pub modules: Digest,
    /// The rule data.
    pub data: Digest,
    /// The effective configuration of the environment.
    pub configuration: Digest,
    /// The trusted roots and feeds in use, sorted.
    pub roots: Vec<Digest>,
    /// Who asked.
    pub asker: Asker,
    /// Version of Gate.
    pub gate: String,
}

/// Bytes by digest.
#[derive(Debug, Clone)]
pub struct Blob {
    /// Their digest.
    pub digest: Digest,
    /// The bytes.
    pub bytes: Arc<[u8]>,
}

impl Blob {
    /// A blob from its bytes.
    pub fn new(bytes: impl Into<Arc<[u8]>>) -> Self {
        let bytes = bytes.into();
        Self { digest: Digest::of(&bytes), bytes }
    }

    /// A value's RFC 8785 form.
    pub(crate) fn canonical<T: Serialize>(value: &T) -> Result<Self, CanonicalError> {
        Ok(Self::new(canonical::to_vec(value)?))
    }
}

/// What the recorder makes durable in one piece.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The leaf.
    pub leaf: Leaf,
    /// The decision, for look-ups.
    pub decision: Decision,
    /// Every blob that the leaf names.
    pub blobs: Vec<Blob>,
}

/// Where an entry stands in the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Index of the leaf.
    pub index: u64,
    /// Its RFC 8785 bytes.
    pub leaf: Vec<u8>,
    /// The proof of inclusion, in C2SP tlog-proof form, with the signed checkpoint.
    pub proof: String,
}

/// What the caller of a promotion gets back. It verifies without the gate: see `gate verify receipt`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// Version of this form: 1.
    pub version: u32,
    /// The decision's id.
    pub id: Digest,
    /// The decision.
    pub decision: Decision,
    /// The signed attestation: a sigstore bundle v0.3.
    pub attestation: serde_json::Value,
    /// The leaf of the ledger, as recorded.
    pub leaf: serde_json::Value,
    /// Its place, proof of inclusion and checkpoint (C2SP tlog-proof).
    pub proof: String,
}
