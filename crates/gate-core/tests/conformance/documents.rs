//! Every reader against documents that real tools wrote: valid ones are read, and none ends in a panic.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test reads its cases from disk and says what it did not run"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gate_core::verify::{Inspection, inspect};

use crate::data::{data, files};

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

fn look(path: &Path) -> Inspection {
    inspect(&std::fs::read(path).unwrap())
}

/// Reads these files and returns the names of those with problems.
fn unread<'a>(what: &str, files: impl IntoIterator<Item = &'a PathBuf>) -> Vec<String> {
    let mut count = 0;
    let mut unread = vec![];
    for file in files {
        count += 1;
        let inspection = look(file);
        for problem in &inspection.problems {
            println!("{}: {}: {}", file.display(), problem.code, problem.detail);
        }
        if !inspection.problems.is_empty() {
            unread.push(name(file));
        }
    }
    println!("{what}: {count} files, {} not read", unread.len());
    assert!(count > 0, "no {what}");
    unread
}

#[test]
fn cyclonedx_documents_of_the_specification_are_read() {
    let Some(files) = data("sbom/specification").map(|folder| files(&folder)) else { return };
    let is_json = |path: &&PathBuf| path.extension().is_some_and(|it| it == "json");
    let valid = files.iter().filter(is_json).filter(|path| name(path).starts_with("valid-"));
    assert_eq!(unread("valid CycloneDX", valid), Vec::<String>::new());
    let invalid = files.iter().filter(is_json).filter(|path| name(path).starts_with("invalid-"));
    unread("invalid CycloneDX", invalid);
}

#[test]
fn trivy_reports_are_read() {
    let Some(files) = data("scans/trivy").map(|folder| files(&folder)) else { return };
    let reports = files.iter().filter(|path| name(path).ends_with(".json.golden"));
    assert_eq!(unread("Trivy reports", reports), Vec::<String>::new());
}

#[test]
fn junit_reports_are_read_and_those_with_document_types_are_not() {
    let Some(mut all) = data("scans/junit-plugin").map(|folder| files(&folder)) else { return };
    all.extend(data("scans/junitxml").map(|folder| files(&folder)).unwrap_or_default());
    let reports = all.iter().filter(|path| path.extension().is_some_and(|it| it == "xml"));
    let unread = unread("JUnit reports", reports);
    assert!(unread.contains(&"testXxe-xxe.xml".to_owned()), "{unread:?}");
}

#[test]
fn bundles_are_read() {
    let Some(files) = data("sigstore-bundles").map(|folder| files(&folder)) else { return };
    let bundles = files.iter().filter(|path| name(path).ends_with(".sigstore.json"));
    unread("bundles", bundles);
}

#[test]
fn nothing_that_lies_in_the_data_ends_in_a_panic() {
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    for folder in ["scans", "sbom", "sigstore-bundles", "slsa", "vex", "cosign"] {
        let Some(folder) = data(folder) else { return };
        for file in files(&folder) {
            let inspection = look(&file);
            let what = match inspection.problems.first() {
                Some(problem) => problem.code.to_string(),
                None => inspection.format.unwrap_or_default(),
            };
            *seen.entry(what).or_default() += 1;
        }
    }
    println!("{seen:#?}");
    assert!(seen.len() > 5);
}
