//! Each document has the marks of one format at most, whichever order formats are asked in.

use std::path::PathBuf;

use super::*;
use crate::verify::marks::Marks;

/// Every format of every family whose marks these are.
fn detected(marks: &Marks<'_>) -> Vec<&'static str> {
    let entries = scan::ALL.iter().chain(&analysis::ALL);
    let mut names: Vec<_> =
        entries.filter(|entry| (entry.detect)(marks)).map(|entry| entry.name).collect();
    names.extend(sbom::Format::detect(marks).map(sbom::Format::name));
    // Any other XML is held for a test report.
    if names.is_empty() {
        names.extend(tests::Format::detect(marks).map(tests::Format::name));
    }
    names
}

#[test]
fn names_of_formats_are_unique() {
    let mut names: Vec<_> =
        scan::ALL.iter().chain(&analysis::ALL).map(|entry| entry.name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}

#[test]
fn documents_that_say_nothing_are_of_no_format() {
    for text in [
        "[]",
        "{}",
        "null",
        "[{}]",
        "{\"findings\": []}",
        "{\"results\": []}",
        "{\"vulnerabilities\": []}",
        "{\"version\": \"1\", \"vulnerabilities\": []}",
        "{\"data\": {}}",
        "{\"issues\": []}",
        "a,b\n1,2\n",
    ] {
        assert_eq!(detected(&Marks::of(text.as_bytes()).unwrap()), [""; 0], "{text}");
    }
}

#[expect(clippy::disallowed_methods, reason = "reads its cases from disk")]
#[test]
fn no_real_document_has_the_marks_of_two_formats() {
    let Some(data) = std::env::var_os("GATE_CONFORMANCE_DATA") else {
        println!("not run: GATE_CONFORMANCE_DATA is not set");
        return;
    };
    let topics = ["scans", "sbom", "vex", "slsa", "cosign", "k8s", "oscal", "purl-cvss-licence"];
    let mut folders: Vec<_> = topics.iter().map(|topic| PathBuf::from(&data).join(topic)).collect();
    let (mut one, mut none) = (0, 0);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
            let Ok(marks) = Marks::of(bytes) else { continue };
            let formats = detected(&marks);
            assert!(formats.len() < 2, "{}: {formats:?}", path.display());
            if formats.is_empty() { none += 1 } else { one += 1 }
        }
    }
    println!("{one} documents of one format, {none} of none, 0 of two");
    assert!(one > 400, "{one}");
}
