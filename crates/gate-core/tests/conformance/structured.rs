//! Configuration files that others wrote: each is read to what it holds.
#![expect(
    clippy::disallowed_methods,
    reason = "a test reads its cases from disk and says what it did not run"
)]

use std::path::{Path, PathBuf};

use gate_core::structured::read;
use serde_json::Value;

use crate::data::{data, files};

fn ends(path: &Path, endings: &[&str]) -> bool {
    path.extension().is_some_and(|it| endings.iter().any(|ending| it == *ending))
}

/// The kinds of the objects in YAML, found line by line: `kind:` at the left margin.
fn kinds(text: &str) -> Vec<String> {
    let plain = |line: &str| {
        let kind = line.strip_prefix("kind:")?.split(" #").next()?;
        Some(kind.trim().trim_matches(['"', '\'']).to_owned())
    };
    text.lines().filter_map(plain).collect()
}

fn objects(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(list) => list.iter().collect(),
        one => vec![one],
    }
}

#[test]
fn kubernetes_manifests_are_read_document_by_document() {
    let Some(files) = data("k8s").map(|folder| files(&folder)) else { return };
    let (mut count, mut wrong) = (0, vec![]);
    for path in files.iter().filter(|path| ends(path, &["yaml", "yml"])) {
        let bytes = std::fs::read(path).unwrap();
        let expected = kinds(&String::from_utf8_lossy(&bytes));
        count += 1;
        let name = path.display().to_string();
        for name in [Some(name.as_str()), None] {
            let found = match read(name, &bytes) {
                Ok(value) => value.unwrap_or_default(),
                Err(error) => {
                    println!("{}: {error}", path.display());
                    wrong.push(path);
                    continue;
                }
            };
            let found: Vec<_> = objects(&found)
                .iter()
                .filter_map(|it| it["kind"].as_str())
                .map(str::to_owned)
                .collect();
            if found != expected && !REFUSED.iter().any(|it| path.ends_with(it)) {
                println!(
                    "{} (named: {}): {found:?}, not {expected:?}",
                    path.display(),
                    name.is_some()
                );
                wrong.push(path);
            }
        }
    }
    println!("Kubernetes: {count} files, {} readings not as expected", wrong.len());
    assert!(count >= 400, "{count}");
    wrong.retain(|path| !REFUSED.iter().any(|it| path.ends_with(it)));
    assert_eq!(wrong, Vec::<&PathBuf>::new());
}

/// Files that are not read.
const REFUSED: [&str; 2] = [
    // A key stands twice: which value counts depends on who reads it.
    "quobyte/quobyte-admin-secret.yaml",
    // A template that is not filled in: `{{…}}` stands where a key does.
    "vitess/etcd-controller-template.yaml",
];

#[test]
fn json_objects_are_read_without_loss() {
    let Some(files) = data("k8s").map(|folder| files(&folder)) else { return };
    let (mut count, mut wrong) = (0, vec![]);
    for path in files.iter().filter(|path| ends(path, &["json"])) {
        let bytes = std::fs::read(path).unwrap();
        let Ok(expected) = serde_json::from_slice::<Value>(&bytes) else { continue };
        count += 1;
        if read(Some("a.json"), &bytes).ok().flatten() != Some(expected) {
            wrong.push(path);
        }
    }
    println!("JSON: {count} files, {} not as expected", wrong.len());
    assert!(count >= 40, "{count}");
    assert_eq!(wrong, Vec::<&PathBuf>::new());
}

#[test]
fn conftests_examples_are_read() {
    let Some(files) = data("rego/conftest/examples").map(|folder| files(&folder)) else { return };
    let endings = ["yaml", "yml", "json", "toml", "tf", "ini", "xml"];
    let (mut count, mut wrong) = (0, vec![]);
    for path in files.iter().filter(|path| ends(path, &endings)) {
        count += 1;
        let name = path.display().to_string();
        let bytes = std::fs::read(path).unwrap();
        let named = read(Some(&name), &bytes);
        let plain = read(None, &bytes);
        if !matches!(&named, Ok(Some(_))) || plain != named {
            println!("{name}: {named:?}\n  without its name: {plain:?}");
            wrong.push(path);
        }
    }
    println!("Conftest: {count} files, {} not as expected", wrong.len());
    assert!(count >= 20, "{count}");
    assert_eq!(wrong, Vec::<&PathBuf>::new());
}
