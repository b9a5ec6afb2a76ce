//! Layers as cosign 2 writes them: keyed ones that count, and what is refused before any signature.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use crate::Digest;
use crate::cosign::{self, ENVELOPE, SIMPLE_SIGNING};
use crate::evidence::{Evidence, Origin};
use crate::predicates;
use crate::reason::Problem;
use crate::verify::testing::{Shop, subject};

fn payload(image: Digest) -> Value {
    json!({
        "critical": {
            "identity": {"docker-reference": "registry.example/anything"},
            "image": {"docker-manifest-digest": image},
            "type": "cosign container image signature",
        },
        "optional": null,
    })
}

fn beside(bytes: Vec<u8>) -> Evidence {
    Evidence::new(bytes, Origin::Beside { name: "manifest".to_owned() })
}

/// A layer with the signature of this key and further annotations.
fn layer(shop: &Shop, payload: &Value, signer: &str, more: &[(&str, &str)]) -> Evidence {
    let payload = payload.to_string().into_bytes();
    let signature = BASE64.encode(shop.keys[signer].sign(&payload));
    let mut annotations = [(cosign::SIGNATURE.to_owned(), signature)].into();
    let more = more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    std::collections::BTreeMap::extend(&mut annotations, more);
    beside(cosign::evidence(Some(SIMPLE_SIGNING), Some(&annotations), payload))
}

#[test]
fn a_keyed_signature_counts_as_one() {
    let mut shop = Shop::new();
    shop.evidence = vec![layer(&shop, &payload(subject()), "build", &[])];
    let facts = shop.facts();
    assert_eq!(facts.failed, []);
    let [signature] = facts.signatures.as_slice() else { panic!("{:?}", facts.signatures) };
    assert_eq!(signature.value.form, "simple-signing");
    assert_eq!(signature.source.signer.as_deref(), Some("build"));
    assert!(!signature.value.logged);
}

#[test]
fn a_layer_that_lies_is_refused_for_what_it_is() {
    let mut shop = Shop::new();
    let other = payload(Digest::of(b"another image"));
    let mut typed = payload(subject());
    typed["critical"]["type"] = json!("atomic container signature");
    let bundle = |body: &str| {
        let body = BASE64.encode(body);
        json!({
            "SignedEntryTimestamp": "AA==",
            "Payload": {"body": body, "integratedTime": 1, "logIndex": 1, "logID": "00"},
        })
        .to_string()
    };
    let good = payload(subject());
    let twice = bundle(r#"{"kind":"a","kind":"b","apiVersion":"1"}"#);
    let unread = bundle(r#"{"kind":"rekord","apiVersion":"0.0.1"}"#);
    let many = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n".repeat(9);
    for (evidence, problem) in [
        (layer(&shop, &other, "build", &[]), Problem::SubjectMismatch),
        (layer(&shop, &typed, "build", &[]), Problem::EvidenceMalformed),
        (layer(&shop, &json!({}), "build", &[]), Problem::EvidenceMalformed),
        (layer(&shop, &good, "scanner", &[]), Problem::SignerNotTrusted),
        (layer(&shop, &good, "build", &[(cosign::BUNDLE, "{}")]), Problem::EvidenceMalformed),
        (layer(&shop, &good, "build", &[(cosign::BUNDLE, &twice)]), Problem::EvidenceMalformed),
        (layer(&shop, &good, "build", &[(cosign::BUNDLE, &unread)]), Problem::EvidenceMalformed),
        (
            layer(&shop, &good, "build", &[(cosign::CERTIFICATE, "none")]),
            Problem::EvidenceMalformed,
        ),
        (layer(&shop, &good, "build", &[(cosign::CERTIFICATE, &many)]), Problem::EvidenceTooLarge),
        (layer(&shop, &good, "build", &[(cosign::TIMESTAMP, "{}")]), Problem::EvidenceMalformed),
    ] {
        let digest = evidence.digest;
        shop.evidence = vec![evidence];
        assert_eq!(shop.failure(digest).code, problem, "{}", shop.failure(digest).detail);
        assert!(shop.facts().signatures.is_empty());
    }
}

#[test]
fn a_payload_with_a_key_twice_is_refused_whoever_signed_it() {
    let mut shop = Shop::new();
    let text = payload(subject()).to_string();
    let twice = text.replacen(
        "{\"docker-manifest",
        "{\"docker-manifest-digest\":\"x\",\"docker-manifest",
        1,
    );
    let signature = BASE64.encode(shop.keys["build"].sign(twice.as_bytes()));
    let annotations = [(cosign::SIGNATURE.to_owned(), signature)].into();
    let evidence =
        beside(cosign::evidence(Some(SIMPLE_SIGNING), Some(&annotations), twice.into_bytes()));
    let digest = evidence.digest;
    shop.evidence = vec![evidence];
    assert_eq!(shop.failure(digest).code, Problem::EvidenceMalformed);
}

#[test]
fn an_envelope_with_proofs_beside_it_has_one_signature() {
    let mut shop = Shop::new();
    let statement = Shop::statement(predicates::COSIGN_SIGN, &json!({}));
    let envelope = json!({
        "payloadType": "application/vnd.in-toto+json",
        "payload": BASE64.encode(&statement),
        "signatures": [{"sig": "AA=="}, {"sig": "AA=="}],
    });
    let annotations = [(cosign::BUNDLE.to_owned(), "{}".to_owned())].into();
    let bytes = envelope.to_string().into_bytes();
    let evidence = beside(cosign::evidence(Some(ENVELOPE), Some(&annotations), bytes));
    let digest = evidence.digest;
    shop.evidence = vec![evidence];
    assert_eq!(shop.failure(digest).code, Problem::EvidenceMalformed);
}
