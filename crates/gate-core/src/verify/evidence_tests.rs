//! Evidence that must count, and attacks that must not.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use super::testing::{COMMIT, Shop, subject};
use crate::Digest;
use crate::evidence::{Collected, Evidence, Kind, Origin};
use crate::facts::Binding;
use crate::predicates::{APPROVAL, CHANGE, COSIGN_SIGN, COSIGN_VULN, CYCLONEDX, SCAN, TEST};
use crate::reason::Problem;

fn trivy() -> Value {
    json!({
        "SchemaVersion": 2, "CreatedAt": "2026-11-22T00:00:00Z", "ArtifactName": "shop",
        "Results": [{"Target": "app", "Vulnerabilities": [{
            "VulnerabilityID": "CVE-2026-0001", "PkgName": "openssl", "InstalledVersion": "3.0",
            "FixedVersion": "3.1, 3.0.1", "Severity": "CRITICAL",
        }]}],
    })
}

fn bom() -> Value {
    json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6",
        "components": [{"type": "library", "name": "a", "components": [{"type": "library", "name": "b"}]}],
    })
}

const JUNIT: &str = "<testsuites tests=\"9\"><testsuite name=\"s\"><testcase name=\"a\"/>\
    <testcase name=\"b\"><failure/></testcase></testsuite></testsuites>";

#[test]
fn signed_evidence_of_every_kind_becomes_facts() {
    let mut shop = Shop::new();
    shop.built();
    shop.attest("build", COSIGN_SIGN, &Value::Null);
    shop.attest("build", CYCLONEDX, &bom());
    shop.attest("scanner", SCAN, &trivy());
    shop.attest("scanner", COSIGN_VULN, &json!({"scanner": {"result": trivy()}}));
    shop.attest("build", TEST, &json!({"format": "junit", "report": JUNIT}));
    shop.attest("bob", APPROVAL, &Shop::approval());
    shop.attest("carol", APPROVAL, &Shop::approval());
    let facts = shop.facts();
    assert_eq!(facts.failed, []);
    assert_eq!(facts.attestations.len(), 9);
    assert_eq!(facts.signatures[0].value.form, "statement");
    let source = facts.provenance[0].value.source.as_ref().unwrap();
    assert_eq!(source.commit.as_deref(), Some(COMMIT));
    let names: Vec<_> = facts.sbom[0].value.components.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(facts.vulnerabilities.scans.len(), 2);
    let [finding] = facts.vulnerabilities.findings.as_slice() else { panic!("one finding") };
    assert_eq!((finding.severity.name(), finding.scans.len()), ("critical", 2));
    assert_eq!(finding.fixed, ["3.0.1", "3.1"]);
    assert_eq!((facts.tests[0].value.total, facts.tests[0].value.failed), (2, 1));
    assert_eq!(facts.changes[0].value.people, ["alice"]);
    let people: Vec<_> = facts.approvals.iter().map(|it| it.value.person.as_str()).collect();
    assert_eq!(people.len(), 2);
    for fact in &facts.approvals {
        assert_eq!(fact.source.binding, Binding::Statement);
        assert_eq!(fact.source.signer.as_deref(), Some(fact.value.person.as_str()));
    }
}

#[test]
fn plain_envelopes_count_in_either_alphabet() {
    let mut shop = Shop::new();
    // One whose signature, which is random, is written differently in the two alphabets.
    let mut envelope = (0..1_000)
        .map(|_| shop.envelope("scanner", &Shop::statement(SCAN, &trivy())))
        .find(|it| it["signatures"][0]["sig"].as_str().unwrap().contains(['+', '/']))
        .unwrap();
    shop.lay(envelope.to_string());
    let url_safe =
        |value: &Value| json!(value.as_str().unwrap().replace('+', "-").replace('/', "_"));
    envelope["payload"] = url_safe(&envelope["payload"]);
    envelope["signatures"][0]["sig"] = url_safe(&envelope["signatures"][0]["sig"]);
    shop.lay(envelope.to_string());
    let facts = shop.facts();
    assert_eq!((facts.failed, facts.vulnerabilities.scans.len()), (vec![], 2));
}

#[test]
fn a_raw_ecdsa_signature_counts_as_the_der_one_does() {
    let mut shop = Shop::new();
    // Some have leading zeros, which DER drops, or a high bit, which DER pads.
    for at in 0..64 {
        let payload =
            Shop::statement(SCAN, &json!({"SchemaVersion": 2, "ArtifactName": at.to_string()}));
        let mut envelope = shop.envelope("scanner", &payload);
        let der = BASE64.decode(envelope["signatures"][0]["sig"].as_str().unwrap()).unwrap();
        envelope["signatures"][0]["sig"] = json!(BASE64.encode(raw(&der)));
        shop.lay(envelope.to_string());
    }
    let facts = shop.facts();
    assert_eq!((facts.failed, facts.vulnerabilities.scans.len()), (vec![], 64));
}

/// r||s, 32 bytes each, of a DER signature.
fn raw(der: &[u8]) -> Vec<u8> {
    let (r, rest) = der[4..].split_at(usize::from(der[3]));
    let s = &rest[2..];
    let fixed = |number: &[u8]| {
        let digits: Vec<u8> = number.iter().copied().skip_while(|byte| *byte == 0).collect();
        [vec![0; 32 - digits.len()], digits].concat()
    };
    [fixed(r), fixed(s)].concat()
}

#[test]
fn a_signature_over_a_file_counts_for_that_file_alone() {
    let mut shop = Shop::new();
    let signed = |shop: &Shop, signer: &str, bytes: &[u8], digest: Digest| {
        json!({
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": {"publicKey": {"hint": ""}},
            "messageSignature": {
                "messageDigest": {"algorithm": "SHA2_256", "digest": BASE64.encode(digest.as_bytes())},
                "signature": BASE64.encode(shop.keys[signer].sign(bytes)),
            },
        })
        .to_string()
    };
    let own: &[u8] = b"the shop's image";
    let good = signed(&shop, "build", own, subject());
    shop.lay(good);
    let facts = shop.facts();
    assert_eq!((facts.failed, facts.signatures.len()), (vec![], 1));
    assert_eq!(facts.signatures[0].value.form, "message");
    for (signer, bytes, digest, code) in [
        ("scanner", own, subject(), Problem::SignerNotTrusted),
        ("build", b"other", Digest::of(b"other"), Problem::SubjectMismatch),
        ("build", b"other", subject(), Problem::SignerUnknown),
        // Ed25519 signs files, not digests, and the file is not at hand.
        ("bob", own, subject(), Problem::SignerUnknown),
    ] {
        let bundle = signed(&shop, signer, bytes, digest);
        let evidence = shop.lay(bundle);
        assert_eq!(shop.failure(evidence).code, code, "{signer}");
    }
}

#[test]
fn facts_do_not_depend_on_order_or_on_where_signed_evidence_came_from() {
    let mut shop = Shop::new();
    shop.built();
    shop.attest("scanner", SCAN, &trivy());
    shop.attest("bob", APPROVAL, &Shop::approval());
    shop.lay("garbage");
    let beside = shop.facts();
    shop.evidence.reverse();
    assert_eq!(shop.facts(), beside);
    for piece in &mut shop.evidence {
        if piece.unverified_bytes != b"garbage" {
            piece.origin = Origin::Uploaded { by: "ci".to_owned() };
        }
    }
    let doubled: Vec<_> = shop.evidence.clone();
    shop.evidence.extend(doubled);
    assert_eq!(shop.facts(), beside);
}

#[test]
fn evidence_for_another_subject_does_not_count() {
    let mut shop = Shop::new();
    let other = json!({"sha256": Digest::of(b"other").to_hex()});
    let payload = Shop::statement_about(&other, SCAN, &trivy());
    let text = shop.bundle("scanner", &payload).to_string();
    let digest = shop.lay(text);
    assert_eq!(shop.failure(digest).code, Problem::SubjectMismatch);
    let payload = Shop::statement_about(&json!({"sha512": "00"}), SCAN, &trivy());
    let text = shop.bundle("scanner", &payload).to_string();
    let digest = shop.lay(text);
    assert_eq!(shop.failure(digest).code, Problem::SubjectMismatch);
}

#[test]
fn a_scan_of_another_image_inside_a_statement_for_this_one_does_not_count() {
    let mut shop = Shop::new();
    let mut report = trivy();
    report["Metadata"] = json!({"RepoDigests": [format!("shop@{}", Digest::of(b"other"))]});
    let digest = shop.attest("scanner", SCAN, &report);
    assert_eq!(shop.failure(digest).code, Problem::SubjectMismatch);
    report["Metadata"] = json!({"RepoDigests": [format!("shop@{}", subject())]});
    shop.attest("scanner", SCAN, &report);
    assert_eq!(shop.facts().vulnerabilities.scans.len(), 1);
}

#[test]
fn a_payload_changed_after_signing_does_not_count() {
    let mut shop = Shop::new();
    let clean = Shop::statement(SCAN, &json!({"SchemaVersion": 2}));
    let mut bundle = shop.bundle("scanner", &Shop::statement(SCAN, &trivy()));
    bundle["dsseEnvelope"]["payload"] = shop.envelope("scanner", &clean)["payload"].clone();
    let digest = shop.lay(bundle.to_string());
    assert_eq!(shop.failure(digest).code, Problem::SignerUnknown);
    let pem = shop.document.signers["scanner"].key.clone().unwrap();
    let spki = pem::parse(pem).unwrap().into_contents();
    let hint = hex::encode(Digest::of(&spki).as_bytes());
    bundle["verificationMaterial"]["publicKey"]["hint"] = json!(hint);
    let digest = shop.lay(bundle.to_string());
    let failure = shop.failure(digest);
    assert_eq!(
        (failure.code, failure.signer.as_deref()),
        (Problem::SignatureInvalid, Some("scanner"))
    );
}

#[test]
fn unsigned_evidence_counts_only_where_allowed_and_never_as_a_judgement_of_people() {
    let named = || Origin::Named { name: "file".to_owned() };
    let mut shop = Shop::new();
    let scan = shop.add(trivy().to_string(), named());
    let failure = shop.failure(scan);
    assert_eq!((failure.code, failure.denies), (Problem::UnsignedNotAllowed, false));
    shop.document.allow_unsigned.extend(Kind::ALL);
    let facts = shop.facts();
    let source = &facts.vulnerabilities.scans[0].source;
    assert_eq!((source.binding, source.caller.as_deref()), (Binding::Caller, Some("ci")));
    let mut about = trivy();
    about["Metadata"] = json!({"RepoDigests": [format!("r@{}", subject())]});
    shop.add(about.to_string(), named());
    shop.add(bom().to_string(), Origin::Uploaded { by: "uploader".to_owned() });
    shop.lay(JUNIT);
    shop.built();
    let facts = shop.facts();
    let bindings: Vec<_> = facts.vulnerabilities.scans.iter().map(|it| it.source.binding).collect();
    assert!(bindings.contains(&Binding::Content) && bindings.contains(&Binding::Caller));
    assert_eq!(facts.sbom[0].source.caller.as_deref(), Some("uploader"));
    assert_eq!(facts.tests[0].source.binding, Binding::Content);
    for (predicate_type, predicate) in [
        (APPROVAL, Shop::approval()),
        (CHANGE, Shop::change(&["alice@shop.example"])),
        (COSIGN_SIGN, Value::Null),
    ] {
        let digest = shop.add(Shop::statement(predicate_type, &predicate), named());
        assert_eq!(shop.failure(digest).code, Problem::UnsignedNotAllowed);
    }
}

#[test]
fn an_alias_reads_as_what_it_stands_for() {
    let mut shop = Shop::new();
    let old = "https://old.example/scan/v1";
    shop.document.predicate_aliases.insert(old.to_owned(), SCAN.to_owned());
    shop.attest("scanner", old, &trivy());
    let facts = shop.facts();
    assert_eq!(facts.vulnerabilities.scans.len(), 1);
    assert_eq!(facts.attestations[0].value.predicate_type, old);
}

#[test]
fn bytes_of_another_subject_are_an_error_of_the_source() {
    let shop = Shop::new();
    let collected = |manifest: Option<&[u8]>, config: Option<&[u8]>| Collected {
        unverified_manifest: manifest.map(<[u8]>::to_vec),
        unverified_config: config.map(<[u8]>::to_vec),
        evidence: vec![Evidence::new(vec![], Origin::Beside { name: String::new() })],
        ..Collected::default()
    };
    assert!(shop.facts_of(&collected(Some(b"the shop's image"), None)).is_ok());
    for other in [
        collected(Some(b"another image"), None),
        collected(None, Some(b"{}")),
        collected(Some(b"the shop's image"), Some(b"{}")),
    ] {
        let error = shop.facts_of(&other).unwrap_err();
        assert_eq!(error.code, crate::reason::ErrorCode::SubjectMismatch);
    }
}
