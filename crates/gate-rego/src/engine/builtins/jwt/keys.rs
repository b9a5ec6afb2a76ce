//! Keys that verify and sign: certificates and public keys in PEM, and JSON Web Keys.

use super::der::{BIT_STRING, INTEGER, OBJECT_ID, Reader, SEQUENCE};
use crate::engine::builtins::encoding::base64;
use crate::engine::builtins::json::read;
use crate::engine::builtins::{BuiltinError, Context};
use crate::engine::value::Value;

/// A curve of elliptic keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Curve {
    P256,
    P384,
    P521,
}

impl Curve {
    /// The bytes of a coordinate.
    pub(super) fn size(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

/// What a key is made of.
pub(super) enum Material {
    Secret(Vec<u8>),
    Rsa {
        modulus: Vec<u8>,
        exponent: Vec<u8>,
        private: Option<[Vec<u8>; 6]>,
    },
    /// The point uncompressed.
    Elliptic {
        curve: Curve,
        point: Vec<u8>,
        private: Option<Vec<u8>>,
    },
    Ed25519 {
        public: Vec<u8>,
        private: Option<Vec<u8>>,
    },
    /// Of a kind that nothing here verifies with.
    Other,
}

pub(super) struct Key {
    pub(super) material: Material,
    pub(super) algorithm: Option<String>,
    id: Option<String>,
}

fn failed(message: impl std::fmt::Display) -> BuiltinError {
    BuiltinError::evaluation(message.to_string())
}

/// The first key of an identifier.
pub(super) fn by_id<'a>(keys: &'a [Key], id: Option<&str>) -> Option<&'a Key> {
    let id = id.filter(|id| !id.is_empty())?;
    keys.iter().find(|key| key.id.as_deref() == Some(id))
}

/// The keys of a PEM block, a JSON Web Key or a set of these.
pub(super) fn read(context: &mut Context, text: &str) -> Result<Vec<Key>, BuiltinError> {
    context.work(text.len().saturating_mul(16))?;
    if let Some((kind, content, rest)) = pem(text) {
        if !rest.is_empty() {
            return Err(failed("extra data after a PEM certificate block"));
        }
        let key = match kind {
            "CERTIFICATE" => certificate_key(&content).ok_or_else(|| {
                failed("failed to parse a PEM certificate: x509: malformed certificate")
            })?,
            "PUBLIC KEY" => public_key(&content)
                .ok_or_else(|| failed("failed to parse a PEM public key: asn1: malformed key"))?,
            _ => return Err(failed("failed to extract a Key from the PEM certificate")),
        };
        return Ok(vec![Key { material: key, algorithm: None, id: None }]);
    }
    web_keys(context, text)
        .map_err(|error| failed(format_args!("failed to parse a JWK key (set): {error}")))
}

/// The first PEM block: its label, its content, and the text behind it.
fn pem(text: &str) -> Option<(&str, Vec<u8>, &str)> {
    let start = text.find("-----BEGIN ")?;
    let rest = &text[start + "-----BEGIN ".len()..];
    let (kind, rest) = rest.split_once("-----")?;
    let end = format!("-----END {kind}-----");
    let (body, rest) = rest.split_once(&end)?;
    // Headers end at an empty line.
    let body = body.rsplit_once("\n\n").map_or(body, |(_, body)| body);
    let body: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let content = base64::decode(&body, base64::STANDARD).ok()?;
    let rest = rest.trim_start_matches([' ', '\t', '\r']);
    Some((kind, content, rest.strip_prefix('\n').unwrap_or(rest)))
}

/// The public key of a certificate.
fn certificate_key(bytes: &[u8]) -> Option<Material> {
    let certificate = Reader(bytes).take(SEQUENCE)?;
    let signed = Reader(certificate).take(SEQUENCE)?;
    let mut fields = Reader(signed);
    let (tag, _) = fields.next()?;
    if tag == 0xa0 {
        // The version stood there; the serial number follows.
        fields.take(INTEGER)?;
    }
    // Algorithm, issuer, validity, subject.
    for _ in 0..4 {
        fields.take(SEQUENCE)?;
    }
    key_info(fields.take(SEQUENCE)?)
}

fn public_key(bytes: &[u8]) -> Option<Material> {
    key_info(Reader(bytes).take(SEQUENCE)?)
}

const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
const ELLIPTIC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
const P384: &[u8] = &[0x2b, 0x81, 4, 0, 0x22];
const P521: &[u8] = &[0x2b, 0x81, 4, 0, 0x23];

fn key_info(bytes: &[u8]) -> Option<Material> {
    let mut fields = Reader(bytes);
    let mut algorithm = Reader(fields.take(SEQUENCE)?);
    let kind = algorithm.take(OBJECT_ID)?;
    let key = fields.take(BIT_STRING)?.strip_prefix(&[0])?;
    match kind {
        RSA => {
            let mut numbers = Reader(Reader(key).take(SEQUENCE)?);
            let modulus = trimmed(numbers.take(INTEGER)?);
            let exponent = trimmed(numbers.take(INTEGER)?);
            Some(Material::Rsa { modulus, exponent, private: None })
        }
        ELLIPTIC => {
            let curve = match algorithm.take(OBJECT_ID)? {
                P256 => Curve::P256,
                P384 => Curve::P384,
                P521 => Curve::P521,
                _ => return Some(Material::Other),
            };
            Some(Material::Elliptic { curve, point: key.to_vec(), private: None })
        }
        ED25519 => Some(Material::Ed25519 { public: key.to_vec(), private: None }),
        _ => Some(Material::Other),
    }
}

fn trimmed(bytes: &[u8]) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes[zeros..].to_vec()
}

/// The algorithms that a key of a set may name.
const ALGORITHMS: [&str; 13] = [
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "HS256",
    "HS384", "HS512", "EdDSA",
];

/// The keys of a set, or the single one, of those whose algorithm is known or not named.
pub(super) fn web_keys(context: &mut Context, text: &str) -> Result<Vec<Key>, BuiltinError> {
    let value = read::read(context, text)?;
    let several = match value.field("keys") {
        Some(Value::Array(keys)) => keys.as_slice(),
        _ => std::slice::from_ref(&value),
    };
    let mut keys = Vec::with_capacity(several.len());
    for key in several {
        context.step()?;
        let text = |name: &str| key.field(name).and_then(Value::as_str).map(str::to_owned);
        let algorithm = text("alg");
        let material = material(key)?;
        if algorithm.as_deref().is_none_or(|name| ALGORITHMS.contains(&name)) {
            keys.push(Key { material, algorithm, id: text("kid") });
        }
    }
    Ok(keys)
}

fn material(key: &Value) -> Result<Material, BuiltinError> {
    let bytes = |name: &str| {
        let text = key.field(name).and_then(Value::as_str);
        let text = text.ok_or_else(|| failed(format_args!("required field {name} is missing")))?;
        base64::decode_url(text).map_err(failed)
    };
    let private =
        |name: &str| if key.field(name).is_some() { bytes(name).map(Some) } else { Ok(None) };
    match key.field("kty").and_then(Value::as_str) {
        Some("oct") => Ok(Material::Secret(bytes("k")?)),
        Some("RSA") => {
            let numbers = match private("d")? {
                Some(d) => {
                    let rest = ["p", "q", "dp", "dq", "qi"].map(bytes);
                    let [p, q, dp, dq, qi] = rest;
                    match (p, q, dp, dq, qi) {
                        (Ok(p), Ok(q), Ok(dp), Ok(dq), Ok(qi)) => Some([d, p, q, dp, dq, qi]),
                        _ => return Err(failed("private key lacks its factors")),
                    }
                }
                None => None,
            };
            let (modulus, exponent) = (trimmed(&bytes("n")?), trimmed(&bytes("e")?));
            Ok(Material::Rsa { modulus, exponent, private: numbers })
        }
        Some("EC") => {
            let curve = match key.field("crv").and_then(Value::as_str) {
                Some("P-256") => Curve::P256,
                Some("P-384") => Curve::P384,
                Some("P-521") => Curve::P521,
                _ => return Err(failed("unknown curve")),
            };
            let mut point = vec![4];
            for coordinate in [bytes("x")?, bytes("y")?] {
                let coordinate = trimmed(&coordinate);
                let missing = curve.size().checked_sub(coordinate.len());
                let missing = missing.ok_or_else(|| failed("coordinate too long"))?;
                point.extend(std::iter::repeat_n(0, missing));
                point.extend(coordinate);
            }
            Ok(Material::Elliptic { curve, point, private: private("d")? })
        }
        Some("OKP") => Ok(Material::Ed25519 { public: bytes("x")?, private: private("d")? }),
        _ => Err(failed("failed to unmarshal JSON: no known \"kty\"")),
    }
}
