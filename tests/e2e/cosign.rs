//! The commands of docs/SIGNING.md with the real cosign: what it signs, Gate counts.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use gate_core::Digest;
use gate_core::facts::FactsDocument;
use gate_core::predicates;
use gate_fixtures::stored;
use gate_io::config;

use crate::cases;

/// The real cosign, on PATH or where `scripts/peers.sh` puts it.
fn cosign() -> Option<PathBuf> {
    let peers = std::env::var_os("GATE_PEERS").map(PathBuf::from);
    let cache = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache/gate/peers"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .chain(peers)
        .chain(cache)
        .map(|folder| folder.join("cosign"))
        .find(|program| program.is_file());
    assert!(
        found.is_some() || std::env::var_os("CI").is_none(),
        "CI must have cosign: scripts/peers.sh cosign"
    );
    found
}

/// A folder in which cosign works without a network, a log or a password.
struct Desk {
    program: PathBuf,
    folder: tempfile::TempDir,
}

impl Desk {
    fn new(program: PathBuf) -> Self {
        let desk = Self { program, folder: tempfile::tempdir().unwrap() };
        desk.run(&["signing-config", "create", "--out", "signing-config.json"]);
        desk.run(&["trusted-root", "create", "--out", "trusted-root.json"]);
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, arguments: &[&str]) {
        // A proxy that nobody listens on: what reaches for the network fails.
        let output = Command::new(&self.program)
            .args(arguments)
            .current_dir(self.folder.path())
            .env("COSIGN_PASSWORD", "")
            .env("TUF_ROOT", self.path("tuf"))
            .env("HTTPS_PROXY", "http://127.0.0.1:9")
            .output()
            .unwrap();
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "cosign {arguments:?}: {err}");
    }

    /// Signs a predicate about a manifest with a test key and returns the bundle's path.
    fn attest(&self, signer: &str, kind: &str, predicate: &[u8], manifest: &Path) -> PathBuf {
        let pem = self.path(&format!("{signer}.pem"));
        fs::copy(stored::root().join(format!("keys/{signer}.pem")), &pem).unwrap();
        fs::set_permissions(&pem, fs::Permissions::from_mode(0o600)).unwrap();
        self.run(&["import-key-pair", "--key", &format!("{signer}.pem"), "-o", signer]);
        fs::write(self.path("predicate.json"), predicate).unwrap();
        fs::copy(manifest, self.path("manifest.json")).unwrap();
        let bundle = format!("{signer}.bundle.json");
        self.run(&[
            "attest-blob",
            "--yes",
            "--key",
            &format!("{signer}.key"),
            "--signing-config",
            "signing-config.json",
            "--trusted-root",
            "trusted-root.json",
            "--type",
            kind,
            "--predicate",
            "predicate.json",
            "--bundle",
            &bundle,
            "manifest.json",
        ]);
        self.path(&bundle)
    }
}

#[test]
fn a_scan_a_test_report_and_an_approval_signed_with_cosign_count() {
    let Some(program) = cosign() else {
        println!("not run: there is no cosign; scripts/peers.sh builds it");
        return;
    };
    let desk = Desk::new(program);
    let case = stored::named("no-approvals_deny").unwrap();
    let digest: Digest = case.document.subject.as_deref().unwrap().parse().unwrap();
    let blob = format!("blobs/sha256/{}", digest.to_hex());
    let manifest = case.layouts()[0].join(blob);

    let trivy = br#"{"SchemaVersion": 2, "ArtifactName": "storefront", "Results": []}"#;
    let junit = br#"{"format": "junit", "report": "<testsuite name='cart'><testcase name='a'/></testsuite>"}"#;
    let approval = br#"{"environment": "production", "approved_at": "2026-11-17T10:00:00Z",
        "expires_at": "2036-11-17T10:00:00Z", "reason": "Reviewed."}"#;
    let evidence = vec![
        desk.attest("scanner", predicates::SCAN, trivy, &manifest),
        desk.attest("build", predicates::TEST, junit, &manifest),
        desk.attest("alice", predicates::APPROVAL, approval, &manifest),
    ];

    let digests: BTreeSet<_> =
        evidence.iter().map(|path| Digest::of(&fs::read(path).unwrap())).collect();
    let configuration = config::load(&case.config()).unwrap();
    let decided = cases::decide(&case, &configuration, digest, evidence);
    let facts: &FactsDocument = decided.facts.document();
    assert_eq!(facts.failed, []);
    let attested: BTreeSet<_> =
        facts.attestations.iter().map(|fact| fact.source.evidence).collect();
    assert!(digests.is_subset(&attested), "{digests:?}");
    assert_eq!(facts.approvals[0].value.person, "alice");
}
