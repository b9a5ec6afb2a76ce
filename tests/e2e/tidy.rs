//! The rules of the house that no compiler knows: file heads, sizes, what stays out.

use std::path::{Path, PathBuf};

/// Lines that a source file may have.
const FILE_LINES: usize = 400;

/// Files that may be longer, each with its reason.
const LONGER: &[(&str, &str)] = &[(
    "crates/gate-core/src/facts.rs",
    "one type for each part of the input document, read as a whole",
)];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn each_source(check: impl Fn(&str, &str)) {
    let root = root();
    let mut files = vec![];
    sources(&root, &mut files);
    assert!(files.len() > 20, "the sources were not found");
    for file in files {
        let name = file.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        check(&name, &std::fs::read_to_string(&file).unwrap());
    }
}

#[test]
fn every_file_says_what_it_is() {
    each_source(|name, text| assert!(text.starts_with("//!"), "{name} does not open with //!"));
}

#[test]
fn no_file_is_too_long_to_read() {
    each_source(|name, text| {
        let lines = text.lines().count();
        let reason = LONGER.iter().any(|(longer, _)| *longer == name);
        assert!(lines <= FILE_LINES || reason, "{name} has {lines} lines");
    });
}

#[test]
fn nothing_is_left_undone() {
    let marks = [["todo!", "("], ["unimplemented!", "("], ["#[ign", "ore"], ["FIX", "ME"]];
    each_source(|name, text| {
        for mark in marks {
            let mark = mark.concat();
            assert!(!text.contains(&mark), "{name} holds {mark}");
        }
    });
}

#[test]
fn no_module_is_a_drawer() {
    each_source(|name, _| {
        let stem = Path::new(name).file_stem().unwrap().to_string_lossy().into_owned();
        let drawers = ["utils", "util", "helpers", "helper", "common", "misc", "manager"];
        assert!(!drawers.contains(&stem.as_str()), "{name} says nothing of what is in it");
    });
}
