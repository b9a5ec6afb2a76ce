//! The transparency log vectors of the conformance data: each is judged as expected.
#![expect(clippy::disallowed_methods, reason = "the vectors are files")]

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;
use crate::Digest;

/// The folder of the transparency log vectors; `None` where no conformance data is at hand.
fn vectors() -> Option<PathBuf> {
    let data = std::env::var_os("GATE_CONFORMANCE_DATA").map(PathBuf::from);
    if data.is_none() {
        eprintln!("not run: GATE_CONFORMANCE_DATA is not set");
    }
    data.map(|data| data.join("tlog"))
}

fn json_files(folder: &Path, found: &mut Vec<(PathBuf, serde_json::Value)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            json_files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "json") {
            let value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            found.push((path, value));
        }
    }
}

/// A hash; `None` where it has not 32 bytes, which no tree or proof of ours can hold.
fn vector_hash(value: &serde_json::Value) -> Option<Digest> {
    STANDARD.decode(value.as_str()?).ok()?.try_into().ok().map(Digest::from_bytes)
}

/// Consistency vectors of equal sizes have roots that are no hashes ("don't care"): they stand for
/// their own digest here.
fn vector_root(value: &serde_json::Value) -> Digest {
    let bytes = STANDARD.decode(value.as_str().unwrap()).unwrap();
    vector_hash(value).unwrap_or_else(|| Digest::of(&bytes))
}

fn vector_proof(value: &serde_json::Value) -> Option<Vec<Digest>> {
    value.as_array().map_or_else(|| Some(vec![]), |hashes| hashes.iter().map(vector_hash).collect())
}

#[test]
fn the_inclusion_vectors_are_judged_as_expected() {
    let Some(folder) = vectors() else { return };
    let mut cases = vec![];
    json_files(&folder.join("merkle/testdata/inclusion"), &mut cases);
    for (path, case) in &cases {
        let check = || {
            let (leaf, root) = (vector_hash(&case["leafHash"])?, vector_hash(&case["root"])?);
            let (index, size) = (case["leafIdx"].as_u64()?, case["treeSize"].as_u64()?);
            verify_inclusion(leaf, index, size, &vector_proof(&case["proof"])?, root).ok()
        };
        let held = check().is_some();
        assert_eq!(held, !case["wantErr"].as_bool().unwrap(), "{}", path.display());
    }
    assert!(cases.len() > 50, "only {} cases", cases.len());
}

#[test]
fn the_consistency_vectors_are_judged_as_expected() {
    let Some(folder) = vectors() else { return };
    let mut cases = vec![];
    json_files(&folder.join("merkle/testdata/consistency"), &mut cases);
    for (path, case) in &cases {
        let held = vector_proof(&case["proof"]).is_some_and(|proof| {
            let from = (case["size1"].as_u64().unwrap(), vector_root(&case["root1"]));
            let to = (case["size2"].as_u64().unwrap(), vector_root(&case["root2"]));
            verify_consistency(from, to, &proof).is_ok()
        });
        assert_eq!(held, !case["wantErr"].as_bool().unwrap(), "{}", path.display());
    }
    assert!(cases.len() > 50, "only {} cases", cases.len());
}

#[test]
fn the_checkpoints_of_another_implementation_hold_and_follow_each_other() {
    let Some(folder) = vectors() else { return };
    let key: VerifierKey =
        "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
            .parse()
            .unwrap();
    let words = [
        "one", "two", "three", "four", "five", "six", "seven", "eit", "nain", "ten", "ileven",
        "twelf", "threeten", "fourten", "fivten",
    ];
    let mut frontier = Frontier::default();
    for size in 0..=words.len() {
        let path = folder.join(format!("tessera/log/checkpoint.{size}"));
        let note = std::fs::read_to_string(&path).unwrap();
        let checkpoint = Checkpoint::open(&note, &key).unwrap();
        assert_eq!((checkpoint.size, checkpoint.root), (frontier.size(), frontier.root()));
        if let Some(word) = words.get(size) {
            frontier.push(leaf_hash(word.as_bytes()));
        }
    }
}
