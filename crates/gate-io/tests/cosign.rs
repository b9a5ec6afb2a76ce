//! Images that the real cosign signed: layouts of `cosign save`, and a registry's `.sig` manifests.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test reads its cases from disk and says what it did not run"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gate_core::effects::EvidenceSource;
use gate_core::request::{Asker, Request, Subject, SubjectKind};
use gate_core::verify::bundle::{Accepted, Anchor, Artifact, Rejected, Signer, check_evidence};
use gate_core::{Digest, cosign};
use gate_io::source::{Layout, Layouts};
use serde_json::Value;

/// Layouts that are not accepted: part of their path, the code, and why.
const MISSES: [(&str, &str, &str); 3] = [
    ("testimage", "log-proof-invalid", "signed by a private instance whose root is not at hand"),
    ("v1.4.0", "evidence-malformed", "a log entry of kind intoto 0.0.1, which is not read"),
    ("v1.9.0", "evidence-malformed", "a log entry of kind intoto 0.0.1, which is not read"),
];

fn data() -> Option<PathBuf> {
    let Some(data) = std::env::var_os("GATE_CONFORMANCE_DATA") else {
        println!("not run: GATE_CONFORMANCE_DATA is not set");
        return None;
    };
    Some(PathBuf::from(data).join("cosign"))
}

fn anybody() -> Signer {
    Signer::identity(None, Some(".*"), None, Some(".*")).unwrap()
}

fn judged(
    evidence: &[Vec<u8>],
    subject: Digest,
    signer: &Signer,
) -> Vec<Result<Accepted, Rejected>> {
    let check = |bytes: &Vec<u8>| {
        check_evidence(bytes, Artifact::Digest(subject), signer, Anchor::default())
    };
    evidence.iter().filter_map(check).collect()
}

/// The folders that hold an `index.json`.
fn layouts(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.join("index.json").is_file() {
            found.push(path);
        } else if path.is_dir() {
            layouts(&path, found);
        }
    }
}

fn evidence(layout: Layout, digest: Digest) -> Vec<Vec<u8>> {
    let request = Request {
        subject: Subject { digest, kind: SubjectKind::Artifact },
        asker: Asker { requester: "test".to_owned(), admission: None },
        now: "2026-11-23T08:00:00Z".parse().unwrap(),
        object: None,
    };
    let found = Layouts(vec![layout]).collect(&request).unwrap();
    found.evidence.into_iter().map(|piece| piece.unverified_bytes).collect()
}

#[test]
fn what_cosign_saved_is_found_and_holds() {
    let Some(data) = data() else { return };
    let mut folders = vec![];
    layouts(&data, &mut folders);
    folders.sort();
    assert!(folders.len() >= 6, "{folders:?}");
    let mut wrong = vec![];
    for folder in &folders {
        let layout = Layout::new(folder);
        let digest = layout.image(None).unwrap();
        let evidence = evidence(layout, digest);
        let results = judged(&evidence, digest, &anybody());
        let place = folder.strip_prefix(&data).unwrap().display().to_string();
        for result in &results {
            println!("{place}: {result:?}");
        }
        let reason =
            MISSES.iter().find(|(name, ..)| place.contains(name)).map(|(_, code, _)| *code);
        let as_expected = |result: &Result<Accepted, Rejected>| match (result, reason) {
            (Ok(_), None) => true,
            (Err(rejected), Some(code)) => rejected.code == code,
            _ => false,
        };
        if results.is_empty() || !results.iter().all(as_expected) {
            wrong.push(place);
        }
        // Offered for another image nothing of it counts.
        let others = judged(&evidence, Digest::of(b"another image"), &anybody());
        let told = |rejected: &Rejected| {
            rejected.code == "subject-mismatch" || Some(rejected.code) == reason
        };
        assert!(others.iter().all(|it| it.as_ref().is_err_and(told)));
    }
    println!("{} layouts, {} not as expected", folders.len(), wrong.len());
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn signatures_of_a_registry_count_for_their_keys_alone() {
    let Some(data) = data() else { return };
    let folder = data.join("connaisseur/cosign");
    let image = folder.join("securesystemsengineering/testimage");
    let keys: BTreeMap<_, _> = ["alice", "bob", "charlie", "default"]
        .map(|name| {
            let pem = std::fs::read_to_string(folder.join(format!("{name}.pub"))).unwrap();
            (name, Signer::key(pem))
        })
        .into();
    let evidence = |hex: &str| -> Vec<Vec<u8>> {
        let name = format!("manifests/sha256-{hex}.sig.json");
        let manifest: Value =
            serde_json::from_slice(&std::fs::read(image.join(name)).unwrap()).unwrap();
        let layer = |layer: &Value| {
            let blob = format!("blobs/{}.json", layer["digest"].as_str().unwrap());
            let annotations: BTreeMap<String, String> =
                serde_json::from_value(layer["annotations"].clone()).unwrap();
            let bytes = std::fs::read(image.join(blob)).unwrap();
            cosign::evidence(layer["mediaType"].as_str(), Some(&annotations), bytes)
        };
        manifest["layers"].as_array().unwrap().iter().map(layer).collect()
    };
    for (hex, expected) in [
        (
            "bfec161fecb0a887df7cb85e4da327c65986ccda7060cf3cd92171c6c90d7533",
            &["alice", "bob", "charlie"][..],
        ),
        ("071bf7a986f1ca9cb2a1f0bc8392822a7777f90d58f2d2c6f271913e08de7c81", &["alice"]),
        ("31dc72a13a0c34b40eb95419d2b2fd67320c856baf3b72da518023ee8d370aee", &[]),
    ] {
        let (evidence, subject) = (evidence(hex), Digest::from_hex(hex).unwrap());
        let signers: Vec<_> = keys
            .iter()
            .filter(|(_, key)| judged(&evidence, subject, key).iter().any(Result::is_ok))
            .map(|(name, _)| *name)
            .collect();
        assert_eq!(signers, expected, "{hex}");
        let keyless = judged(&evidence, subject, &anybody());
        println!("{hex}: {keyless:?}");
        assert_eq!(keyless.iter().any(Result::is_ok), expected.is_empty(), "{hex}");
    }
}
