//! Reads OPA's conformance cases for the tests of parser, compiler and evaluator.

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// A case of OPA's own suite.
#[derive(Debug, Deserialize)]
pub(crate) struct Case {
    pub(crate) note: String,
    pub(crate) query: Option<String>,
    #[serde(default)]
    pub(crate) modules: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) want_error_code: Option<String>,
}

#[derive(Deserialize)]
struct File {
    cases: Vec<Case>,
}

/// The folder of the conformance data, where it is named; says so where it is not.
pub(crate) fn folder(below: &str) -> Option<PathBuf> {
    let Some(root) = std::env::var_os("GATE_CONFORMANCE_DATA") else {
        println!("not run: GATE_CONFORMANCE_DATA is not set");
        return None;
    };
    Some(Path::new(&root).join(below))
}

/// All cases below a folder, each with its file's folder as topic.
pub(crate) fn cases(root: &Path) -> Vec<(String, Case)> {
    let mut cases = Vec::new();
    for path in files(root, "json") {
        let topic = path.parent().and_then(Path::file_name).unwrap().to_string_lossy().into_owned();
        let bytes = std::fs::read(&path).unwrap();
        let file: File = serde_json::from_slice(&bytes).unwrap_or_else(|e| panic!("{path:?}: {e}"));
        cases.extend(file.cases.into_iter().map(|case| (topic.clone(), case)));
    }
    assert!(!cases.is_empty(), "no cases below {root:?}");
    cases
}

/// The files of an extension below a folder, in order.
pub(crate) fn files(root: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{folder:?}: {e}")) {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
