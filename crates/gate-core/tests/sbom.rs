//! SBOMs of the specifications and of real tools: what is valid is read, what is invalid is refused.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test reads its cases from disk and says what it did not run"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gate_core::verify::{Inspection, inspect};

/// The folder of SBOMs; `None` where there is none, which is said.
fn data() -> Option<PathBuf> {
    let data = std::env::var_os("GATE_CONFORMANCE_DATA");
    if data.is_none() {
        println!("not run: GATE_CONFORMANCE_DATA is not set");
    }
    data.map(|data| PathBuf::from(data).join("sbom"))
}

fn look(path: &Path) -> Inspection {
    inspect(&std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

fn told(inspection: &Inspection) -> String {
    let problems = inspection.problems.iter().take(3);
    problems.map(|it| format!("\n    {} {}: {}", it.code, it.place, it.detail)).collect()
}

/// Cases by group, and those that came out otherwise than they should.
#[derive(Default)]
struct Score {
    groups: BTreeMap<String, (u32, u32)>,
    misses: Vec<String>,
}

impl Score {
    fn add(&mut self, group: String, file: &str, right: bool, inspection: &Inspection) {
        let (count, hits) = self.groups.entry(group).or_default();
        *count += 1;
        *hits += u32::from(right);
        if !right {
            println!("{file}{}", told(inspection));
            self.misses.push(file.to_owned());
        }
    }

    fn print(&self) {
        for (group, (count, hits)) in &self.groups {
            println!("{group}: {hits} of {count}");
        }
    }
}

/// Documents of the specification that are refused as they should not be, or accepted: with why.
const SPECIFICATION_MISSES: [(&str, &str); 0] = [];

#[test]
fn documents_of_the_specification_come_out_as_their_names_say() {
    let Some(data) = data() else { return };
    let mut score = Score::default();
    for version in ["1.2", "1.3", "1.4", "1.5", "1.6", "1.7"] {
        let folder = data.join("specification").join(version);
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let valid = name.starts_with("valid-");
            assert!(valid || name.starts_with("invalid-"), "{name}");
            let inspection = look(&path);
            let right = inspection.problems.is_empty() == valid
                && inspection.form.as_deref() == Some("cyclonedx");
            let kind = path.extension().unwrap().to_string_lossy().into_owned();
            let group = format!("{version} {kind} {}", if valid { "valid" } else { "invalid" });
            score.add(group, &name, right, &inspection);
        }
    }
    score.print();
    score.misses.sort();
    assert_eq!(score.misses, SPECIFICATION_MISSES.map(|(name, _)| name));
}

/// Documents of real tools that come out otherwise than the manifest says: with why.
const TOOL_MISSES: [(&str, &str); 0] = [];

#[test]
fn documents_of_tools_come_out_as_the_manifest_says() {
    let Some(data) = data() else { return };
    let manifest = std::fs::read_to_string(data.join("MANIFEST.tsv")).unwrap();
    let mut score = Score::default();
    for row in manifest.lines().skip(1) {
        let columns: Vec<&str> = row.split('\t').collect();
        let [file, source, .., expected] = columns[..] else { panic!("{row}") };
        if file.starts_with("specification/") {
            continue;
        }
        let inspection = look(&data.join(file));
        let group = |outcome: &str| format!("{source} {outcome}");
        let read = inspection.problems.is_empty();
        match expected {
            "valid" | "valid (warning file may warn)" => {
                score.add(group("valid"), file, read, &inspection);
            }
            "invalid" | "MUST FAIL" | "decode MUST FAIL" => {
                score.add(group("invalid"), file, !read, &inspection);
            }
            // Nothing is promised of these but that they are told for what they are.
            _ => score.add(group("told"), file, inspection.form.is_some(), &inspection),
        }
    }
    score.print();
    score.misses.sort();
    assert_eq!(score.misses, TOOL_MISSES.map(|(name, _)| name));
}
