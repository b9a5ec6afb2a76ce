//! Attestations as other programs judge them: cosign the bundle, slsa-verifier the plain envelope.
//! They run where the program is on PATH or in the folder `GATE_PEERS`.

use std::path::PathBuf;
use std::process::Command;

use gate_core::Digest;
use gate_core::attest::{Attestation, POLICY_PASSED, Statement, Subject, Summary, sign_statement};
use gate_core::decision::{Decision, Mode, Verdict};
use gate_core::environment::EnvironmentDocument;
use gate_core::facts::{Facts, FactsDocument};
use gate_core::predicates::SLSA_VSA;
use gate_core::request::{Subject as DecisionSubject, SubjectKind};

use super::*;

const ARTIFACT: &[u8] = b"a release\n";
const VERIFIER: &str = "https://gate.example/shop";
const RESOURCE: &str = "pkg:oci/shop?repository_url=registry.example/shop";

/// The path of a peer; `None` where it is not at hand.
fn peer(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path)
        .chain(std::env::var_os("GATE_PEERS").map(PathBuf::from))
        .map(|folder| folder.join(name));
    let found = folders.into_iter().find(|program| program.is_file());
    if found.is_none() {
        eprintln!("not run: no `{name}` on PATH or in GATE_PEERS");
    }
    found
}

/// A signed decision, with the files that a consumer has.
struct Signed {
    folder: tempfile::TempDir,
}

impl Signed {
    fn new(kind: KeyKind, verdict: Verdict) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = generate(kind, &folder.path().join("key.pem")).unwrap();
        let Attestation { bundle, envelope } = attestation(verdict, &key);
        let signed = Self { folder };
        std::fs::write(signed.path("key.pub"), key.public().to_pem()).unwrap();
        std::fs::write(signed.path("artifact"), ARTIFACT).unwrap();
        std::fs::write(signed.path("bundle.json"), bundle).unwrap();
        std::fs::write(signed.path("envelope.json"), envelope).unwrap();
        signed
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

fn attestation(verdict: Verdict, key: &KeyFile) -> Attestation {
    let decision = Decision {
        version: 1,
        dialect: gate_core::policy::Dialect::Gate,
        subject: DecisionSubject { digest: Digest::of(ARTIFACT), kind: SubjectKind::Artifact },
        environment: "production".into(),
        mode: Mode::Enforce,
        now: "2026-11-23T08:00:00Z".parse().unwrap(),
        policy: Digest::of(b"policy"),
        facts: Digest::of(b"facts"),
        findings: vec![],
        exceptions: vec![],
        verdict,
        would_deny: verdict == Verdict::Deny,
    };
    let environment: EnvironmentDocument = serde_json::from_value(serde_json::json!({
        "name": "production", "mode": "enforce",
        "policy": {"digest": decision.policy, "uri": "https://gate.example/policy"},
        "signers": {}, "trust": {}, "people": {}, "allow_unsigned": [], "predicate_aliases": {},
        "roots": {}, "exceptions": [], "limits": {"rule_ms": 1, "decision_ms": 1},
        "verifier_id": VERIFIER, "resource_uri": RESOURCE
    }))
    .unwrap();
    let (_, id) = decision.canonical().unwrap();
    let summary = Summary::new(&decision, id, &facts(), &environment);
    let subject = Subject::by_sha256(decision.subject.digest);
    let predicate = serde_json::to_value(summary).unwrap();
    sign_statement(&Statement::new(subject, SLSA_VSA, predicate), key).unwrap()
}

/// Facts with one signature, so that `inputAttestations` is not empty.
fn facts() -> FactsDocument {
    let bytes = serde_json::to_vec(&serde_json::json!({
        "subject": {
            "digest": Digest::of(ARTIFACT), "kind": "artifact", "media_type": null,
            "annotations": {}, "config": null, "platforms": []
        },
        "signatures": [{
            "source": {
                "evidence": Digest::of(b"evidence"), "binding": "statement", "signer": "build",
                "identity": null, "caller": null
            },
            "form": "message", "signed_at": null, "logged": false
        }],
        "attestations": [], "provenance": [], "sbom": [],
        "vulnerabilities": {"scans": [], "findings": []}, "tests": [], "analysis": [],
        "approvals": [], "changes": [], "promotions": [], "deployments": [], "object": null,
        "failed": []
    }))
    .unwrap();
    let digest = Digest::of(&bytes);
    Facts::recorded(bytes, digest).unwrap().document().clone()
}

fn accepted(command: &mut Command) -> (bool, String) {
    let output = command.output().unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn cosign_accepts_the_bundle_for_its_artifact_and_key_alone() {
    let Some(cosign) = peer("cosign") else { return };
    for kind in [KeyKind::P256, KeyKind::Ed25519] {
        let (signed, other) =
            (Signed::new(kind, Verdict::Allow), Signed::new(kind, Verdict::Allow));
        std::fs::write(other.path("artifact"), "another release\n").unwrap();
        let verify = |key: PathBuf, artifact: PathBuf| {
            accepted(
                Command::new(&cosign)
                    .args(["verify-blob-attestation", "--insecure-ignore-tlog"])
                    .args(["--type", SLSA_VSA, "--key"])
                    .arg(key)
                    .arg("--bundle")
                    .arg(signed.path("bundle.json"))
                    .arg(artifact)
                    .env("HOME", signed.folder.path()),
            )
        };
        let (ok, told) = verify(signed.path("key.pub"), signed.path("artifact"));
        assert!(ok, "{kind}: {told}");
        assert!(!verify(other.path("key.pub"), signed.path("artifact")).0, "{kind}");
        assert!(!verify(signed.path("key.pub"), other.path("artifact")).0, "{kind}");
    }
}

#[test]
fn slsa_verifier_accepts_the_envelope_of_a_pass_and_refuses_that_of_a_fail() {
    let Some(slsa_verifier) = peer("slsa-verifier") else { return };
    let verify = |signed: &Signed, resource: &str, more: &[&str]| {
        accepted(
            Command::new(&slsa_verifier)
                .args(["verify-vsa", "--verifier-id", VERIFIER, "--resource-uri", resource])
                .args(["--subject-digest", &Digest::of(ARTIFACT).to_string()])
                .args(["--public-key-path".as_ref(), signed.path("key.pub").as_os_str()])
                .args(["--attestation-path".as_ref(), signed.path("envelope.json").as_os_str()])
                .args(more),
        )
    };
    for kind in [KeyKind::P256, KeyKind::Ed25519] {
        let (passed, failed) =
            (Signed::new(kind, Verdict::Allow), Signed::new(kind, Verdict::Deny));
        let (ok, told) = verify(&passed, RESOURCE, &[]);
        assert!(ok, "{told}");
        let (ok, told) = verify(&passed, RESOURCE, &["--verified-level", POLICY_PASSED]);
        assert!(ok, "{told}");
        assert!(!verify(&passed, RESOURCE, &["--verified-level", "SLSA_BUILD_LEVEL_1"]).0);
        assert!(!verify(&passed, "pkg:oci/other", &[]).0);
        assert!(!verify(&failed, RESOURCE, &[]).0);
    }
}
