//! A public key as verifiers are given it: PEM or DER SubjectPublicKeyInfo.

use sigstore_crypto::{SigningScheme, VerificationKey};
use sigstore_types::{DerPublicKey, SignatureBytes};

use crate::Digest;

/// A public key that checks signatures: ECDSA P-256 with SHA-256 (DER) or Ed25519 (raw).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    spki: DerPublicKey,
}

/// The text or bytes are no public key that Gate uses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PublicKeyError {
    /// No PEM block named `PUBLIC KEY`.
    #[error("no PEM block `PUBLIC KEY` is here")]
    NotPem,
    /// The bytes are no SubjectPublicKeyInfo of a usable kind.
    #[error("the public key is neither P-256 nor Ed25519")]
    Kind,
}

impl PublicKey {
    /// The key in a PEM block `PUBLIC KEY`.
    pub fn from_pem(text: &str) -> Result<Self, PublicKeyError> {
        let der = DerPublicKey::from_pem(text).map_err(|_| PublicKeyError::NotPem)?;
        Self::from_der(der.as_bytes())
    }

    /// The key in a DER SubjectPublicKeyInfo.
    pub fn from_der(spki: &[u8]) -> Result<Self, PublicKeyError> {
        let spki = DerPublicKey::from(spki.to_vec());
        let key = VerificationKey::from_spki(&spki).map_err(|_| PublicKeyError::Kind)?;
        match key.scheme() {
            SigningScheme::EcdsaP256Sha256 | SigningScheme::Ed25519 => Ok(Self { spki }),
            _ => Err(PublicKeyError::Kind),
        }
    }

    /// Whether the key made this signature over these bytes.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let signature = SignatureBytes::from(signature.to_vec());
        VerificationKey::from_spki(&self.spki)
            .is_ok_and(|key| key.verify(message, &signature).is_ok())
    }

    /// The DER SubjectPublicKeyInfo.
    pub fn spki(&self) -> &[u8] {
        self.spki.as_bytes()
    }

    /// The key as a PEM block `PUBLIC KEY`.
    pub fn to_pem(&self) -> String {
        let config = pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF);
        pem::encode_config(&pem::Pem::new("PUBLIC KEY", self.spki()), config)
    }

    /// SHA-256 of the DER SubjectPublicKeyInfo, the hint of bundles.
    pub fn hint(&self) -> Digest {
        Digest::of(self.spki())
    }
}
