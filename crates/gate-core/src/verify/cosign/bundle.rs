//! From the annotations of a layer to a sigstore bundle v0.1, the form with no more than the log's
//! promise.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Deserialize;
use serde_json::{Value, json};
use x509_cert::Certificate;
use x509_cert::der::Decode;

use crate::Digest;
use crate::cosign::{BUNDLE, CERTIFICATE, CHAIN, SIGNATURE, TIMESTAMP};
use crate::limits;
use crate::reason::Problem;
use crate::verify::envelope::Envelope;
use crate::verify::failure::Failure;
use crate::verify::json;
use crate::verify::sigstore::Bundle;

const V0_1: &str = "application/vnd.dev.sigstore.bundle+json;version=0.1";

type Annotations = BTreeMap<String, String>;

/// What cosign keeps of a log entry.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LogBundle {
    signed_entry_timestamp: String,
    payload: LogPayload,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LogPayload {
    body: String,
    integrated_time: i64,
    log_index: u64,
    #[serde(rename = "logID")]
    log_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LogBody {
    kind: String,
    api_version: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Timestamped {
    #[serde(rename = "SignedRFC3161Timestamp")]
    signed: String,
}

/// The bundle of a signature over these bytes.
pub(super) fn of_payload(payload: &[u8], annotations: &Annotations) -> Result<Bundle, Failure> {
    let signature = annotations
        .get(SIGNATURE)
        .ok_or_else(|| Failure::malformed("the layer has no annotation with its signature"))?;
    let signature = decode(signature, SIGNATURE)?;
    let content = json!({
        "messageDigest": {
            "algorithm": "SHA2_256",
            "digest": BASE64.encode(Digest::of(payload).as_bytes()),
        },
        "signature": BASE64.encode(signature),
    });
    bundle("messageSignature", content, annotations)
}

/// The bundle of an envelope. Its log entry is of one signature, so it has one.
pub(super) fn of_envelope(
    envelope: &Envelope,
    annotations: &Annotations,
) -> Result<Bundle, Failure> {
    let [signature] = envelope.signatures.as_slice() else {
        return Err(Failure::malformed(format!(
            "the envelope has {} signatures, and the proofs beside it are of one",
            envelope.signatures.len()
        )));
    };
    let content = json!({
        "payload": BASE64.encode(&envelope.payload),
        "payloadType": envelope.payload_type,
        "signatures": [{"sig": BASE64.encode(&signature.bytes), "keyid": signature.key_id}],
    });
    bundle("dsseEnvelope", content, annotations)
}

fn bundle(form: &str, content: Value, annotations: &Annotations) -> Result<Bundle, Failure> {
    let mut material = match annotations.get(CERTIFICATE) {
        Some(certificate) => {
            let chain = annotations.get(CHAIN).map(String::as_str).unwrap_or_default();
            json!({"x509CertificateChain": {"certificates": certificates(certificate, chain)?}})
        }
        None => json!({"publicKey": {"hint": ""}}),
    };
    if let Some(text) = annotations.get(BUNDLE) {
        material["tlogEntries"] = json!([entry(text)?]);
    }
    if let Some(text) = annotations.get(TIMESTAMP) {
        json::check(text.as_bytes())?;
        let Timestamped { signed } = read(text, TIMESTAMP)?;
        material["timestampVerificationData"] =
            json!({"rfc3161Timestamps": [{"signedTimestamp": signed}]});
    }
    let mut bundle = json!({"mediaType": V0_1, "verificationMaterial": material});
    bundle[form] = content;
    Bundle::of_cosign(bundle.to_string().as_bytes())
}

/// The leaf and what stands between it and the root. The root itself is the configuration's to name.
fn certificates(leaf: &str, chain: &str) -> Result<Vec<Value>, Failure> {
    let [leaf] = ders(leaf, CERTIFICATE)?
        .try_into()
        .map_err(|_| Failure::malformed(format!("{CERTIFICATE} holds more than one block")))?;
    let mut all = vec![leaf];
    for der in ders(chain, CHAIN)? {
        let certificate = Certificate::from_der(&der)
            .map_err(|error| Failure::malformed(format!("{CHAIN}: {error}")))?;
        let tbs = &certificate.tbs_certificate;
        if tbs.issuer != tbs.subject && !all.contains(&der) {
            all.push(der);
        }
    }
    Ok(all.iter().map(|der| json!({"rawBytes": BASE64.encode(der)})).collect())
}

fn ders(text: &str, name: &str) -> Result<Vec<Vec<u8>>, Failure> {
    let blocks = pem::parse_many(text)
        .map_err(|error| Failure::malformed(format!("{name} is no PEM: {error}")))?;
    if blocks.len() > limits::CHAIN_CERTIFICATES {
        let detail = format!("{name} has more than {} blocks", limits::CHAIN_CERTIFICATES);
        return Err(Failure::new(Problem::EvidenceTooLarge, detail));
    }
    Ok(blocks.into_iter().map(pem::Pem::into_contents).collect())
}

/// The log entry as a bundle holds it. Kind and version are those of the body, which the promise
/// covers.
fn entry(text: &str) -> Result<Value, Failure> {
    json::check(text.as_bytes())?;
    let LogBundle { signed_entry_timestamp, payload } = read(text, BUNDLE)?;
    let body = decode(&payload.body, BUNDLE)?;
    json::check(&body)?;
    let LogBody { kind, api_version } = json::parse(&body)?;
    let log_id = hex::decode(&payload.log_id)
        .map_err(|error| Failure::malformed(format!("{BUNDLE}: logID: {error}")))?;
    Ok(json!({
        "logIndex": payload.log_index.to_string(),
        "logId": {"keyId": BASE64.encode(log_id)},
        "kindVersion": {"kind": kind, "version": api_version},
        "integratedTime": payload.integrated_time.to_string(),
        "inclusionPromise": {"signedEntryTimestamp": signed_entry_timestamp},
        "canonicalizedBody": payload.body,
    }))
}

fn read<T: serde::de::DeserializeOwned>(text: &str, name: &str) -> Result<T, Failure> {
    json::parse(text.as_bytes())
        .map_err(|failure| Failure::malformed(format!("{name}: {}", failure.detail)))
}

fn decode(text: &str, name: &str) -> Result<Vec<u8>, Failure> {
    BASE64
        .decode(text.trim())
        .map_err(|error| Failure::malformed(format!("{name} is no base64: {error}")))
}
