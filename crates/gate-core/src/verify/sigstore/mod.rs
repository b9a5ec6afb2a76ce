//! The one module that touches the sigstore crates: from keys, roots and bundles to who signed and when.

mod bundle;
mod claims;
mod key;
mod rejection;
mod root;

use serde::Serialize;
use sigstore_types::artifact::ArtifactDigest;
use sigstore_types::{HashAlgorithm, Sha256Hash};

pub(super) use bundle::{Bundle, Content};
pub(super) use claims::NAMES as CLAIMS;
pub(super) use key::Key;
pub(super) use root::Root;

use super::failure::Failure;
use crate::facts::Identity;
use crate::{Digest, Timestamp};

/// The trusted root of sigstore's public-good instance, as `sigstore-trust-root` embeds it.
pub const PUBLIC_GOOD_ROOT: &str = sigstore_trust_root::SIGSTORE_PRODUCTION_TRUSTED_ROOT;

/// The trusted root of GitHub's own instance, which signs attestations of private repositories: it has
/// authorities and timestamps, and neither logs nor certificate timestamps.
pub const GITHUB_ROOT: &str = sigstore_trust_root::SIGSTORE_GITHUB_TRUSTED_ROOT;

/// What a bundle's signature is to be about.
#[derive(Debug, Clone, Copy)]
pub(super) enum Artifact<'a> {
    Bytes(&'a [u8]),
    Digest(Digest),
    /// The SHA-512 of something of which no more is known: npm names packages so.
    Sha512(&'a [u8; 64]),
}

impl<'a> Artifact<'a> {
    fn wire(self) -> sigstore_types::Artifact<'a> {
        match self {
            Self::Bytes(bytes) => sigstore_types::Artifact::from_blob(bytes),
            Self::Digest(digest) => Sha256Hash::new(*digest.as_bytes()).into(),
            Self::Sha512(digest) => {
                match ArtifactDigest::new(HashAlgorithm::Sha2512, digest.as_slice()) {
                    Ok(digest) => digest.into(),
                    // 64 bytes are a SHA-512; an empty artifact would match nothing either.
                    Err(_) => sigstore_types::Artifact::from_blob(&[]),
                }
            }
        }
    }
}

/// What a root proves about a signature.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Proof {
    /// The certificate's identity; none for keys.
    pub(super) identity: Option<Identity>,
    /// The earliest proven time of the signature.
    pub(super) signed_at: Option<Timestamp>,
    /// The transparency log entries, each verified.
    pub(super) logs: Vec<Logged>,
    /// How many timestamps of authorities there are, each verified.
    pub(super) timestamps: usize,
    /// Whether a signed certificate timestamp was verified.
    pub(super) sct: bool,
    /// What the root asks for beyond what holds; then nothing of this counts.
    pub(super) unmet: Option<Failure>,
}

impl Proof {
    /// The same, or why the root's demands are not met.
    pub(super) fn met(mut self) -> Result<Self, Failure> {
        match self.unmet.take() {
            Some(failure) => Err(failure),
            None => Ok(self),
        }
    }

    /// Whether a transparency log entry was verified.
    pub(super) fn is_logged(&self) -> bool {
        !self.logs.is_empty()
    }
}

/// A verified entry of a transparency log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Logged {
    /// The log: its address in the trusted root.
    pub log: String,
    /// The entry's index in it.
    pub index: u64,
    /// Whether inclusion was proven, or only promised by the log.
    pub inclusion_proven: bool,
}
