//! What the spine needs from outside: evidence, a signature, a durable record, the time.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use gate_rego::Value;
use gate_rego::outside::Need;

use crate::Timestamp;
use crate::evidence::Collected;
use crate::reason::ErrorCode;
use crate::record::Entry;
use crate::request::Request;

/// Finds evidence and judges nothing. What is absent is absent; what cannot be told is an error.
pub trait EvidenceSource {
    /// Everything at hand about the request's subject.
    fn collect(&self, request: &Request) -> Result<Collected, GateError>;

    /// The answers to what rules asked of registries, `None` in them for what is not there. A source
    /// that asks no registry gives none at all. Signatures are judged under `root`, or the
    /// public-good instance's.
    fn inquire(
        &self,
        _needs: &BTreeSet<Need>,
        _root: Option<&[u8]>,
    ) -> Result<Option<BTreeMap<Need, Option<Value>>>, GateError> {
        Ok(None)
    }
}

/// Signs attestations.
pub trait Signer {
    /// A signature over these bytes: DER for ECDSA P-256 with SHA-256, raw for Ed25519.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, GateError>;
    /// The public key, DER SubjectPublicKeyInfo.
    fn public_key(&self) -> &[u8];
}

/// Makes a decision durable before the answer leaves.
pub trait Recorder {
    /// Appends the entry to the ledger and returns once it is on disk.
    fn record(&self, entry: Entry) -> Result<crate::record::Recorded, GateError>;
    /// Whether this subject matters to the store: a place to check, before any work, that it can write.
    fn ready(&self) -> Result<(), GateError>;
}

/// The time of day, for decisions, and a steady one, for limits.
pub trait Clock {
    /// The time of the decision.
    fn now(&self) -> Timestamp;
    /// Time since a fixed moment, never running backwards.
    fn steady(&self) -> Duration;
}

/// No verdict: something that Gate itself needs did not work.
#[derive(Debug, thiserror::Error)]
#[error("{code}: {message}")]
pub struct GateError {
    /// The stable code.
    pub code: ErrorCode,
    /// What happened, for people.
    pub message: String,
    /// What it came from.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl GateError {
    /// An error with its code and words.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), source: None }
    }

    /// The same with what it came from.
    #[must_use]
    pub fn caused_by(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.source = Some(source.into());
        self
    }
}

/// The effects of a recorded promotion.
pub struct Effects<'a> {
    /// Where evidence comes from.
    pub source: &'a dyn EvidenceSource,
    /// Who signs.
    pub signer: &'a dyn Signer,
    /// Who records.
    pub recorder: &'a dyn Recorder,
    /// What time it is.
    pub clock: &'a dyn Clock,
}
