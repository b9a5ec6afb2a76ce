//! Every bundle and trusted root of the shared data beside the conformance suite, as its manifest says.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test reads its cases from disk and says what it did not run"
)]

use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use gate_core::Digest;
use gate_core::environment::RootRules;
use gate_core::verify::bundle::{Anchor, Artifact, Rejected, Signer, check_under};
use gate_core::verify::{GITHUB_ROOT, inspect};
use serde_json::Value;

use crate::data::data;

/// GitHub's own instance has neither logs nor certificate timestamps.
const GITHUB: RootRules =
    RootRules { logs: 0, inclusion_proof: false, timestamp: true, sct: false };

/// What a row of the manifest asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    Verifies,
    Rejected,
    /// Nothing vouches for its root here: it must be readable.
    Readable,
    RootLoads,
    RootRefused,
    /// No bundle and no root.
    Other,
}

/// Rows that are judged otherwise than by their words, each with its reason.
const REASONED: [(&str, Expected); 10] = [
    // Parts of a trusted root by themselves, as another library's unit tests read them.
    ("sigstore-python/trusted_root/certificate_authority.json", Expected::Other),
    // Its root is CA material of a local instance; the file is a whole root and loads.
    ("sigstore-python/trusted_root/trustedroot.v1.json", Expected::RootLoads),
    (
        "sigstore-python/trusted_root/trustedroot.v1.local_tlog_ed25519_rekor-tiles.json",
        Expected::RootLoads,
    ),
    // A client's trust configuration, which wraps a root with addresses that Gate never asks.
    ("sigstore-python/trust_config/config.v1.json", Expected::Other),
    ("sigstore-python/trust_config/config.badtype.json", Expected::RootRefused),
    // An envelope of a builder that signs with a key of its own, not a bundle.
    ("slsa-verifier/gha/testdata/bazel-trusted-dsseEnvelope.build.slsa", Expected::Readable),
    // A statement without envelope.
    ("sigstore-go/examples/statement-provenance-sigstorejs1.3.0.json", Expected::Other),
    // The recording of an HTTP answer that a mock server plays back, not the root itself.
    (
        "ec-cli/acceptance/wiremock/recordings/tuf/mappings/mapping-targets-e115572caabf1b8b2b20fa45195428e55a0fab2cdbaa803b7bdff9bc2bdcedfc0e74dda1be627372348db11cb2b64affd664a061c6103bdc53362499fc2f1080.trusted_root.-8gSeI.json",
        Expected::Other,
    ),
    // The root of TUF metadata, not of signatures.
    ("sigstore-go/pkg/tuf/repository/root.json", Expected::RootRefused),
    ("sigstore-go/pkg/tuf/repository/staging_root.json", Expected::RootRefused),
];

fn expected(file: &str, words: &str) -> Expected {
    if let Some((_, expected)) = REASONED.iter().find(|(name, _)| *name == file) {
        return *expected;
    }
    let name = file.rsplit('/').next().unwrap();
    let root = name.contains("trusted_root")
        || file.contains("trusted-root")
        || file.contains("/trusted_root/");
    let bundle = [".sigstore", ".jsonl", ".attestation", ".provenance", "bundle"]
        .iter()
        .any(|part| name.contains(part))
        && ![".txt", ".crt", ".sig", ".whl"].iter().any(|end| name.ends_with(end));
    let fails = words.contains("FAIL")
        && (!words.contains(':') || words.contains(name) || words.contains("MUST FAIL"))
        || (words.contains("dsse-2sigs: FAIL") && name.contains("2sigs"));
    match (root, bundle) {
        (true, _) if words.contains("parse MUST FAIL") => Expected::RootRefused,
        (true, _) => Expected::RootLoads,
        (_, true) if fails => Expected::Rejected,
        (_, true) if words.contains("structur") || words.contains("no-proof") => Expected::Readable,
        (_, true) => Expected::Verifies,
        _ => Expected::Other,
    }
}

/// What the bundle speaks of, told by itself: the artifacts are mostly not at hand.
enum Named {
    Bytes(Vec<u8>),
    Digest(Digest),
    Sha512(Box<[u8; 64]>),
}

fn named(path: &Path, bundle: &Value) -> Option<Named> {
    for suffix in
        [".sigstore.json", ".sigstore", ".publish.attestation", ".slsa.attestation", ".provenance"]
    {
        if let Some(artifact) = path.to_str().unwrap().strip_suffix(suffix)
            && let Ok(bytes) = std::fs::read(artifact)
        {
            return Some(Named::Bytes(bytes));
        }
    }
    let text = |pointer: &str| Some(bundle.pointer(pointer)?.as_str()?.to_owned());
    if let Some(digest) = text("/messageSignature/messageDigest/digest") {
        return Digest::from_hex(&hex::encode(BASE64_STANDARD.decode(digest).ok()?))
            .ok()
            .map(Named::Digest);
    }
    let payload = text("/dsseEnvelope/payload")
        .or_else(|| text("/envelope/statement"))
        .or_else(|| text("/attestation_bundles/0/attestations/0/envelope/statement"))?;
    let statement: Value = serde_json::from_slice(&BASE64_STANDARD.decode(payload).ok()?).ok()?;
    let subjects = statement["subject"].as_array()?;
    let of = |algorithm: &str| subjects.iter().find_map(|it| it["digest"][algorithm].as_str());
    if let Some(digest) = of("sha256") {
        return Digest::from_hex(digest).ok().map(Named::Digest);
    }
    let digest = hex::decode(of("sha512")?).ok()?;
    Some(Named::Sha512(Box::new(digest.try_into().ok()?)))
}

/// The bundle under each root that could be its own: by whom it was signed is not the question here.
fn judge(data: &Path, path: &Path, text: &[u8]) -> Result<(), Vec<Rejected>> {
    let bundle: Value = serde_json::from_slice(text).unwrap_or_default();
    let named = named(path, &bundle);
    let artifact = match &named {
        Some(Named::Bytes(bytes)) => Artifact::Bytes(bytes),
        Some(Named::Digest(digest)) => Artifact::Digest(*digest),
        Some(Named::Sha512(digest)) => Artifact::Sha512(digest),
        None => Artifact::Digest(Digest::of(b"nothing")),
    };
    let keyed = bundle.pointer("/verificationMaterial/publicKey").is_some();
    let signer = if keyed {
        Signer::key(
            std::fs::read_to_string(data.join("sigstore-go/examples/publish_key.pub")).unwrap(),
        )
    } else {
        Signer::identity(None, Some(".*"), None, Some(".*")).unwrap()
    };
    let scaffolding =
        std::fs::read(data.join("sigstore-go/pkg/testing/data/trusted-roots/scaffolding.json"))
            .unwrap();
    let mut rejections = vec![];
    for (root, rules) in [
        (None, None),
        (Some(sigstore_trust_root::SIGSTORE_STAGING_TRUSTED_ROOT.as_bytes()), None),
        (Some(scaffolding.as_slice()), None),
        (Some(GITHUB_ROOT.as_bytes()), Some(GITHUB)),
    ] {
        match check_under(text, artifact, &signer, Anchor { root, rules }) {
            Ok(_) => return Ok(()),
            Err(rejected) => rejections.push(rejected),
        }
    }
    Err(rejections)
}

fn root_loads(bytes: &[u8]) -> bool {
    let signer = Signer::key("none");
    let rejected = check_under(
        b"{}",
        Artifact::Bytes(b""),
        &signer,
        Anchor { root: Some(bytes), rules: None },
    );
    rejected.unwrap_err().code != "config-invalid"
}

#[test]
fn every_row_of_the_manifest_is_judged_as_it_says() {
    let Some(data) = data("sigstore-bundles") else { return };
    let manifest = std::fs::read_to_string(data.join("MANIFEST.tsv")).unwrap();
    let mut wrong = vec![];
    let mut counts = std::collections::BTreeMap::<String, usize>::new();
    for row in manifest.lines().skip(1) {
        let columns: Vec<_> = row.split('\t').collect();
        let (file, words) = (columns[0], columns.get(5).copied().unwrap_or_default());
        if file.starts_with("sigstore-conformance/") {
            continue;
        }
        let expected = expected(file, words);
        let bytes =
            std::fs::read(data.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        *counts.entry(format!("{expected:?}")).or_default() += 1;
        // A file of lines is a bundle a line.
        let pieces: Vec<&[u8]> = if Path::new(file).extension().is_some_and(|it| it == "jsonl") {
            bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect()
        } else {
            vec![&bytes]
        };
        for piece in pieces {
            let found = match expected {
                Expected::Verifies | Expected::Rejected => {
                    let result = judge(&data, &data.join(file), piece);
                    println!("{file}: {expected:?} {result:?}");
                    result.is_ok() == (expected == Expected::Verifies)
                }
                Expected::Readable => inspect(piece).is_readable(),
                Expected::RootLoads => root_loads(piece),
                Expected::RootRefused => !root_loads(piece),
                Expected::Other => true,
            };
            if !found {
                wrong.push(format!("{file}: {expected:?}"));
            }
        }
    }
    println!("{counts:?}, {} not as expected", wrong.len());
    assert_eq!(wrong, Vec::<String>::new());
}
