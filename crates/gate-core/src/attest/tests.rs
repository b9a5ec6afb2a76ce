//! Tests of summaries, envelopes and bundles: the specifications' own examples, and forgeries.

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

use super::*;
use crate::decision::{Effect, Mode, Verdict};
use crate::facts::{Binding, Fact, FactsDocument, Signature, Source};
use crate::request::{Asker, Request, Subject as DecisionSubject, SubjectKind};

enum Pair {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

struct TestSigner {
    pair: Pair,
    spki: Vec<u8>,
}

impl TestSigner {
    fn p256() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let spki: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
        Self { spki: spki.as_ref().to_vec(), pair: Pair::P256(pair) }
    }

    fn ed25519() -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[3; 32]).unwrap();
        let spki: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
        Self { spki: spki.as_ref().to_vec(), pair: Pair::Ed25519(pair) }
    }

    fn key(&self) -> PublicKey {
        PublicKey::from_der(&self.spki).unwrap()
    }
}

impl Signer for TestSigner {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, GateError> {
        Ok(match &self.pair {
            Pair::P256(pair) => pair.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec(),
            Pair::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
        })
    }

    fn public_key(&self) -> &[u8] {
        &self.spki
    }
}

fn statement() -> Statement {
    let subject = Subject::by_sha256(Digest::of(b"artifact"));
    Statement::new(subject, predicates::APPROVAL, serde_json::json!({"environment": "production"}))
}

fn decision(verdict: Verdict, would_deny: bool) -> Decision {
    Decision {
        version: 1,
        dialect: crate::policy::Dialect::Gate,
        subject: DecisionSubject { digest: Digest::of(b"artifact"), kind: SubjectKind::Artifact },
        environment: "production".into(),
        mode: Mode::Enforce,
        now: "2026-11-23T08:00:00Z".parse().unwrap(),
        policy: Digest::of(b"policy"),
        facts: Digest::of(b"facts"),
        findings: vec![],
        exceptions: vec![],
        verdict,
        would_deny,
    }
}

fn environment() -> crate::environment::EnvironmentDocument {
    serde_json::from_value(serde_json::json!({
        "name": "production", "mode": "enforce",
        "policy": {"digest": Digest::of(b"policy"), "uri": "https://gate.example/policy"},
        "signers": {}, "trust": {}, "people": {}, "allow_unsigned": [], "predicate_aliases": {},
        "roots": {}, "exceptions": [], "limits": {"rule_ms": 1, "decision_ms": 1},
        "verifier_id": "https://gate.example/shop", "resource_uri": null
    }))
    .unwrap()
}

fn facts() -> FactsDocument {
    let decision = decision(Verdict::Allow, false);
    let mut facts = FactsDocument::empty(&Request {
        subject: decision.subject,
        asker: Asker { requester: "tester".into(), admission: None },
        now: decision.now,
        object: None,
    });
    // The same evidence twice, and one whose digest sorts before it.
    for evidence in [b"b".as_slice(), b"a", b"b"] {
        let source = Source {
            evidence: Digest::of(evidence),
            binding: Binding::Statement,
            signer: None,
            identity: None,
            caller: None,
        };
        let value = Signature { form: "message".into(), signed_at: None, logged: false };
        facts.signatures.push(Fact { source, value });
    }
    facts
}

fn summary(decision: &Decision) -> serde_json::Value {
    let summary = Summary::new(decision, Digest::of(b"decision"), &facts(), &environment());
    serde_json::to_value(summary).unwrap()
}

#[test]
fn the_specifications_own_encoding_is_made() {
    assert_eq!(
        pae("http://example.com/HelloWorld", b"hello world"),
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    );
    assert_eq!(pae("", "\u{e9}".as_bytes()), "DSSEv1 0  2 \u{e9}".as_bytes());
}

#[test]
fn a_summary_has_every_field_that_the_specification_asks_for() {
    let mut inputs = [Digest::of(b"a").to_hex(), Digest::of(b"b").to_hex()];
    inputs.sort();
    assert_eq!(
        summary(&decision(Verdict::Allow, false)),
        serde_json::json!({
            "verifier": {
                "id": "https://gate.example/shop",
                "version": {"gate": env!("CARGO_PKG_VERSION")},
            },
            "timeVerified": "2026-11-23T08:00:00Z",
            "resourceUri": Digest::of(b"artifact"),
            "policy": {
                "uri": "https://gate.example/policy",
                "digest": {"sha256": Digest::of(b"policy").to_hex()},
            },
            "inputAttestations": [
                {"digest": {"sha256": inputs[0]}},
                {"digest": {"sha256": inputs[1]}},
            ],
            "verificationResult": "PASSED",
            "verifiedLevels": [POLICY_PASSED],
            "slsaVersion": "1.2",
            DECISION_FIELD: {
                "id": Digest::of(b"decision"),
                "environment": "production",
                "verdict": "allow",
                "wouldDeny": false,
            },
        })
    );
}

#[test]
fn the_result_is_the_policys_own_whatever_the_mode_made_of_it() {
    for (verdict, would_deny, expected) in [
        (Verdict::Allow, false, "PASSED"),
        (Verdict::Allow, true, "FAILED"),
        (Verdict::Deny, true, "FAILED"),
        (Verdict::Deny, false, "FAILED"),
    ] {
        let summary = summary(&decision(verdict, would_deny));
        assert_eq!(summary["verificationResult"], expected);
        assert_eq!(summary["verifiedLevels"][0] == "FAILED", expected == "FAILED");
    }
    let mut contradictory = decision(Verdict::Allow, false);
    contradictory.findings.push(crate::decision::Finding {
        code: "x".into(),
        author: crate::decision::Author::Rule,
        severity: crate::decision::Severity::Deny,
        effect: Effect::Denies,
        package: None,
        title: String::new(),
        message: String::new(),
        solution: None,
        detail: serde_json::Value::Null,
        effective_on: None,
        exception: None,
    });
    assert_eq!(summary(&contradictory)["verificationResult"], "FAILED");
}

#[test]
fn both_forms_are_accepted_with_the_key_that_signed_and_no_other() {
    for signer in [TestSigner::p256(), TestSigner::ed25519()] {
        let attestation = sign_statement(&statement(), &signer).unwrap();
        for bytes in [&attestation.bundle, &attestation.envelope] {
            assert_eq!(verify_attestation(bytes, &signer.key()).unwrap(), statement());
            let other = TestSigner::p256().key();
            let refused = verify_attestation(bytes, &other);
            assert!(matches!(refused, Err(AttestationError::Signature)), "{refused:?}");
        }
    }
}

#[test]
fn a_bundle_has_the_form_that_cosign_reads() {
    let signer = TestSigner::p256();
    let attestation = sign_statement(&statement(), &signer).unwrap();
    let bundle: serde_json::Value = serde_json::from_slice(&attestation.bundle).unwrap();
    assert_eq!(bundle["mediaType"], "application/vnd.dev.sigstore.bundle.v0.3+json");
    let hint = STANDARD.encode(Digest::of(&signer.spki).as_bytes());
    assert_eq!(bundle["verificationMaterial"]["publicKey"]["hint"], hint);
    assert_eq!(bundle["dsseEnvelope"]["payloadType"], "application/vnd.in-toto+json");
    assert_eq!(bundle["dsseEnvelope"]["signatures"].as_array().unwrap().len(), 1);
    assert_eq!(bundle["dsseEnvelope"]["signatures"][0]["keyid"], "");
    assert_eq!(
        canonical::to_vec(&bundle).unwrap(),
        attestation.bundle,
        "a receipt rebuilds these bytes"
    );
}

/// A change to the parsed envelope, as text of the whole.
fn changed(bytes: &[u8], change: impl Fn(&mut serde_json::Value)) -> Vec<u8> {
    let mut envelope = serde_json::from_slice(bytes).unwrap();
    change(&mut envelope);
    serde_json::to_vec(&envelope).unwrap()
}

#[test]
fn keyid_and_base64_alphabet_play_no_part() {
    let signer = TestSigner::p256();
    let attestation = sign_statement(&statement(), &signer).unwrap();
    let other = changed(&attestation.envelope, |envelope| {
        envelope["signatures"][0]["keyid"] = "of somebody else".into();
        let payload = STANDARD.decode(envelope["payload"].as_str().unwrap()).unwrap();
        envelope["payload"] = URL_SAFE.encode(payload).into();
    });
    assert_eq!(verify_attestation(&other, &signer.key()).unwrap(), statement());
}

#[test]
fn forged_envelopes_are_refused_each_with_its_reason() {
    let signer = TestSigner::p256();
    let key = signer.key();
    let attestation = sign_statement(&statement(), &signer).unwrap();
    let refusal = |change: &dyn Fn(&mut serde_json::Value)| {
        verify_attestation(&changed(&attestation.envelope, change), &key).unwrap_err()
    };
    let another = STANDARD.encode(br#"{"_type":"x"}"#);
    assert!(matches!(
        refusal(&|envelope| envelope["payload"] = another.clone().into()),
        AttestationError::Signature
    ));
    assert!(matches!(
        refusal(&|envelope| envelope["payloadType"] = "text/plain".into()),
        AttestationError::Signature
    ));
    assert!(matches!(
        refusal(&|envelope| envelope["signatures"] = serde_json::json!([])),
        AttestationError::Signatures(0)
    ));
    assert!(matches!(
        refusal(&|envelope| {
            let signature = envelope["signatures"][0].clone();
            envelope["signatures"] = serde_json::json!([signature, signature]);
        }),
        AttestationError::Signatures(2)
    ));
    assert!(matches!(
        refusal(&|envelope| envelope["payload"] = "!".into()),
        AttestationError::Base64("payload", _)
    ));
    for bytes in [b"".as_slice(), b"{}", b"[]", b"\xff", b"{\"dsseEnvelope\": 1}"] {
        assert!(matches!(verify_attestation(bytes, &key), Err(AttestationError::NoEnvelope(_))));
    }
}

#[test]
fn a_signed_payload_of_another_kind_is_refused() {
    let signer = TestSigner::p256();
    let sign = |payload_type: &str, payload: &[u8]| {
        let signature = signer.sign(&pae(payload_type, payload)).unwrap();
        let envelope = dsse::Envelope::signed(payload, &signature);
        let bytes = canonical::to_vec(&envelope).unwrap();
        changed(&bytes, |envelope| envelope["payloadType"] = payload_type.into())
    };
    let refusal = |bytes: &[u8]| verify_attestation(bytes, &signer.key()).unwrap_err();
    assert!(matches!(refusal(&sign("text/plain", b"{}")), AttestationError::PayloadType(_)));
    assert!(matches!(refusal(&sign(dsse::PAYLOAD_TYPE, b"{}")), AttestationError::Payload(_)));
    let other = Statement { statement_type: "x".into(), ..statement() };
    let bytes = canonical::to_vec(&other).unwrap();
    assert!(matches!(
        refusal(&sign(dsse::PAYLOAD_TYPE, &bytes)),
        AttestationError::StatementType(_)
    ));
}

#[test]
fn public_keys_of_other_kinds_are_refused() {
    use aws_lc_rs::signature::ECDSA_P384_SHA384_ASN1_SIGNING;
    let pair = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_ASN1_SIGNING).unwrap();
    let spki: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
    assert_eq!(PublicKey::from_der(spki.as_ref()), Err(PublicKeyError::Kind));
    assert_eq!(PublicKey::from_der(b""), Err(PublicKeyError::Kind));
    assert_eq!(PublicKey::from_pem("no key"), Err(PublicKeyError::NotPem));
    let key = TestSigner::p256().key();
    assert_eq!(PublicKey::from_pem(&key.to_pem()), Ok(key));
}
