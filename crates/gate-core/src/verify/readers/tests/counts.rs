//! Test cases, counted one by one.

use crate::facts::Tests;
use crate::limits;
use crate::reason::Problem;
use crate::verify::failure::Failure;

/// The most names of failing cases that are kept.
const FAILING: usize = 20;

/// How a case went; the gravest wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) enum Outcome {
    #[default]
    Passed,
    /// It failed, and passed when it was run again.
    Flaky,
    Skipped,
    Error,
    Failed,
}

#[derive(Debug, Default)]
pub(super) struct Counts {
    total: u64,
    passed: u64,
    failed: u64,
    errors: u64,
    skipped: u64,
    flaky: u64,
    failing: Vec<String>,
}

impl Counts {
    /// Adds a case, or what broke outside of cases.
    pub(super) fn add(&mut self, name: &str, outcome: Outcome) -> Result<(), Failure> {
        if self.total == limits::TEST_CASES as u64 {
            return Err(Failure::new(
                Problem::EvidenceTooLarge,
                format!("the report has more than {} test cases", limits::TEST_CASES),
            ));
        }
        self.total += 1;
        match outcome {
            Outcome::Passed => self.passed += 1,
            Outcome::Flaky => {
                self.passed += 1;
                self.flaky += 1;
            }
            Outcome::Skipped => self.skipped += 1,
            Outcome::Error => self.errors += 1,
            Outcome::Failed => self.failed += 1,
        }
        let bad = matches!(outcome, Outcome::Error | Outcome::Failed);
        if bad && self.failing.len() < FAILING {
            self.failing.push(name.chars().take(200).collect());
        }
        Ok(())
    }

    /// Cases that did not go well.
    pub(super) fn bad(&self) -> u64 {
        self.failed + self.errors
    }

    /// The counts as facts.
    pub(super) fn finish(self, format: &str, name: &str) -> Tests {
        let Self { total, passed, failed, errors, skipped, flaky, failing } = self;
        Tests {
            format: format.to_owned(),
            name: name.to_owned(),
            total,
            passed,
            failed,
            errors,
            skipped,
            flaky,
            failing,
        }
    }
}
