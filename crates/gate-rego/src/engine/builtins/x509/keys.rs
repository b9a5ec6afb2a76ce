//! Public keys, and signatures that they verify.

use aws_lc_rs::signature as lc;
use num_bigint::BigInt;

use super::der::{INTEGER, OBJECT_ID, Reader, object_id};
use super::shape::{bytes, number, object};
use crate::engine::value::Value;

/// A public key.
pub(super) enum PublicKey<'a> {
    /// The whole key in its own form, and its numbers.
    Rsa {
        whole: &'a [u8],
        modulus: BigInt,
        exponent: BigInt,
    },
    Elliptic {
        curve: Curve,
        point: &'a [u8],
    },
    Edwards(&'a [u8]),
    /// Of a kind that Go does not know either.
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Curve {
    P256,
    P384,
    P521,
}

impl Curve {
    pub(super) fn read(content: &[u8]) -> Option<Self> {
        match object_id(content)?.as_slice() {
            [1, 2, 840, 10045, 3, 1, 7] => Some(Self::P256),
            [1, 3, 132, 0, 34] => Some(Self::P384),
            [1, 3, 132, 0, 35] => Some(Self::P521),
            _ => None,
        }
    }

    /// The bytes of a coordinate.
    pub(super) fn size(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

/// The coordinates of a point, which is uncompressed.
pub(super) fn coordinates(curve: Curve, point: &[u8]) -> Option<(BigInt, BigInt)> {
    let (x, y) = point.strip_prefix(&[4])?.split_at_checked(curve.size())?;
    let number = |bytes| BigInt::from_bytes_be(num_bigint::Sign::Plus, bytes);
    (y.len() == curve.size()).then(|| (number(x), number(y)))
}

impl<'a> PublicKey<'a> {
    /// Reads the information about a key; the error is what is wrong with it.
    pub(super) fn read(info: &'a [u8]) -> Result<Self, &'static str> {
        let fields = || {
            let mut fields = Reader(info).sequence()?;
            let mut algorithm = fields.sequence()?;
            let kind = object_id(algorithm.take(OBJECT_ID)?)?;
            Some((kind, algorithm, fields.whole_bits()?))
        };
        let (kind, mut parameters, key) = fields().ok_or("x509: malformed spki")?;
        match kind.as_slice() {
            [1, 2, 840, 113_549, 1, 1, 1] => {
                let numbers = || {
                    let mut numbers = Reader(key).sequence()?;
                    Some((numbers.integer()?, numbers.integer()?))
                };
                let (modulus, exponent) = numbers().ok_or("x509: invalid RSA public key")?;
                let positive = modulus > BigInt::ZERO && exponent > BigInt::ZERO;
                if !positive || parameters.0 != [5, 0] {
                    return Err("x509: invalid RSA public key");
                }
                Ok(Self::Rsa { whole: key, modulus, exponent })
            }
            [1, 2, 840, 10045, 2, 1] => {
                let curve = parameters.take(OBJECT_ID).and_then(Curve::read);
                let curve = curve.ok_or("x509: unsupported elliptic curve")?;
                coordinates(curve, key).ok_or("x509: failed to unmarshal elliptic curve point")?;
                Ok(Self::Elliptic { curve, point: key })
            }
            [1, 3, 101, 112] if !parameters.is_empty() => {
                Err("x509: Ed25519 key encoded with illegal parameters")
            }
            [1, 3, 101, 112] if key.len() != 32 => Err("x509: wrong Ed25519 public key size"),
            [1, 3, 101, 112] => Ok(Self::Edwards(key)),
            [1, 2, 840, 10040, 4, 1] => Err("x509: DSA keys are not supported"),
            _ => Ok(Self::Unknown),
        }
    }

    /// Go's number of the kind.
    pub(super) fn algorithm(&self) -> i64 {
        match self {
            Self::Rsa { .. } => 1,
            Self::Elliptic { .. } => 3,
            Self::Edwards(_) => 4,
            Self::Unknown => 0,
        }
    }

    pub(super) fn value(&self) -> Value {
        match self {
            Self::Rsa { modulus, exponent, .. } => {
                object([("E", number(exponent)), ("N", number(modulus))])
            }
            Self::Elliptic { curve, point } => {
                let Some((x, y)) = coordinates(*curve, point) else { return Value::Null };
                object([("Curve", Value::object(Vec::new())), ("X", number(&x)), ("Y", number(&y))])
            }
            Self::Edwards(key) => bytes(key),
            Self::Unknown => Value::Null,
        }
    }

    /// Whether this key made a signature. Hashes that are broken make none.
    pub(super) fn signed(&self, algorithm: i64, message: &[u8], signature: &[u8]) -> bool {
        let verify = |algorithm: &'static dyn lc::VerificationAlgorithm, key: &[u8]| {
            lc::UnparsedPublicKey::new(algorithm, key).verify(message, signature).is_ok()
        };
        match self {
            Self::Rsa { whole, .. } => match algorithm {
                4 => verify(&lc::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, whole),
                5 => verify(&lc::RSA_PKCS1_2048_8192_SHA384, whole),
                6 => verify(&lc::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY, whole),
                13 => verify(&lc::RSA_PSS_2048_8192_SHA256, whole),
                14 => verify(&lc::RSA_PSS_2048_8192_SHA384, whole),
                15 => verify(&lc::RSA_PSS_2048_8192_SHA512, whole),
                _ => false,
            },
            Self::Elliptic { curve, point } => match (curve, algorithm) {
                (Curve::P256, 10) => verify(&lc::ECDSA_P256_SHA256_ASN1, point),
                (Curve::P256, 11) => verify(&lc::ECDSA_P256_SHA384_ASN1, point),
                (Curve::P384, 10) => verify(&lc::ECDSA_P384_SHA256_ASN1, point),
                (Curve::P384, 11) => verify(&lc::ECDSA_P384_SHA384_ASN1, point),
                (Curve::P384, 12) => verify(&lc::ECDSA_P384_SHA512_ASN1, point),
                (Curve::P521, 10) => verify(&lc::ECDSA_P521_SHA256_ASN1, point),
                (Curve::P521, 11) => verify(&lc::ECDSA_P521_SHA384_ASN1, point),
                (Curve::P521, 12) => verify(&lc::ECDSA_P521_SHA512_ASN1, point),
                _ => false,
            },
            Self::Edwards(key) => algorithm == 16 && verify(&lc::ED25519, key),
            Self::Unknown => false,
        }
    }
}

/// Go's number of a signature's algorithm, 0 for those that it does not know.
pub(super) fn signature_algorithm(mut identifier: Reader) -> Option<i64> {
    let id = object_id(identifier.take(OBJECT_ID)?)?;
    Some(match id.as_slice() {
        [1, 2, 840, 113_549, 1, 1, 4] => 2,
        [1, 2, 840, 113_549, 1, 1, 5] | [1, 3, 14, 3, 2, 29] => 3,
        [1, 2, 840, 113_549, 1, 1, 11] => 4,
        [1, 2, 840, 113_549, 1, 1, 12] => 5,
        [1, 2, 840, 113_549, 1, 1, 13] => 6,
        [1, 2, 840, 113_549, 1, 1, 10] => pss(identifier).unwrap_or(0),
        [1, 2, 840, 10040, 4, 3] => 7,
        [2, 16, 840, 1, 101, 3, 4, 3, 2] => 8,
        [1, 2, 840, 10045, 4, 1] => 9,
        [1, 2, 840, 10045, 4, 3, 2] => 10,
        [1, 2, 840, 10045, 4, 3, 3] => 11,
        [1, 2, 840, 10045, 4, 3, 4] => 12,
        // Parameters must be absent.
        [1, 3, 101, 112] if identifier.is_empty() => 16,
        _ => 0,
    })
}

/// The padding of RFC 4055, where hash, mask and salt fit each other.
fn pss(mut identifier: Reader) -> Option<i64> {
    let mut parameters = identifier.sequence()?;
    let mut field = |tag| parameters.take(super::der::context(tag, true)).map(Reader);
    let (mut hash, mut mask, mut salt) = (field(0)?, field(1)?, field(2)?);
    let hash = object_id(hash.sequence()?.take(OBJECT_ID)?)?;
    let mut mask = mask.sequence()?;
    if object_id(mask.take(OBJECT_ID)?)?.as_slice() != [1, 2, 840, 113_549, 1, 1, 8]
        || object_id(mask.sequence()?.take(OBJECT_ID)?)? != hash
    {
        return None;
    }
    let salt = salt.take(INTEGER)?;
    match (hash.as_slice(), salt) {
        ([2, 16, 840, 1, 101, 3, 4, 2, 1], [32]) => Some(13),
        ([2, 16, 840, 1, 101, 3, 4, 2, 2], [48]) => Some(14),
        ([2, 16, 840, 1, 101, 3, 4, 2, 3], [64]) => Some(15),
        _ => None,
    }
}
