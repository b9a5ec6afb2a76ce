//! From the attestations of Python packages (PEP 740) to the sigstore bundles that they are in other words.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::envelope::IN_TOTO;
use super::failure::Failure;
use super::json;
use super::sigstore::Bundle;

const V0_3: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

#[derive(Deserialize)]
struct Attestation<'a> {
    version: u64,
    #[serde(borrow)]
    verification_material: Material<'a>,
    envelope: Envelope,
}

#[derive(Deserialize)]
struct Material<'a> {
    certificate: String,
    #[serde(borrow)]
    transparency_entries: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Envelope {
    statement: String,
    signature: String,
}

#[derive(Deserialize)]
struct Provenance<'a> {
    #[serde(borrow)]
    attestation_bundles: Vec<Attestations<'a>>,
}

#[derive(Deserialize)]
struct Attestations<'a> {
    #[serde(borrow)]
    attestations: Vec<Attestation<'a>>,
}

/// Reads an attestation that passed [`json::check`].
pub(super) fn attestation(bytes: &[u8]) -> Result<Bundle, Failure> {
    bundle(&json::parse(bytes)?)
}

/// Reads the answer of an index, which wraps attestations. It must hold one: evidence is one
/// statement, and of several only the caller knows which is meant.
pub(super) fn provenance(bytes: &[u8]) -> Result<Bundle, Failure> {
    let provenance: Provenance<'_> = json::parse(bytes)?;
    let mut all = provenance.attestation_bundles.iter().flat_map(|it| &it.attestations);
    match (all.next(), all.next()) {
        (Some(one), None) => bundle(one),
        (None, _) => Err(Failure::malformed("the provenance holds no attestation")),
        _ => Err(Failure::malformed(
            "the provenance holds several attestations: hand in each by itself",
        )),
    }
}

fn bundle(attestation: &Attestation<'_>) -> Result<Bundle, Failure> {
    let Attestation { version, verification_material, envelope } = attestation;
    if *version != 1 {
        return Err(Failure::malformed(format!("version {version} is not read, only 1")));
    }
    let entries: Vec<Value> = verification_material
        .transparency_entries
        .iter()
        .map(|entry| json::parse(entry.get().as_bytes()))
        .collect::<Result<_, _>>()?;
    let bundle = json!({
        "mediaType": V0_3,
        "verificationMaterial": {
            "certificate": {"rawBytes": verification_material.certificate},
            "tlogEntries": entries,
        },
        "dsseEnvelope": {
            "payload": envelope.statement,
            "payloadType": IN_TOTO,
            "signatures": [{"sig": envelope.signature}],
        },
    });
    Bundle::from_json(bundle.to_string().as_bytes())
}
