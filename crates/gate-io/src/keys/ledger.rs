//! The ledger's own key: Ed25519, named by the ledger's origin.

use std::path::Path;

use gate_core::effects::{GateError, Signer};
use gate_core::ledger::VerifierKey;

use super::{KeyFile, KeyKind, invalid};

/// A key that signs checkpoints. It is another than the one that signs attestations: who may say
/// "this was decided" need not be able to rewrite what was recorded.
#[derive(Debug)]
pub struct LedgerKey {
    key: KeyFile,
    verifier: VerifierKey,
}

impl LedgerKey {
    /// Reads an Ed25519 key file and names it by the ledger's origin. Errors are `key-invalid`.
    pub fn load(path: &Path, origin: &str) -> Result<Self, GateError> {
        let key = KeyFile::load(path)?;
        let public = key.ed25519().ok_or_else(|| {
            invalid(path, &format!("a ledger key must be {}, not {}", KeyKind::Ed25519, key.kind()))
        })?;
        let verifier = VerifierKey::ed25519(origin, public).map_err(|error| {
            invalid(path, "the ledger's origin is no key name").caused_by(error)
        })?;
        Ok(Self { key, verifier })
    }

    /// The public half, which verifiers are given: its text is the `--ledger-key`.
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }
}

impl Signer for LedgerKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, GateError> {
        self.key.sign(message)
    }

    fn public_key(&self) -> &[u8] {
        self.key.public_key()
    }
}
