//! Provenance that real builders wrote, against an account of it by plain JSON pointers.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test reads its cases from disk and says what it did not run"
)]

use std::path::PathBuf;

use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use gate_core::Digest;
use gate_core::verify::bundle::{Artifact, Signer, check};
use gate_core::verify::{Inspection, inspect};
use serde_json::Value;

use crate::data::{data, files};

const GITHUB: &str = "https://token.actions.githubusercontent.com";

/// The statements in a file, found without Gate: in bundles, envelopes and answers of registries.
fn statements(bytes: &[u8]) -> Vec<Value> {
    let Ok(text) = std::str::from_utf8(bytes) else { return vec![] };
    if let Ok(value) = serde_json::from_str::<Value>(text) {
        return of(&value);
    }
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let values: Option<Vec<Value>> = lines.map(|line| serde_json::from_str(line).ok()).collect();
    values.unwrap_or_default().iter().flat_map(of).collect()
}

fn of(value: &Value) -> Vec<Value> {
    if value["_type"].is_string() {
        return vec![value.clone()];
    }
    if let Some(payload) = value["payload"].as_str() {
        let alphabet = if payload.contains(['-', '_']) { &URL_SAFE } else { &STANDARD };
        let lenient =
            GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
        let bytes = GeneralPurpose::new(alphabet, lenient).decode(payload).unwrap_or_default();
        return serde_json::from_slice(&bytes).into_iter().collect();
    }
    let inner = [
        ("attestations", "/bundle/dsseEnvelope"),
        ("provenance_summary", ""),
        ("dsseEnvelope", ""),
    ];
    for (key, pointer) in inner {
        let found = &value[key];
        if let Some(list) = found.as_array() {
            return list.iter().filter_map(|it| it.pointer(pointer)).flat_map(of).collect();
        }
        if let Some(list) = found["provenance"].as_array() {
            return list.iter().flat_map(|it| of(&it["envelope"])).collect();
        }
        if found.is_object() {
            return of(found);
        }
    }
    vec![]
}

/// Builder, source URI and commit, by pointers alone.
struct Expected {
    builder: String,
    repository: Option<String>,
    commit: Option<String>,
}

fn is_provenance(statement: &Value) -> bool {
    let predicate_type = statement["predicateType"].as_str().unwrap_or_default();
    predicate_type.starts_with("https://slsa.dev/provenance/")
        || predicate_type.contains("witness.")
            && predicate_type.contains("/attestation-collection/")
}

fn expected(statement: &Value) -> Expected {
    let text = |pointer: &str| statement.pointer(pointer)?.as_str().map(str::to_owned);
    let first = |pointers: &[&str]| pointers.iter().find_map(|it| text(it));
    let parts = statement.pointer("/predicate/attestations").and_then(Value::as_array);
    if let Some(parts) = parts {
        let git = parts.iter().find(|it| it["type"].as_str().unwrap().contains("/git/"));
        let commit = git.and_then(|it| it["attestation"]["commithash"].as_str());
        return Expected {
            builder: String::new(),
            repository: None,
            commit: commit.map(str::to_owned),
        };
    }
    let builder = first(&["/predicate/builder/id", "/predicate/runDetails/builder/id"]).unwrap();
    let repository = first(&[
        "/predicate/invocation/configSource/uri",
        "/predicate/buildDefinition/externalParameters/workflow/repository",
        "/predicate/buildDefinition/externalParameters/sourceToBuild/repository",
        "/predicate/buildDefinition/externalParameters/buildConfigSource/repository",
        "/predicate/buildDefinition/externalParameters/source/uri",
        "/predicate/buildDefinition/resolvedDependencies/0/uri",
        "/predicate/materials/0/uri",
    ])
    .filter(|uri| !uri.starts_with("gs://") && !uri.starts_with("oci://"))
    .map(|uri| plain(&uri));
    let lists = ["/predicate/materials", "/predicate/buildDefinition/resolvedDependencies"];
    let consumed = lists.iter().find_map(|it| statement.pointer(it)?.as_array());
    let same = consumed
        .into_iter()
        .flatten()
        .find(|it| it["uri"].as_str().map(plain) == repository && repository.is_some());
    let commit = text("/predicate/invocation/configSource/digest/sha1").or_else(|| {
        let digest = &same?["digest"];
        digest["gitCommit"].as_str().or_else(|| digest["sha1"].as_str()).map(str::to_owned)
    });
    Expected { builder, repository, commit }
}

fn plain(uri: &str) -> String {
    let uri = uri.strip_prefix("git+").unwrap_or(uri);
    let uri = uri.split(['@', '#']).next().unwrap();
    uri.strip_suffix(".git").unwrap_or(uri).to_owned()
}

/// The inspections of the statements in a file, in order.
fn parts(inspection: Inspection) -> Vec<Inspection> {
    if inspection.contents.is_empty() { vec![inspection] } else { inspection.contents }
}

#[test]
fn every_provenance_is_read_with_builder_source_and_commit() {
    let Some(folder) = data("slsa") else { return };
    let mut all = files(&folder);
    all.extend(files(&data("cosign").unwrap().join("slsa-verifier")));
    let (mut count, mut wrong) = (0, vec![]);
    for path in all {
        let bytes = std::fs::read(&path).unwrap();
        let statements = statements(&bytes);
        if !statements.iter().any(is_provenance) {
            continue;
        }
        let inspections = parts(inspect(&bytes));
        assert_eq!(inspections.len(), statements.len(), "{}", path.display());
        for (statement, inspection) in statements.iter().zip(&inspections) {
            if !is_provenance(statement) {
                continue;
            }
            count += 1;
            let expected = expected(statement);
            let facts = &inspection.facts;
            let found = (
                facts["builder"].as_str().map(str::to_owned),
                facts["built_from"]["repository"]
                    .as_str()
                    .filter(|it| !it.is_empty())
                    .map(str::to_owned),
                facts["built_from"]["commit"].as_str().map(str::to_owned),
            );
            let expected = (Some(expected.builder), expected.repository, expected.commit);
            if found != expected || !inspection.problems.is_empty() {
                println!(
                    "{}\n  {found:?}\n  {expected:?}\n  {:?}",
                    path.display(),
                    inspection.problems
                );
                wrong.push(path.clone());
            }
        }
    }
    println!("provenance: {count} statements, {} not as expected", wrong.len());
    assert!(count >= 130, "{count} statements");
    // Its one signature is no base64, and an envelope is read as a whole or not at all.
    wrong.retain(|path| !path.ends_with("gcloud-container-invalid-signature-encoding.json"));
    assert_eq!(wrong, Vec::<PathBuf>::new());
}

/// What the verifier's suite expects, for every bundle that carries its certificate and log entry.
///
/// Two classes of its cases cannot be judged from the files alone, and are counted: the plain
/// envelopes of older builders, whose log entry that verifier asks a server for, and npm's bundles,
/// which name their tarballs by SHA-512 alone, while a subject of Gate's is a SHA-256.
#[test]
fn the_verifiers_cases_are_judged_as_indexed() {
    let Some(folder) = data("slsa") else { return };
    let manifest = std::fs::read_to_string(folder.join("MANIFEST.tsv")).unwrap();
    let (mut judged, mut unlogged, mut sha512, mut wrong) = (0, 0, 0, vec![]);
    for row in manifest.lines().skip(1).filter(|row| row.starts_with("slsa-verifier/")) {
        let columns: Vec<_> = row.split('\t').collect();
        let (name, expected) = (columns[0], columns.last().copied().unwrap_or_default());
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let Ok(value) = serde_json::from_slice::<Value>(&bytes) else { continue };
        if value["attestations"].is_array() {
            sha512 += 1;
        } else if value["verificationMaterial"].is_object() {
            judged += 1;
            let result = verdict(&value);
            println!("{name}: {result:?}");
            if result.is_ok() != expected.starts_with("expected: PASS") {
                wrong.push(name.to_owned());
            }
        } else {
            unlogged += 1;
        }
    }
    println!(
        "verdicts: {judged} bundles judged, {} not as indexed; {unlogged} files without a log \
         entry, {sha512} about SHA-512 alone",
        wrong.len()
    );
    assert!(judged >= 40, "{judged}");
    assert_eq!(wrong, Vec::<String>::new());
}

/// Verifies a bundle for its own first subject, and that the certificate is of the builder it names
/// or of the delegator that signs for that builder.
fn verdict(bundle: &Value) -> Result<(), String> {
    let statement = of(bundle).remove(0);
    let sha256 = statement["subject"][0]["digest"]["sha256"].as_str().unwrap();
    let digest: Digest = format!("sha256:{sha256}").parse().unwrap();
    let builder = expected(&statement).builder;
    // The suite's own runs of version 1.9.0 were signed by the delegator's main branch, which that
    // verifier lets pass for its test repository alone; here it only has to have signed.
    let delegator = "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/delegator_.*@refs/.*";
    let verify = |identity: Option<&str>, pattern: Option<&str>| {
        let signer = Signer::identity(identity, pattern, Some(GITHUB), None).unwrap();
        check(bundle.to_string().as_bytes(), Artifact::Digest(digest), &signer, None)
            .map(|_| ())
            .map_err(|rejected| rejected.to_string())
    };
    verify(Some(&builder), None).or_else(|_| verify(None, Some(delegator)))
}
