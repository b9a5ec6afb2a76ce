//! Private keys, as Go's values and as JSON Web Keys.

use aws_lc_rs::signature::{self as lc, KeyPair as _};
use num_bigint::BigInt;

use super::der::{OBJECT_ID, OCTET_STRING, Reader, context, object_id};
use super::keys::{Curve, PublicKey, coordinates};
use super::pem;
use super::shape::{bytes, number, object};
use crate::engine::builtins::encoding::base64;
use crate::engine::builtins::{BuiltinError, Context};
use crate::engine::value::Value;

/// The most bits of a number of a key: what is done with keys grows with the cube of it.
const BITS: u64 = 8_192;

pub(super) enum PrivateKey {
    Rsa(Box<Rsa>),
    Elliptic {
        curve: Curve,
        secret: BigInt,
        x: BigInt,
        y: BigInt,
    },
    /// The seed, then the public key.
    Edwards {
        seed: Vec<u8>,
        public: Vec<u8>,
    },
}

pub(super) struct Rsa {
    modulus: BigInt,
    exponent: BigInt,
    secret: BigInt,
    primes: [BigInt; 2],
}

fn failed(message: &str) -> BuiltinError {
    BuiltinError::evaluation(message)
}

/// The keys of a text's blocks; blocks of other kinds are passed over.
pub(super) fn keys(context: &mut Context, text: &str) -> Result<Vec<PrivateKey>, BuiltinError> {
    let mut keys = Vec::new();
    let mut rest = text;
    while let Some((block, behind)) = pem::block(rest) {
        rest = behind;
        let key = match block.kind {
            "RSA PRIVATE KEY" => rsa(&block.content),
            "PRIVATE KEY" => wrapped(&block.content),
            "EC PRIVATE KEY" => elliptic(&block.content, None),
            _ => continue,
        };
        // Checking the numbers of a key is worth some hundred thousand bytes of reading.
        context.work(block.content.len().saturating_mul(500))?;
        keys.push(key?);
    }
    Ok(keys)
}

/// A key of PKCS #1.
pub(super) fn rsa(der: &[u8]) -> Result<PrivateKey, BuiltinError> {
    let read = || {
        let mut fields = Reader(der).sequence()?;
        let version = fields.integer()?;
        let mut next = || fields.integer().filter(|number| *number > BigInt::ZERO);
        let (modulus, exponent, secret) = (next()?, next()?, next()?);
        let primes = [next()?, next()?];
        (version == BigInt::ZERO).then_some(Rsa { modulus, exponent, secret, primes })
    };
    let key = read().ok_or_else(|| failed("x509: failed to parse private key"))?;
    if key.modulus.bits() > BITS || key.exponent.bits() > 64 || key.secret.bits() > BITS {
        return Err(BuiltinError::limit("private key is too big"));
    }
    if !key.is_consistent() {
        return Err(failed("crypto/rsa: invalid private key"));
    }
    Ok(PrivateKey::Rsa(Box::new(key)))
}

impl Rsa {
    fn is_consistent(&self) -> bool {
        let one = BigInt::from(1);
        let [p, q] = &self.primes;
        let inverts = |prime: &BigInt| {
            *prime > one
                && (&self.secret * &self.exponent) % (prime - &one) == one.clone() % (prime - &one)
        };
        p * q == self.modulus && inverts(p) && inverts(q) && p != q
    }

    /// The secret modulo each prime less one, and the second prime's inverse modulo the first.
    fn precomputed(&self) -> [BigInt; 3] {
        let [p, q] = &self.primes;
        let less_one = |prime: &BigInt| prime - BigInt::from(1);
        let inverse = q.modinv(p).unwrap_or_default();
        [&self.secret % less_one(p), &self.secret % less_one(q), inverse]
    }
}

/// A key of SEC 1, on a curve that it names or that stands around it.
pub(super) fn elliptic(der: &[u8], curve: Option<Curve>) -> Result<PrivateKey, BuiltinError> {
    let read = || {
        let mut fields = Reader(der).sequence()?;
        let version = fields.integer()?;
        let secret = fields.take(OCTET_STRING)?;
        let named = match fields.optional(context(0, true))? {
            Some(content) => Some(Reader(content).take(OBJECT_ID)?),
            None => None,
        };
        (version == BigInt::from(1)).then_some((secret, named))
    };
    let (secret, named) = read().ok_or_else(|| failed("x509: failed to parse EC private key"))?;
    let curve = curve.or_else(|| named.and_then(Curve::read));
    let curve = curve.ok_or_else(|| failed("x509: unknown elliptic curve"))?;
    point(curve, secret).ok_or_else(|| failed("x509: invalid elliptic curve private key value"))
}

fn point(curve: Curve, secret: &[u8]) -> Option<PrivateKey> {
    let zeros = secret.len().saturating_sub(curve.size());
    let (above, secret) = secret.split_at(zeros);
    if above.iter().any(|byte| *byte != 0) {
        return None;
    }
    let mut padded = vec![0; curve.size() - secret.len()];
    padded.extend_from_slice(secret);
    let (algorithm, id): (_, &[u8]) = match curve {
        Curve::P256 => {
            (&lc::ECDSA_P256_SHA256_ASN1_SIGNING, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7])
        }
        Curve::P384 => (&lc::ECDSA_P384_SHA384_ASN1_SIGNING, &[0x2b, 0x81, 4, 0, 0x22]),
        Curve::P521 => (&lc::ECDSA_P521_SHA512_ASN1_SIGNING, &[0x2b, 0x81, 4, 0, 0x23]),
    };
    let pair = lc::EcdsaKeyPair::from_private_key_der(algorithm, &sec1(&padded, id)).ok()?;
    let (x, y) = coordinates(curve, pair.public_key().as_ref())?;
    let secret = BigInt::from_bytes_be(num_bigint::Sign::Plus, &padded);
    Some(PrivateKey::Elliptic { curve, secret, x, y })
}

/// The form of SEC 1, without the public key.
fn sec1(secret: &[u8], curve: &[u8]) -> Vec<u8> {
    let element = |tag: u8, parts: &[&[u8]]| {
        let content = parts.concat();
        // Nothing here is as long as a hundred bytes.
        let mut bytes = vec![tag, u8::try_from(content.len()).unwrap_or(0x7f)];
        bytes.extend(content);
        bytes
    };
    let id = element(OBJECT_ID, &[curve]);
    let named = element(context(0, true), &[&id]);
    element(super::der::SEQUENCE, &[&[2, 1, 1], &element(OCTET_STRING, &[secret]), &named])
}

/// A key of PKCS #8.
pub(super) fn wrapped(der: &[u8]) -> Result<PrivateKey, BuiltinError> {
    let read = || {
        let mut fields = Reader(der).sequence()?;
        fields.integer()?;
        let mut algorithm = fields.sequence()?;
        let id = object_id(algorithm.take(OBJECT_ID)?)?;
        Some((id, algorithm, fields.take(OCTET_STRING)?))
    };
    let (id, mut parameters, key) =
        read().ok_or_else(|| failed("x509: failed to parse private key"))?;
    match id.as_slice() {
        [1, 2, 840, 113_549, 1, 1, 1] => rsa(key),
        [1, 2, 840, 10045, 2, 1] => {
            let curve = parameters.take(OBJECT_ID).and_then(Curve::read);
            let curve = curve.ok_or_else(|| failed("x509: unknown elliptic curve"))?;
            elliptic(key, Some(curve))
        }
        [1, 3, 101, 112] => {
            let seed = Reader(key).take(OCTET_STRING).filter(|seed| seed.len() == 32);
            let seed = seed.ok_or_else(|| failed("x509: invalid Ed25519 private key"))?;
            let pair = lc::Ed25519KeyPair::from_seed_unchecked(seed);
            let pair = pair.map_err(|_| failed("x509: invalid Ed25519 private key"))?;
            let public = pair.public_key().as_ref().to_vec();
            Ok(PrivateKey::Edwards { seed: seed.to_vec(), public })
        }
        _ => Err(failed("x509: PKCS#8 wrapping contained private key with unknown algorithm")),
    }
}

impl PrivateKey {
    pub(super) fn is_of_kind(&self, public: &PublicKey) -> bool {
        matches!(
            (self, public),
            (Self::Rsa(_), PublicKey::Rsa { .. })
                | (Self::Elliptic { .. }, PublicKey::Elliptic { .. })
                | (Self::Edwards { .. }, PublicKey::Edwards(_))
        )
    }

    /// Whether a public key is this one's.
    pub(super) fn fits(&self, public: &PublicKey) -> bool {
        match (self, public) {
            (Self::Rsa(key), PublicKey::Rsa { modulus, exponent, .. }) => {
                key.modulus == *modulus && key.exponent == *exponent
            }
            (Self::Elliptic { curve, x, y, .. }, PublicKey::Elliptic { curve: other, point }) => {
                curve == other
                    && coordinates(*curve, point)
                        .is_some_and(|point| point == (x.clone(), y.clone()))
            }
            (Self::Edwards { public, .. }, PublicKey::Edwards(other)) => public == other,
            _ => false,
        }
    }

    pub(super) fn value(&self) -> Value {
        match self {
            Self::Rsa(key) => {
                let [dp, dq, qinv] = key.precomputed();
                let precomputed = object([
                    ("CRTValues", Value::array(Vec::new())),
                    ("Dp", number(&dp)),
                    ("Dq", number(&dq)),
                    ("Qinv", number(&qinv)),
                ]);
                object([
                    ("D", number(&key.secret)),
                    ("E", number(&key.exponent)),
                    ("N", number(&key.modulus)),
                    ("Precomputed", precomputed),
                    ("Primes", Value::array(key.primes.iter().map(number).collect())),
                ])
            }
            Self::Elliptic { secret, x, y, .. } => object([
                ("Curve", Value::object(Vec::new())),
                ("D", number(secret)),
                ("X", number(x)),
                ("Y", number(y)),
            ]),
            Self::Edwards { seed, public } => bytes(&[seed.as_slice(), public].concat()),
        }
    }

    pub(super) fn web_key(&self) -> Value {
        let text = |bytes: &[u8]| Value::from(base64::url_without_padding(bytes));
        let short = |number: &BigInt| text(&number.to_bytes_be().1);
        match self {
            Self::Rsa(key) => {
                let [dp, dq, qi] = key.precomputed();
                let [p, q] = &key.primes;
                object([
                    ("d", short(&key.secret)),
                    ("dp", short(&dp)),
                    ("dq", short(&dq)),
                    ("e", short(&key.exponent)),
                    ("kty", Value::from("RSA")),
                    ("n", short(&key.modulus)),
                    ("p", short(p)),
                    ("q", short(q)),
                    ("qi", short(&qi)),
                ])
            }
            Self::Elliptic { curve, secret, x, y } => {
                let padded = |number: &BigInt| {
                    let digits = number.to_bytes_be().1;
                    let zeros = vec![0; curve.size().saturating_sub(digits.len())];
                    text(&[zeros, digits].concat())
                };
                let name = match curve {
                    Curve::P256 => "P-256",
                    Curve::P384 => "P-384",
                    Curve::P521 => "P-521",
                };
                object([
                    ("crv", Value::from(name)),
                    ("d", padded(secret)),
                    ("kty", Value::from("EC")),
                    ("x", padded(x)),
                    ("y", padded(y)),
                ])
            }
            Self::Edwards { seed, public } => object([
                ("crv", Value::from("Ed25519")),
                ("d", text(seed)),
                ("kty", Value::from("OKP")),
                ("x", text(public)),
            ]),
        }
    }
}
