//! From the JSON of a DSSE 1.0.2 envelope to the very bytes that were signed.

use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::Deserialize;

use super::failure::Failure;
use super::json;
use crate::limits;
use crate::reason::Problem;

/// The payload type of in-toto statements.
pub(super) const IN_TOTO: &str = "application/vnd.in-toto+json";

/// An envelope, decoded. Nothing in it is verified.
pub(super) struct Envelope {
    pub(super) payload_type: String,
    pub(super) payload: Vec<u8>,
    pub(super) signatures: Vec<Signature>,
}

/// One signature of an envelope.
pub(super) struct Signature {
    pub(super) bytes: Vec<u8>,
    /// Unauthenticated: it words messages and decides nothing.
    pub(super) key_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    payload_type: String,
    payload: String,
    signatures: Vec<WireSignature>,
}

#[derive(Deserialize)]
struct WireSignature {
    sig: String,
    keyid: Option<String>,
}

impl Envelope {
    /// Reads an envelope that passed [`json::check`].
    pub(super) fn from_json(bytes: &[u8]) -> Result<Self, Failure> {
        let wire: Wire = json::parse(bytes)?;
        let count = wire.signatures.len();
        if count == 0 {
            return Err(Failure::malformed("the envelope has no signature"));
        }
        if count > limits::ENVELOPE_SIGNATURES {
            return Err(Failure::new(
                Problem::EvidenceTooLarge,
                format!(
                    "the envelope has {count} signatures, more than {}",
                    limits::ENVELOPE_SIGNATURES
                ),
            ));
        }
        let signatures = wire.signatures.into_iter().map(|signature| {
            Ok(Signature {
                bytes: decode(&signature.sig, "sig")?,
                key_id: signature.keyid.unwrap_or_default(),
            })
        });
        Ok(Self {
            payload: decode(&wire.payload, "payload")?,
            payload_type: wire.payload_type,
            signatures: signatures.collect::<Result<_, Failure>>()?,
        })
    }

    /// The bytes that are signed (DSSE's pre-authentication encoding).
    pub(super) fn signed_bytes(&self) -> Vec<u8> {
        let head = format!(
            "DSSEv1 {} {} {} ",
            self.payload_type.len(),
            self.payload_type,
            self.payload.len()
        );
        [head.as_bytes(), &self.payload].concat()
    }
}

/// Both alphabets of base64, padded or not: a verifier must take either.
fn decode(text: &str, field: &str) -> Result<Vec<u8>, Failure> {
    let alphabet = if text.contains(['-', '_']) { &URL_SAFE } else { &STANDARD };
    let config =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    GeneralPurpose::new(alphabet, config).decode(text).map_err(|error| {
        Failure::malformed(format!("the envelope's {field} is no base64: {error}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_specifications_vector_is_signed() {
        let envelope = Envelope {
            payload_type: "http://example.com/HelloWorld".to_owned(),
            payload: b"hello world".to_vec(),
            signatures: vec![],
        };
        assert_eq!(
            envelope.signed_bytes(),
            b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
        );
    }

    #[test]
    fn both_alphabets_are_read() {
        for text in ["+/+/", "-_-_", "+/8=", "+/8", "-_8"] {
            assert!(decode(text, "sig").is_ok(), "{text}");
        }
        for text in ["+_+_", "a", "****", "+/8=\n"] {
            assert!(decode(text, "sig").is_err(), "{text}");
        }
    }
}
