//! Verifies signatures by algorithm.

use aws_lc_rs::{hmac, signature as lc};

use super::keys::{Curve, Material};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Rs256,
    Rs384,
    Rs512,
    Ps256,
    Ps384,
    Ps512,
    Es256,
    Es384,
    Es512,
    Hs256,
    Hs384,
    Hs512,
    EdDsa,
}

impl Algorithm {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "RS256" => Self::Rs256,
            "RS384" => Self::Rs384,
            "RS512" => Self::Rs512,
            "PS256" => Self::Ps256,
            "PS384" => Self::Ps384,
            "PS512" => Self::Ps512,
            "ES256" => Self::Es256,
            "ES384" => Self::Es384,
            "ES512" => Self::Es512,
            "HS256" => Self::Hs256,
            "HS384" => Self::Hs384,
            "HS512" => Self::Hs512,
            "EdDSA" => Self::EdDsa,
            _ => return None,
        })
    }

    pub(super) fn code(self) -> Option<hmac::Algorithm> {
        match self {
            Self::Hs256 => Some(hmac::HMAC_SHA256),
            Self::Hs384 => Some(hmac::HMAC_SHA384),
            Self::Hs512 => Some(hmac::HMAC_SHA512),
            _ => None,
        }
    }

    fn rsa(self) -> Option<&'static lc::RsaParameters> {
        match self {
            Self::Rs256 => Some(&lc::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY),
            Self::Rs384 => Some(&lc::RSA_PKCS1_2048_8192_SHA384),
            Self::Rs512 => Some(&lc::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY),
            Self::Ps256 => Some(&lc::RSA_PSS_2048_8192_SHA256),
            Self::Ps384 => Some(&lc::RSA_PSS_2048_8192_SHA384),
            Self::Ps512 => Some(&lc::RSA_PSS_2048_8192_SHA512),
            _ => None,
        }
    }

    /// The curve that the algorithm is for.
    pub(super) fn curve(self) -> Option<Curve> {
        match self {
            Self::Es256 => Some(Curve::P256),
            Self::Es384 => Some(Curve::P384),
            Self::Es512 => Some(Curve::P521),
            _ => None,
        }
    }

    /// Whether a signature over a message is that of a key.
    pub(super) fn verify(self, key: &Material, message: &[u8], signature: &[u8]) -> bool {
        match key {
            Material::Elliptic { curve, .. } if self.curve() != Some(*curve) => false,
            _ => self.verify_any_curve(key, message, signature),
        }
    }

    /// The same, by whichever curve the key is on.
    pub(super) fn verify_any_curve(self, key: &Material, message: &[u8], signature: &[u8]) -> bool {
        match key {
            Material::Secret(secret) => self.code().is_some_and(|algorithm| {
                let key = hmac::Key::new(algorithm, secret);
                hmac::verify(&key, message, signature).is_ok()
            }),
            Material::Rsa { modulus, exponent, .. } => self.rsa().is_some_and(|parameters| {
                let key = lc::RsaPublicKeyComponents { n: modulus, e: exponent };
                key.verify(parameters, message, signature).is_ok()
            }),
            Material::Elliptic { curve, point, .. } => {
                self.elliptic(*curve, point, message, signature)
            }
            Material::Ed25519 { public, .. } if self == Self::EdDsa => {
                let key = lc::UnparsedPublicKey::new(&lc::ED25519, public);
                key.verify(message, signature).is_ok()
            }
            Material::Ed25519 { .. } | Material::Other => false,
        }
    }

    fn elliptic(self, curve: Curve, point: &[u8], message: &[u8], signature: &[u8]) -> bool {
        use super::der::{SEQUENCE, element, integer};
        let algorithm: &'static lc::EcdsaVerificationAlgorithm = match (curve, self) {
            (Curve::P256, Self::Es256) => &lc::ECDSA_P256_SHA256_ASN1,
            (Curve::P256, Self::Es384) => &lc::ECDSA_P256_SHA384_ASN1,
            (Curve::P256, Self::Es512) => &lc::ECDSA_P256_SHA512_ASN1,
            (Curve::P384, Self::Es256) => &lc::ECDSA_P384_SHA256_ASN1,
            (Curve::P384, Self::Es384) => &lc::ECDSA_P384_SHA384_ASN1,
            (Curve::P384, Self::Es512) => &lc::ECDSA_P384_SHA512_ASN1,
            (Curve::P521, Self::Es256) => &lc::ECDSA_P521_SHA256_ASN1,
            (Curve::P521, Self::Es384) => &lc::ECDSA_P521_SHA384_ASN1,
            (Curve::P521, Self::Es512) => &lc::ECDSA_P521_SHA512_ASN1,
            _ => return false,
        };
        // Two numbers one after the other, of any length.
        let (r, s) = signature.split_at(signature.len() / 2);
        let numbers = [integer(r), integer(s)].concat();
        let key = lc::UnparsedPublicKey::new(algorithm, point);
        key.verify(message, &element(SEQUENCE, &numbers)).is_ok()
    }
}
