//! `gate verify bundle` against the bundles of the sigstore conformance suite.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test reads its cases from disk and says what it did not run"
)]

use std::path::Path;

use gate_core::Digest;
use gate_core::verify::bundle::{Accepted, Artifact, Rejected, Signer, check};

use crate::data::data;

const IDENTITY: &str = "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main";
const ISSUER: &str = "https://token.actions.githubusercontent.com";

/// Verifies the case in this folder as its suite's README says.
fn judge(suite: &Path, case: &Path, by_digest: bool) -> Result<Accepted, Rejected> {
    let read = |name: &str| std::fs::read(case.join(name)).ok();
    let text = |name: &str| read(name).map(|bytes| String::from_utf8(bytes).unwrap());
    let artifact = read("artifact").unwrap_or_else(|| std::fs::read(suite.join("a.txt")).unwrap());
    let identity = text("identity").unwrap_or_else(|| IDENTITY.to_owned());
    let issuer = text("issuer").unwrap_or_else(|| ISSUER.to_owned());
    let signer = match text("key.pub") {
        Some(pem) => Signer::key(pem),
        None => Signer::identity(Some(identity.trim()), None, Some(issuer.trim()), None).unwrap(),
    };
    let artifact = if by_digest {
        Artifact::Digest(Digest::of(&artifact))
    } else {
        Artifact::Bytes(&artifact)
    };
    let root = read("trusted_root.json");
    check(&read("bundle.sigstore.json").unwrap(), artifact, &signer, root.as_deref())
}

#[test]
fn every_case_of_the_conformance_suite_is_judged_as_expected() {
    let Some(suite) = data("sigstore-bundles/sigstore-conformance") else { return };
    let mut cases: Vec<_> = std::fs::read_dir(suite.join("bundle-verify"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    cases.sort();
    assert!(cases.len() >= 40, "{} cases", cases.len());
    let mut wrong = vec![];
    for case in &cases {
        let name = case.file_name().unwrap().to_str().unwrap();
        for by_digest in [false, true] {
            let result = judge(&suite, case, by_digest);
            println!(
                "{name}: {}",
                result.as_ref().map_or_else(ToString::to_string, |it| format!("{it:?}"))
            );
            if result.is_ok() == name.ends_with("_fail") {
                wrong.push(name);
            }
        }
    }
    println!("{} cases, {} not as expected", cases.len(), wrong.len());
    assert_eq!(wrong, Vec::<&str>::new());
}

#[test]
fn a_bundle_relabelled_to_an_older_version_without_its_proof_is_rejected() {
    let Some(suite) = data("sigstore-bundles/sigstore-conformance") else { return };
    let case = suite.join("bundle-verify/happy-path-v0.3");
    let text = std::fs::read_to_string(case.join("bundle.sigstore.json")).unwrap();
    let artifact = std::fs::read(suite.join("a.txt")).unwrap();
    let signer = Signer::identity(Some(IDENTITY), None, Some(ISSUER), None).unwrap();
    let judge = |bundle: &serde_json::Value| {
        check(bundle.to_string().as_bytes(), Artifact::Bytes(&artifact), &signer, None)
    };
    let whole: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert!(judge(&whole).is_ok());
    let mut relabelled = whole.clone();
    relabelled["mediaType"] = "application/vnd.dev.sigstore.bundle+json;version=0.1".into();
    relabelled["verificationMaterial"]["tlogEntries"][0]
        .as_object_mut()
        .unwrap()
        .remove("inclusionProof");
    assert_eq!(judge(&relabelled).unwrap_err().code, "evidence-malformed");
    let mut unlabelled = whole.clone();
    unlabelled.as_object_mut().unwrap().remove("mediaType");
    assert_eq!(judge(&unlabelled).unwrap_err().code, "evidence-malformed");
    let mut flooded = whole;
    let entry = flooded["verificationMaterial"]["tlogEntries"][0].clone();
    flooded["verificationMaterial"]["tlogEntries"] = vec![entry; 2_000].into();
    assert_eq!(judge(&flooded).unwrap_err().code, "evidence-too-large");
}

#[test]
fn an_identity_that_only_contains_the_expected_one_is_rejected() {
    let Some(suite) = data("sigstore-bundles/sigstore-conformance") else { return };
    let case = suite.join("bundle-verify/happy-path-v0.3");
    let bundle = std::fs::read(case.join("bundle.sigstore.json")).unwrap();
    let artifact = std::fs::read(suite.join("a.txt")).unwrap();
    let judge = |pattern: &str, issuer: &str| {
        let signer = Signer::identity(None, Some(pattern), Some(issuer), None).unwrap();
        check(&bundle, Artifact::Bytes(&artifact), &signer, None).map_err(|it| it.code)
    };
    assert!(judge("https://github.com/sigstore-conformance/.*", ISSUER).is_ok());
    assert_eq!(judge("github.com/sigstore-conformance/.*", ISSUER), Err("identity-mismatch"));
    assert_eq!(judge("https://github.com/sigstore-conformance/", ISSUER), Err("identity-mismatch"));
    assert_eq!(judge(".*", "https://issuer.example"), Err("identity-mismatch"));
}
