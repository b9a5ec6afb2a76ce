//! The one module that touches the sigstore crates: from keys, roots and bundles to who signed and when.

mod bundle;
mod key;
mod rejection;

use sigstore_trust_root::TrustedRoot;
use sigstore_types::Sha256Hash;
use sigstore_verify::{
    PublicKeyVerificationPolicy, VerificationPolicy, VerificationResult, Verifier,
};

pub(super) use bundle::{Bundle, Content};
pub(super) use key::Key;

use super::failure::Failure;
use crate::facts::Identity;
use crate::reason::Problem;
use crate::{Digest, Timestamp};

/// The trusted root of sigstore's public-good instance, as `sigstore-trust-root` embeds it.
pub const PUBLIC_GOOD_ROOT: &str = sigstore_trust_root::SIGSTORE_PRODUCTION_TRUSTED_ROOT;

/// What a bundle's signature is to be about.
#[derive(Debug, Clone, Copy)]
pub(super) enum Artifact<'a> {
    Bytes(&'a [u8]),
    Digest(Digest),
}

impl<'a> Artifact<'a> {
    fn wire(self) -> sigstore_types::Artifact<'a> {
        match self {
            Self::Bytes(bytes) => sigstore_types::Artifact::from_blob(bytes),
            Self::Digest(digest) => Sha256Hash::new(*digest.as_bytes()).into(),
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
    /// Whether a transparency log entry was verified.
    pub(super) logged: bool,
}

/// A trusted root, ready to verify.
pub(super) struct Root(Verifier);

impl Root {
    /// Loads a trusted root; malformed, duplicate or unsupported material is refused here, not
    /// at the first signature.
    pub(super) fn from_json(bytes: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
        let root = TrustedRoot::from_json(text).map_err(|error| error.to_string())?;
        Verifier::new(&root).map(Self).map_err(|error| error.to_string())
    }

    /// Verifies a bundle that was signed with a certificate: chain, SCT, log, time and signature.
    /// Whose identity it is may be anybody's: the caller compares it.
    pub(super) fn certified(
        &self,
        bundle: &Bundle,
        artifact: Artifact<'_>,
    ) -> Result<Proof, Failure> {
        bundle.refuse_unprovable()?;
        let policy = VerificationPolicy::any_identity();
        let result =
            self.0.verify(artifact.wire(), &bundle.0, &policy).map_err(|e| rejection::of(&e))?;
        let held = result.certificate_verified() && result.sct_verified() && result.tlog_verified();
        let (Some(subject), Some(issuer), true) = (result.identity(), result.issuer(), held) else {
            return Err(Failure::new(
                Problem::CertificateInvalid,
                "the certificate names no e-mail address or URI, or no issuer",
            ));
        };
        let identity = Identity { subject: subject.as_str().to_owned(), issuer: issuer.to_owned() };
        Ok(Proof { identity: Some(identity), signed_at: earliest(&result), logged: true })
    }

    /// Verifies a bundle that was signed with this key, and its log entries or timestamps: one of
    /// them must be there, and each that is there must verify.
    pub(super) fn keyed(
        &self,
        bundle: &Bundle,
        key: &Key,
        artifact: Artifact<'_>,
    ) -> Result<Proof, Failure> {
        bundle.refuse_unprovable()?;
        let logged = !bundle.0.verification_material.tlog_entries.is_empty();
        let policy = PublicKeyVerificationPolicy::new(key.spki.clone());
        // Without an entry there is nothing to skip: what remains asked for is the timestamp.
        let policy = if logged { policy } else { policy.skip_tlog_unsafe() };
        let result =
            self.0.verify(artifact.wire(), &bundle.0, &policy).map_err(|e| rejection::of(&e))?;
        if !logged && result.verified_timestamps().is_empty() {
            return Err(Failure::new(
                Problem::SigningTimeUnproven,
                "the bundle has neither a log entry nor a timestamp",
            ));
        }
        Ok(Proof { identity: None, signed_at: earliest(&result), logged })
    }
}

/// To the second, as logs tell time; the crates' instants are of another version of jiff.
fn earliest(result: &VerificationResult) -> Option<Timestamp> {
    let seconds = result.verified_timestamps().iter().map(|time| time.as_second()).min()?;
    Timestamp::from_second(seconds)
}
