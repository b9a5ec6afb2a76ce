//! DSSE envelopes (1.0.2) and the sigstore bundle v0.3 around one: written, and read back with a key.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde::{Deserialize, Serialize};

use super::{PublicKey, Statement};
use crate::{Digest, limits};

/// The payload type of in-toto statements.
pub(super) const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";
const BUNDLE_TYPE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

/// The bytes that a DSSE signature covers. Lengths count bytes, and the payload is not base64.
pub fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(payload);
    bytes
}

/// A signed payload.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Envelope {
    payload: String,
    payload_type: String,
    signatures: Vec<Signature>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Signature {
    sig: String,
    // Written empty: DSSE libraries skip a signature whose keyid they would have computed otherwise.
    // Ignored on input, since nothing authenticates it.
    #[serde(default)]
    keyid: String,
}

impl Envelope {
    pub(super) fn signed(payload: &[u8], signature: &[u8]) -> Self {
        Self {
            payload: STANDARD.encode(payload),
            payload_type: PAYLOAD_TYPE.to_owned(),
            signatures: vec![Signature { sig: STANDARD.encode(signature), keyid: String::new() }],
        }
    }
}

/// A sigstore bundle with a public key's hint and no log entry.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Bundle {
    media_type: &'static str,
    verification_material: Material,
    dsse_envelope: Envelope,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Material {
    public_key: Hint,
}

#[derive(Debug, Clone, Serialize)]
struct Hint {
    hint: String,
}

impl Bundle {
    pub(super) fn around(envelope: Envelope, spki: &[u8]) -> Self {
        let hint = STANDARD.encode(Digest::of(spki).as_bytes());
        let verification_material = Material { public_key: Hint { hint } };
        Self { media_type: BUNDLE_TYPE, verification_material, dsse_envelope: envelope }
    }
}

/// Why an attestation is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum AttestationError {
    /// More bytes than Gate reads.
    #[error("the attestation exceeds {} bytes", limits::BUNDLE_BYTES)]
    TooLarge,
    /// Neither a sigstore bundle with a DSSE envelope nor a plain envelope.
    #[error("the attestation is neither a sigstore bundle around a DSSE envelope nor an envelope")]
    NoEnvelope(#[source] serde_json::Error),
    /// Another number of signatures than one.
    #[error("the envelope has {0} signatures, not one")]
    Signatures(usize),
    /// The payload or the signature is no base64.
    #[error("the {0} is not base64")]
    Base64(&'static str, #[source] base64::DecodeError),
    /// The signature was not made by the key over this payload.
    #[error("the signature was not made by this key over this payload")]
    Signature,
    /// The payload is of another type.
    #[error("the payload type is `{0}`, not `{PAYLOAD_TYPE}`")]
    PayloadType(String),
    /// The signed payload is no in-toto statement.
    #[error("the signed payload is no in-toto statement")]
    Payload(#[source] serde_json::Error),
    /// The statement is of an unknown `_type`.
    #[error("the statement's type is `{0}`")]
    StatementType(String),
}

#[derive(Deserialize)]
struct Wrapper {
    #[serde(rename = "dsseEnvelope")]
    envelope: Envelope,
}

/// The statement in a bundle or plain envelope that this key signed. Hint and keyid play no part.
///
/// What is parsed are the very bytes that were verified.
pub fn verify_attestation(bytes: &[u8], key: &PublicKey) -> Result<Statement, AttestationError> {
    if bytes.len() > limits::BUNDLE_BYTES {
        return Err(AttestationError::TooLarge);
    }
    let envelope: Envelope = serde_json::from_slice(bytes)
        .or_else(|_| serde_json::from_slice(bytes).map(|wrapper: Wrapper| wrapper.envelope))
        .map_err(AttestationError::NoEnvelope)?;
    let [signature] = envelope.signatures.as_slice() else {
        return Err(AttestationError::Signatures(envelope.signatures.len()));
    };
    let payload = decode("payload", &envelope.payload)?;
    let signature = decode("signature", &signature.sig)?;
    if !key.verifies(&pae(&envelope.payload_type, &payload), &signature) {
        return Err(AttestationError::Signature);
    }
    if envelope.payload_type != PAYLOAD_TYPE {
        return Err(AttestationError::PayloadType(envelope.payload_type));
    }
    let statement: Statement =
        serde_json::from_slice(&payload).map_err(AttestationError::Payload)?;
    if !statement.is_of_known_type() {
        return Err(AttestationError::StatementType(statement.statement_type));
    }
    Ok(statement)
}

/// Standard or URL-safe base64: DSSE verifiers must accept both.
fn decode(what: &'static str, text: &str) -> Result<Vec<u8>, AttestationError> {
    STANDARD
        .decode(text)
        .or_else(|error| URL_SAFE.decode(text).map_err(|_| error))
        .map_err(|error| AttestationError::Base64(what, error))
}
