//! Scans and analyses that real tools wrote, read as what they are and without loss: findings are
//! counted once by the readers and once by paths into the raw documents.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test reads its cases from disk and says what it did not run"
)]

use std::collections::BTreeSet;
use std::path::PathBuf;

use gate_core::verify::{Inspection, inspect};
use serde_json::Value;

fn data(folder: &str) -> Option<PathBuf> {
    let Some(data) = std::env::var_os("GATE_CONFORMANCE_DATA") else {
        println!("not run: GATE_CONFORMANCE_DATA is not set");
        return None;
    };
    Some(PathBuf::from(data).join(folder))
}

/// What a document holds by an independent count: paths in the style of `jq`, of which each adds what
/// it reaches. `.key` is a member, `[]` every element of an array or member of an object, `|distinct`
/// counts different values alone.
fn count(document: &Value, paths: &str) -> u64 {
    paths.split(',').map(|path| count_path(document, path.trim())).sum()
}

fn count_path(document: &Value, path: &str) -> u64 {
    let (path, distinct) = match path.strip_suffix("|distinct") {
        Some(path) => (path, true),
        None => (path, false),
    };
    let mut reached = vec![document];
    for step in path.split('.').filter(|step| !step.is_empty()) {
        let (key, each) = match step.strip_suffix("[]") {
            Some(key) => (key, true),
            None => (step, false),
        };
        if !key.is_empty() {
            // A key is written with `~` for the dots in it.
            reached = reached.into_iter().filter_map(|it| it.get(key.replace('~', "."))).collect();
        }
        if each {
            reached = reached
                .into_iter()
                .flat_map(|it| match it {
                    Value::Array(items) => items.iter().collect::<Vec<_>>(),
                    Value::Object(members) => members.values().collect(),
                    _ => vec![],
                })
                .collect();
        }
    }
    let reached = reached.into_iter().filter(|it| !it.is_null());
    if distinct {
        reached.map(Value::to_string).collect::<BTreeSet<_>>().len() as u64
    } else {
        reached.count() as u64
    }
}

fn main_counts(inspection: &Inspection) -> (u64, u64) {
    let facts = &inspection.facts;
    let findings = count(facts, ".findings[]");
    let runs = match facts {
        Value::Array(_) => count(facts, "[].findings[]"),
        _ => count(facts, ".analysis[].findings[]"),
    };
    (findings, runs)
}

#[test]
fn explore() {
    let Some(folder) = data("scans") else { return };
    let mut folders = vec![folder.clone()];
    let mut files = vec![];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    for file in files {
        let inspection = inspect(&std::fs::read(&file).unwrap());
        let (findings, analysis) = main_counts(&inspection);
        let name = file.strip_prefix(&folder).unwrap().display().to_string();
        println!(
            "{name} {:?} {:?} v{:?} {findings} {analysis} {:?}",
            inspection.kind.map(|kind| kind.name()),
            inspection.format,
            inspection.version,
            inspection.problems.first().map(|it| format!("{} {}", it.code, it.detail))
        );
    }
}
