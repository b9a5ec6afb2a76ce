//! Which lines of policies were evaluated.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use regorus::Engine;

use crate::error::CompileError;

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
    /// Adds what this engine's evaluations reached.
    pub(super) fn add(&mut self, engine: &Engine) -> Result<(), CompileError> {
        let report = engine
            .get_coverage_report()
            .map_err(|error| CompileError::engine("coverage", &error.to_string()))?;
        for file in report.files {
            match self.files.iter_mut().find(|known| known.path == file.path) {
                Some(known) => known.covered.extend(file.covered),
                None => self.files.push(FileCoverage {
                    path: file.path,
                    covered: file.covered,
                    not_covered: file.not_covered,
                }),
            }
        }
        for file in &mut self.files {
            let FileCoverage { covered, not_covered, .. } = file;
            not_covered.retain(|line| !covered.contains(line));
        }
        self.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(())
    }

    /// Lines that were evaluated, and all that could have been.
    pub fn lines(&self) -> (usize, usize) {
        let covered = self.files.iter().map(|file| file.covered.len()).sum();
        let missed: usize = self.files.iter().map(|file| file.not_covered.len()).sum();
        (covered, covered + missed)
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
