//! `crypto.x509.*` and private keys, in the shape of Go's values.

use super::encoding::base64;
use super::operands::{object, string};
use super::{BuiltinError, Context, Declared, Outcome, Type};
use crate::engine::value::Value;

mod alternative;
mod certificate;
mod constraints;
mod der;
mod extensions;
mod host;
mod keys;
mod moment;
mod names;
mod options;
mod pem;
mod private;
mod request;
mod shape;
mod verify;

use certificate::Certificate;
use private::PrivateKey;
use verify::Options;

const TEXT: &[Type] = &[Type::String];
const TWO: &[Type] = &[Type::String, Type::String];
const CERTIFICATE: Type = Type::Object(&[], Some(&(Type::String, Type::Any)));
const CERTIFICATES: Type = Type::Array(&[], Some(&CERTIFICATE));
const VERIFIED: Type = Type::Array(&[Type::Boolean, CERTIFICATES], None);

pub(super) const TABLE: &[Declared] = &[
    Declared::new("crypto.parse_private_keys", TEXT, CERTIFICATES, parse_private_keys),
    Declared::new("crypto.x509.parse_and_verify_certificates", TEXT, VERIFIED, verify),
    Declared::new(
        "crypto.x509.parse_and_verify_certificates_with_options",
        &[Type::String, CERTIFICATE],
        VERIFIED,
        verify_with_options,
    ),
    Declared::new("crypto.x509.parse_certificate_request", TEXT, CERTIFICATE, parse_request),
    Declared::new("crypto.x509.parse_certificates", TEXT, CERTIFICATES, parse_certificates),
    Declared::new("crypto.x509.parse_keypair", TWO, CERTIFICATE, parse_keypair),
    Declared::new("crypto.x509.parse_rsa_private_key", TEXT, CERTIFICATE, parse_key),
];

/// How many bytes a value takes for each byte of a certificate: digits, encodings, and its parts.
const MEMORY_PER_BYTE: usize = 64;

fn failed(message: impl Into<String>) -> BuiltinError {
    BuiltinError::evaluation(message)
}

/// A text operand, whose cost is taken.
fn input<'a>(
    context: &mut Context,
    operands: &'a [Value],
    at: usize,
) -> Result<&'a str, BuiltinError> {
    let text = string(&operands[at], 1)?;
    context.work(text.len().saturating_mul(8))?;
    context.allocate(text.len().saturating_mul(MEMORY_PER_BYTE))?;
    Ok(text)
}

fn decoded(text: &str) -> Result<Vec<u8>, BuiltinError> {
    base64::decode(text, base64::STANDARD).map_err(failed)
}

/// The bytes of certificates: in PEM, in Base64, or in PEM in Base64.
fn certificates(text: &str) -> Result<Vec<u8>, BuiltinError> {
    if text.starts_with("-----BEGIN") {
        return blocks(text);
    }
    let bytes = decoded(text)?;
    match std::str::from_utf8(&bytes) {
        Ok(text) if text.starts_with("-----BEGIN") => blocks(text),
        _ => Ok(bytes),
    }
}

fn blocks(text: &str) -> Result<Vec<u8>, BuiltinError> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((block, behind)) = pem::block(rest) {
        if block.kind != "CERTIFICATE" {
            let kind = block.kind;
            return Err(failed(format!("PEM block type is '{kind}', expected CERTIFICATE")));
        }
        bytes.extend(block.content);
        rest = behind;
    }
    Ok(bytes)
}

fn parse_certificates(context: &mut Context, operands: &[Value]) -> Outcome {
    let bytes = certificates(input(context, operands, 0)?)?;
    let certificates = certificate::all(&bytes)?;
    Ok(Some(Value::array(certificates.iter().map(Certificate::extended).collect())))
}

fn verified(context: &mut Context, text: &str, options: &Options, extended: bool) -> Outcome {
    let refused = || Ok(Some(Value::array(vec![Value::Bool(false), Value::array(Vec::new())])));
    let Ok(bytes) = certificates(text) else { return refused() };
    let Ok(certificates) = certificate::all(&bytes) else { return refused() };
    let Some(chain) = verify::chain(context, &certificates, options)? else { return refused() };
    let value = |certificate: &Certificate| {
        if extended { certificate.extended() } else { certificate.value() }
    };
    let chain = chain.into_iter().map(value).collect();
    Ok(Some(Value::array(vec![Value::Bool(true), Value::array(chain)])))
}

fn verify(context: &mut Context, operands: &[Value]) -> Outcome {
    let text = input(context, operands, 0)?;
    let options = Options { host: String::new(), now_ns: context.now_ns, usages: Vec::new() };
    verified(context, text, &options, true)
}

fn verify_with_options(context: &mut Context, operands: &[Value]) -> Outcome {
    let text = input(context, operands, 0)?;
    let given = object(&operands[1], 2)?;
    if certificates(text).and_then(|bytes| certificate::all(&bytes).map(|_| ())).is_err() {
        return Ok(Some(Value::array(vec![Value::Bool(false), Value::array(Vec::new())])));
    }
    let options = options::read(given, context.now_ns)?;
    verified(context, text, &options, false)
}

fn parse_request(context: &mut Context, operands: &[Value]) -> Outcome {
    let text = input(context, operands, 0)?;
    let bytes = if text.starts_with("-----BEGIN CERTIFICATE REQUEST-----") {
        text.as_bytes().to_vec()
    } else {
        decoded(text)?
    };
    let block = std::str::from_utf8(&bytes).ok().and_then(pem::block);
    let bytes = match block {
        Some((block, _)) if block.kind == "CERTIFICATE REQUEST" => block.content,
        Some(_) => return Err(failed("invalid PEM-encoded certificate signing request")),
        None => bytes,
    };
    request::value(&bytes).map(Some)
}

fn parse_private_keys(context: &mut Context, operands: &[Value]) -> Outcome {
    let text = input(context, operands, 0)?;
    if text.is_empty() {
        return Ok(Some(Value::Null));
    }
    let keys = private_keys(context, text)?;
    Ok(Some(Value::array(keys.iter().map(PrivateKey::value).collect())))
}

/// The keys of a text, which may be Base64 as a whole.
fn private_keys(context: &mut Context, text: &str) -> Result<Vec<PrivateKey>, BuiltinError> {
    match base64::decode(text, base64::STANDARD) {
        Ok(bytes) => private::keys(context, std::str::from_utf8(&bytes).unwrap_or_default()),
        Err(_) => private::keys(context, text),
    }
}

fn parse_key(context: &mut Context, operands: &[Value]) -> Outcome {
    let text = input(context, operands, 0)?;
    if text.is_empty() {
        return Err(failed("input PEM data was empty"));
    }
    let keys = if text.starts_with("-----BEGIN") {
        private_keys(context, text)?
    } else {
        let bytes = decoded(text)?;
        private_keys(context, std::str::from_utf8(&bytes).unwrap_or_default())?
    };
    Ok(Some(keys.first().map_or(Value::Null, PrivateKey::web_key)))
}

/// The text of PEM, or else the bytes that a text encodes.
fn armoured(text: &str) -> Result<Vec<u8>, BuiltinError> {
    if text.starts_with("-----BEGIN ") { Ok(text.as_bytes().to_vec()) } else { decoded(text) }
}

fn parse_keypair(context: &mut Context, operands: &[Value]) -> Outcome {
    let chain = armoured(input(context, operands, 0)?)?;
    let key = armoured(input(context, operands, 1)?)?;
    let chain = match std::str::from_utf8(&chain) {
        Ok(text) if text.starts_with("-----BEGIN ") => {
            let blocks = std::iter::successors(pem::block(text), |(_, rest)| pem::block(rest));
            let blocks = blocks.map(|(block, _)| block).filter(|block| block.kind == "CERTIFICATE");
            blocks.map(|block| block.content).collect()
        }
        _ => vec![chain],
    };
    let Some(leaf) = chain.first() else {
        return Err(failed("tls: failed to find any PEM data in certificate input"));
    };
    let leaf = Certificate::read(leaf)?;
    let key = single_key(&key)?;
    if !key.is_of_kind(&leaf.key) {
        return Err(failed("tls: private key type does not match public key type"));
    }
    if !key.fits(&leaf.key) {
        return Err(failed("tls: private key does not match public key"));
    }
    let chain = chain.iter().map(|certificate| shape::bytes(certificate)).collect();
    Ok(Some(shape::object([
        ("Certificate", Value::array(chain)),
        ("Leaf", leaf.value()),
        ("OCSPStaple", Value::Null),
        ("PrivateKey", key.value()),
        ("SignedCertificateTimestamps", Value::Null),
        ("SupportedSignatureAlgorithms", Value::Null),
    ])))
}

/// The first key of PEM, or a key in DER, of whatever form.
fn single_key(bytes: &[u8]) -> Result<PrivateKey, BuiltinError> {
    let mut found = None;
    if let Ok(text) = std::str::from_utf8(bytes)
        && text.starts_with("-----BEGIN")
    {
        let mut blocks = std::iter::successors(pem::block(text), |(_, rest)| pem::block(rest));
        let is_key = |kind: &str| kind == "PRIVATE KEY" || kind.ends_with(" PRIVATE KEY");
        found = blocks.find(|(block, _)| is_key(block.kind)).map(|(block, _)| block.content);
        if found.is_none() {
            return Err(failed("tls: failed to find any PEM data in key input"));
        }
    }
    let der = found.as_deref().unwrap_or(bytes);
    private::rsa(der)
        .or_else(|_| private::wrapped(der))
        .or_else(|_| private::elliptic(der, None))
        .map_err(|_| failed("tls: failed to parse private key"))
}

#[cfg(test)]
mod tests;
