//! Which lines of policies were evaluated.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt::Write as _;

use crate::engine::evaluate::lines;
use crate::policy::Policy;

/// Lines of one module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileCoverage {
    /// Path of the module.
    pub path: String,
    /// Lines that were evaluated.
    pub covered: BTreeSet<u32>,
    /// Lines that hold something to evaluate and were not reached.
    pub not_covered: BTreeSet<u32>,
}

/// Lines of all modules, sorted by path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// One entry a module.
    pub files: Vec<FileCoverage>,
}

impl Coverage {
    /// Every line of the policy that evaluation can reach, none of which it has.
    pub(super) fn of(policy: &Policy) -> Self {
        let mut files: BTreeMap<String, FileCoverage> = BTreeMap::new();
        for (file, line) in lines(&policy.program) {
            let Some(file) = policy.program.files.get(file as usize) else { continue };
            let path = file.path.to_string();
            let file = files.entry(path.clone()).or_insert_with(|| FileCoverage {
                path,
                covered: BTreeSet::new(),
                not_covered: BTreeSet::new(),
            });
            file.not_covered.insert(line);
        }
        Self { files: files.into_values().collect() }
    }

    /// Adds the lines, by file and number, that an evaluation reached.
    pub(super) fn add(&mut self, policy: &Policy, reached: &HashSet<(u32, u32)>) {
        for (file, line) in reached {
            let Some(path) = policy.program.files.get(*file as usize).map(|file| &*file.path)
            else {
                continue;
            };
            if let Some(file) = self.files.iter_mut().find(|known| *known.path == *path)
                && file.not_covered.remove(line)
            {
                file.covered.insert(*line);
            }
        }
    }

    /// Lines that were evaluated, and all that could have been.
    pub fn lines(&self) -> (usize, usize) {
        let covered = self.files.iter().map(|file| file.covered.len()).sum();
        let missed: usize = self.files.iter().map(|file| file.not_covered.len()).sum();
        (covered, covered + missed)
    }

    /// The lines in LCOV's form, for tools that draw coverage.
    pub fn lcov(&self) -> String {
        let mut out = String::new();
        for file in &self.files {
            let _ = writeln!(out, "TN:\nSF:{}", file.path);
            for line in file.covered.union(&file.not_covered) {
                let _ = writeln!(out, "DA:{line},{}", u8::from(file.covered.contains(line)));
            }
            let all = file.covered.len() + file.not_covered.len();
            let _ = writeln!(out, "LF:{all}\nLH:{}\nend_of_record", file.covered.len());
        }
        out
    }

    /// One line a module, with the lines that were not reached, and the sum.
    pub fn text(&self) -> String {
        let mut out = String::new();
        for file in &self.files {
            let all = file.covered.len() + file.not_covered.len();
            let _ = write!(out, "{}: {}", file.path, percent(file.covered.len(), all));
            if !file.not_covered.is_empty() {
                let missed: Vec<_> = file.not_covered.iter().map(u32::to_string).collect();
                let _ = write!(out, ", not reached: {}", missed.join(", "));
            }
            out.push('\n');
        }
        let (covered, all) = self.lines();
        let _ = writeln!(out, "COVERAGE: {} ({covered}/{all} lines)", percent(covered, all));
        out
    }
}

/// Tenths of a percent, rounded down: 100.0 % means every line.
fn percent(covered: usize, all: usize) -> String {
    let tenths = (covered * 1000).checked_div(all).unwrap_or(1000);
    format!("{}.{} %", tenths / 10, tenths % 10)
}
