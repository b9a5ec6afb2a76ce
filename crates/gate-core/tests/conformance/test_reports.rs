//! JUnit reports that real tools wrote, against a count by another reader of XML.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test reads its cases from disk and says what it did not run"
)]

use std::path::{Path, PathBuf};

use gate_core::verify::inspect;

use crate::data::{data, files};

fn reports() -> Option<Vec<PathBuf>> {
    let scans = data("scans")?;
    let mut files: Vec<_> =
        ["junit-plugin", "junitxml"].iter().flat_map(|folder| files(&scans.join(folder))).collect();
    files.retain(|path| path.extension().is_some_and(|it| it == "xml"));
    files.sort();
    Some(files)
}

/// Cases, and those with a failure, an error, or neither and a skip; counted by the tags in the text
/// without comments and character data, case by case.
fn counted(text: &str) -> [u64; 4] {
    let text = without(&without(text, "<!--", "-->"), "<![CDATA[", "]]>");
    let mut counts = [0; 4];
    for case in text.split("<testcase").skip(1) {
        let tag = case.split('>').next().unwrap();
        let is_empty = tag.ends_with('/');
        let body = if is_empty { "" } else { case.split("</testcase>").next().unwrap() };
        let has = |name: &str| {
            [" ", ">", "/", "\n", "\r"].iter().any(|end| body.contains(&format!("<{name}{end}")))
        };
        counts[0] += 1;
        if has("failure") {
            counts[1] += 1;
        } else if has("error") {
            counts[2] += 1;
        } else if has("skipped") {
            counts[3] += 1;
        }
    }
    counts
}

fn without(text: &str, from: &str, to: &str) -> String {
    let mut parts = text.split(from);
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        kept.push_str(part.split_once(to).map_or("", |(_, rest)| rest));
    }
    kept
}

#[test]
fn every_junit_report_is_read_without_losing_a_case() {
    let Some(reports) = reports() else { return };
    let mut wrong = vec![];
    for path in &reports {
        let bytes = std::fs::read(path).unwrap();
        let inspection = inspect(&bytes);
        if refused(path) {
            assert!(!inspection.is_readable(), "{}", path.display());
            continue;
        }
        let number = |key: &str| inspection.facts[key].as_u64().unwrap_or(u64::MAX);
        let found = ["total", "failed", "errors", "skipped"].map(number);
        let expected = counted(&String::from_utf8_lossy(&bytes));
        if found != expected || inspection.format.as_deref() != Some("junit") {
            println!("{}: {found:?}, not {expected:?}: {:?}", path.display(), inspection.problems);
            wrong.push(path);
        }
    }
    println!("JUnit: {} reports, {} not as counted", reports.len(), wrong.len());
    assert!(reports.len() >= 25);
    assert_eq!(wrong, Vec::<&PathBuf>::new());
}

/// The report that reads a file through its document type.
fn refused(path: &Path) -> bool {
    path.ends_with("testXxe-xxe.xml")
}
