//! Bytes made to break a reader, or to be read as something that was not signed.

use serde_json::{Value, json};

use super::testing::Shop;
use crate::evidence::{Kind, Origin};
use crate::limits;
use crate::predicates::{SCAN, SLSA_VSA};
use crate::reason::Problem;

fn trivy() -> Value {
    json!({"SchemaVersion": 2, "Results": [{"Target": "app", "Vulnerabilities": [
        {"VulnerabilityID": "CVE-2026-0001", "PkgName": "openssl", "Severity": "HIGH"},
    ]}]})
}

#[test]
fn a_bundle_cut_short_or_changed_anywhere_proves_nothing_else() {
    let mut shop = Shop::new();
    let payload = Shop::statement(SCAN, &json!({"SchemaVersion": 2}));
    let whole = shop.bundle("scanner", &payload).to_string().into_bytes();
    shop.lay(whole.clone());
    let truth = shop.facts().vulnerabilities.scans[0].value.clone();
    for end in 0..whole.len() {
        shop.evidence.clear();
        shop.lay(&whole[..end]);
        let facts = shop.facts();
        assert_eq!((facts.failed.len(), facts.vulnerabilities.scans.len()), (1, 0), "{end}");
    }
    let mut accepted = 0;
    for at in 0..whole.len() {
        for flip in [0x01, 0x20, 0x80] {
            let mut changed = whole.clone();
            changed[at] ^= flip;
            shop.evidence.clear();
            shop.lay(changed);
            // What is not signed (a hint, the case of an unread key) may change, what is said may not.
            for scan in shop.facts().vulnerabilities.scans {
                assert_eq!(scan.value, truth);
                accepted += 1;
            }
        }
    }
    assert!(accepted < whole.len() / 4, "{accepted}");
}

#[test]
fn only_unreadable_evidence_that_the_caller_answers_for_denies() {
    let nested = "[".repeat(10_000);
    let twice = r#"{"bomFormat":"CycloneDX","bomFormat":"CycloneDX","specVersion":"1.6"}"#;
    for bytes in [
        &b""[..],
        b"  ",
        b"{",
        b"{}",
        b"[]",
        b"text",
        b"\xff\xfe",
        nested.as_bytes(),
        twice.as_bytes(),
        b"<html/>",
        b"<testsuite>",
        br#"{"SchemaVersion": 1}"#,
        br#"{"payloadType":"x","signatures":[]}"#,
        br#"{"mediaType":"x","verificationMaterial":{}}"#,
        br#"{"verificationMaterial":{}}"#,
        br#"{"_type":"https://in-toto.io/Statement/v1","subject":[],"predicateType":"x"}"#,
    ] {
        for (origin, denies) in [
            (Origin::Named { name: "f".to_owned() }, true),
            (Origin::Uploaded { by: "f".to_owned() }, true),
            (Origin::Beside { name: "f".to_owned() }, false),
        ] {
            let mut shop = Shop::new();
            let digest = shop.add(bytes, origin);
            let failure = shop.failure(digest);
            let text = String::from_utf8_lossy(bytes);
            assert_eq!(
                failure.denies,
                denies,
                "{} {}",
                text.get(..40).unwrap_or(&text),
                failure.detail
            );
        }
    }
    let mut shop = Shop::new();
    let digest = shop.lay("garbage");
    shop.add("garbage", Origin::Named { name: "f".to_owned() });
    assert!(shop.failure(digest).denies, "named as well as found beside");
}

#[test]
fn a_statement_with_a_key_twice_is_refused_though_its_signature_holds() {
    let mut shop = Shop::new();
    let text = String::from_utf8(Shop::statement(SCAN, &trivy())).unwrap();
    let payload = text.replacen('{', r#"{"predicateType":"https://evil.example","#, 1);
    let bundle = shop.bundle("scanner", payload.as_bytes()).to_string();
    let digest = shop.lay(bundle);
    assert_eq!(shop.failure(digest).code, Problem::EvidenceMalformed);
}

#[test]
fn a_second_signature_cannot_ride_along_in_a_bundle() {
    let mut shop = Shop::new();
    let mut bundle = shop.bundle("scanner", &Shop::statement(SCAN, &trivy()));
    let other = shop.envelope("build", b"{}")["signatures"][0].clone();
    bundle["dsseEnvelope"]["signatures"].as_array_mut().unwrap().push(other);
    let digest = shop.lay(bundle.to_string());
    assert_eq!(shop.failure(digest).code, Problem::EvidenceMalformed);
}

#[test]
fn other_payload_types_and_predicates_prove_nothing() {
    let mut shop = Shop::new();
    let mut envelope = shop.envelope("scanner", &Shop::statement(SCAN, &trivy()));
    envelope["payloadType"] = json!("application/json");
    let digest = shop.lay(envelope.to_string());
    assert_eq!(shop.failure(digest).code, Problem::EvidenceUnknown);
    let digest = shop.attest("build", SLSA_VSA, &json!({}));
    assert_eq!(shop.failure(digest).code, Problem::PredicateUnsupported);
}

#[test]
fn a_flood_of_referrers_does_not_push_out_what_was_named() {
    let mut shop = Shop::new();
    shop.document.allow_unsigned.insert(Kind::Scan);
    for at in 0..limits::EVIDENCE_COUNT {
        shop.lay(format!("junk {at}"));
    }
    shop.add(trivy().to_string(), Origin::Named { name: "f".to_owned() });
    let facts = shop.facts();
    assert_eq!(facts.vulnerabilities.scans.len(), 1);
    let over = facts.failed.iter().filter(|it| it.code == Problem::EvidenceTooLarge).count();
    assert_eq!(over, 1);
}

#[test]
fn a_bundle_with_entries_without_end_is_refused_before_any_is_verified() {
    let mut shop = Shop::new();
    let mut bundle = shop.bundle("scanner", &Shop::statement(SCAN, &trivy()));
    let stamp = json!({"signedTimestamp": "AAAA"});
    bundle["verificationMaterial"]["timestampVerificationData"] =
        json!({"rfc3161Timestamps": vec![stamp; limits::TIMESTAMPS + 1]});
    let digest = shop.lay(bundle.to_string());
    assert_eq!(shop.failure(digest).code, Problem::EvidenceTooLarge);
}

#[test]
fn what_exceeds_a_cap_is_refused_whatever_it_says() {
    let mut shop = Shop::new();
    shop.document.allow_unsigned.extend([Kind::Scan, Kind::Sbom]);
    let mut statement: Value = serde_json::from_slice(&Shop::statement(SCAN, &trivy())).unwrap();
    let subject = statement["subject"][0].clone();
    statement["subject"] = vec![subject; limits::STATEMENT_SUBJECTS + 1].into();
    let crowded = shop.bundle("scanner", statement.to_string().as_bytes()).to_string();
    let mut envelope = shop.envelope("scanner", &Shop::statement(SCAN, &trivy()));
    let signature = envelope["signatures"][0].clone();
    envelope["signatures"] = vec![signature; limits::ENVELOPE_SIGNATURES + 1].into();
    let padded = |text: &str, size: usize| format!("{text}{}", " ".repeat(size - text.len()));
    let report = trivy().to_string();
    for bytes in [crowded, envelope.to_string(), padded(&report, limits::EVIDENCE_BYTES + 1)] {
        let digest = shop.lay(bytes);
        assert_eq!(shop.failure(digest).code, Problem::EvidenceTooLarge);
    }
    let bom = json!({"bomFormat": "CycloneDX", "specVersion": "1.6"}).to_string();
    shop.lay(padded(&bom, limits::EVIDENCE_BYTES + 1));
    assert_eq!(shop.facts().sbom.len(), 1, "a bill of materials may be larger");
}
