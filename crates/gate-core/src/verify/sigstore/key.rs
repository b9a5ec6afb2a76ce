//! From a PEM public key to signatures that are its own.

use sigstore_crypto::{SigningScheme, VerificationKey};
use sigstore_types::{DerPublicKey, Sha256Hash, SignatureBytes};

use super::Artifact;
use crate::Digest;

/// A public key that verifies signatures.
pub(in crate::verify) struct Key {
    pub(super) spki: DerPublicKey,
    verifier: VerificationKey,
}

/// Equal where the keys are, however their SubjectPublicKeyInfo is written.
impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.verifier.scheme() == other.verifier.scheme()
            && self.verifier.as_bytes() == other.verifier.as_bytes()
    }
}

impl Key {
    /// Reads a PEM public key (SubjectPublicKeyInfo): P-256, P-384, Ed25519 or RSA.
    pub(in crate::verify) fn from_pem(text: &str) -> Result<Self, String> {
        if text.matches("-----BEGIN ").count() > 1 {
            return Err("holds more than one PEM block: write one public key".to_owned());
        }
        let spki = DerPublicKey::from_pem(text.trim()).map_err(|error| error.to_string())?;
        let verifier = VerificationKey::from_spki(&spki).map_err(|error| error.to_string())?;
        sigstore_crypto::validate_raw_public_key(verifier.scheme(), verifier.as_bytes())
            .map_err(|error| error.to_string())?;
        Ok(Self { spki, verifier })
    }

    /// Whether the signature over the message is this key's.
    pub(in crate::verify) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.forms(signature).iter().any(|form| self.verifier.verify(message, form).is_ok())
    }

    /// Whether the signature over a file is this key's: over its bytes where they are at hand, else
    /// over its digest, which only ECDSA P-256 and RSA allow.
    pub(super) fn verifies_artifact(&self, artifact: Artifact<'_>, signature: &[u8]) -> bool {
        match artifact {
            Artifact::Bytes(bytes) => self.verifies(bytes, signature),
            Artifact::Digest(digest) => self
                .forms(signature)
                .iter()
                .any(|form| self.verifier.verify_prehashed(digest.as_bytes(), form).is_ok()),
            Artifact::Sha512(_) => false,
        }
    }

    /// Whether a hint or key id names this key. It only words messages: both are unauthenticated,
    /// and their form differs between issuers.
    pub(in crate::verify) fn is_hinted(&self, hint: &str) -> bool {
        let digest = Digest::of(self.spki.as_bytes());
        let base64 = Sha256Hash::new(*digest.as_bytes()).to_base64();
        !hint.is_empty() && (hint == base64 || hint.eq_ignore_ascii_case(&digest.to_hex()))
    }

    /// Whether this kind of key can verify a file of which only the digest is known.
    pub(in crate::verify) fn works_on_digests(&self) -> bool {
        matches!(
            self.verifier.scheme(),
            SigningScheme::EcdsaP256Sha256 | SigningScheme::RsaPkcs1Sha256
        )
    }

    /// The signature as it came and, for ECDSA, read as raw r||s: the form of DSSE's own test
    /// vector and of Google's attestations.
    fn forms(&self, signature: &[u8]) -> Vec<SignatureBytes> {
        let half = match self.verifier.scheme() {
            SigningScheme::EcdsaP256Sha256 => 32,
            SigningScheme::EcdsaP384Sha384 => 48,
            _ => 0,
        };
        let mut forms = vec![SignatureBytes::from_bytes(signature)];
        if half > 0 && signature.len() == 2 * half {
            let (r, s) = signature.split_at(half);
            forms.push(SignatureBytes::new(der_signature(r, s)));
        }
        forms
    }
}

/// A DER `SEQUENCE { INTEGER r, INTEGER s }` (RFC 3279); both are far below 128 bytes.
fn der_signature(r: &[u8], s: &[u8]) -> Vec<u8> {
    let integer = |value: &[u8]| {
        let zeros = value.iter().take_while(|byte| **byte == 0).count();
        let mut digits = value[zeros.min(value.len().saturating_sub(1))..].to_vec();
        if digits.first().is_some_and(|byte| byte & 0x80 != 0) {
            digits.insert(0, 0);
        }
        let mut out = vec![0x02, u8::try_from(digits.len()).unwrap_or(0)];
        out.append(&mut digits);
        out
    };
    let body = [integer(r), integer(s)].concat();
    let mut out = vec![0x30, u8::try_from(body.len()).unwrap_or(0)];
    out.extend(body);
    out
}
