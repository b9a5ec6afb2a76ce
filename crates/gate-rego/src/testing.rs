//! What `opa test` does, as a function: runs `test_` rules and tells which lines they reach.

mod coverage;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

pub use coverage::{Coverage, FileCoverage};

use crate::error::CompileError;
use crate::module::Module;
use crate::policy::{Dialect, Policy, RulePath};
use crate::rules::RuleForm;
use crate::value::Value;

/// Modules with their tests, and the data that they read.
pub struct Tests {
    /// Modules, tests among them.
    pub modules: Vec<Module>,
    /// The document `data`.
    pub data: Value,
    /// Syntax and strictness.
    pub dialect: Dialect,
    /// What `time.now_ns()` yields.
    pub now_ns: i64,
    /// Time for one test.
    pub limit: Duration,
    /// Runs only tests whose full name holds this text.
    pub only: Option<String>,
}

/// How a test ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// It is true.
    Pass,
    /// It is false or undefined.
    Fail,
    /// The engine stopped; its words.
    Error(String),
    /// Its name begins with `todo_`.
    Skipped,
}

/// One test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Full name: `data.package.test_x`.
    pub name: String,
    /// Path of its module.
    pub file: String,
    /// Its line.
    pub line: u32,
    /// How it ended.
    pub ending: Ending,
    /// What it printed.
    pub prints: Vec<String>,
}

/// All tests and the lines that they reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Tests in the order of their modules.
    pub cases: Vec<Case>,
    /// Lines of the modules that hold no tests.
    pub coverage: Coverage,
}

impl Report {
    /// Whether no test failed. A run without tests passes nothing, and is told by [`Report::cases`].
    pub fn passed(&self) -> bool {
        self.cases.iter().all(|case| matches!(case.ending, Ending::Pass | Ending::Skipped))
    }

    /// The lines that `opa test` ends with: what failed, then counts. `verbose` names every test.
    pub fn text(&self, verbose: bool) -> String {
        let mut out = String::new();
        for case in &self.cases {
            if verbose || case.ending != Ending::Pass {
                let _ =
                    writeln!(out, "{}:{}:\n{}: {}", case.file, case.line, case.name, word(case));
                for line in &case.prints {
                    let _ = writeln!(out, "\n  {line}");
                }
            }
        }
        if !out.is_empty() {
            let _ = writeln!(out, "{}", "-".repeat(80));
        }
        for (name, wanted) in
            [("PASS", "PASS"), ("FAIL", "FAIL"), ("ERROR", "ERROR"), ("SKIPPED", "SKIPPED")]
        {
            let count = self.cases.iter().filter(|case| word(case).starts_with(wanted)).count();
            if count > 0 {
                let _ = writeln!(out, "{name}: {count}/{}", self.cases.len());
            }
        }
        out
    }
}

fn word(case: &Case) -> String {
    match &case.ending {
        Ending::Pass => "PASS".to_owned(),
        Ending::Fail => "FAIL".to_owned(),
        Ending::Skipped => "SKIPPED".to_owned(),
        Ending::Error(message) => format!("ERROR\n  {message}"),
    }
}

/// Runs every test. Call it on a thread with a stack of [`crate::bounds::STACK_BYTES`].
pub fn run(tests: Tests) -> Result<Report, CompileError> {
    let Tests { modules, data, dialect, now_ns, limit, only } = tests;
    let policy = Policy::compile_as(&modules, data, dialect)?;
    let mut coverage = Coverage::of(&policy);
    let mut cases = Vec::new();
    for (name, path, file, line) in named(&policy) {
        let full = path.to_string();
        if only.as_ref().is_some_and(|only| !full.contains(only.as_str())) {
            continue;
        }
        if name.starts_with("todo_") {
            cases.push(Case { name: full, file, line, ending: Ending::Skipped, prints: vec![] });
            continue;
        }
        let mut session = policy.session(None, now_ns, Some(limit), true);
        let ending = match session.document(&path.parts()) {
            Ok(None | Some(Value::Bool(false))) => Ending::Fail,
            Ok(Some(_)) => Ending::Pass,
            Err(failure) => Ending::Error(policy.failed(&failure).to_string()),
        };
        let prints = session.take_prints().into_iter();
        let prints = prints.map(|(span, text)| policy.printed(span, &text)).collect();
        coverage.add(&policy, session.covered());
        cases.push(Case { name: full, file, line, ending, prints });
    }
    coverage.files.retain(|file| !file.path.ends_with("_test.rego"));
    Ok(Report { cases, coverage })
}

/// Rules named `test_` or `todo_test_`, each name once: name, full path, file, line.
fn named(policy: &Policy) -> Vec<(String, RulePath, String, u32)> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for rule in policy.rules().iter().filter(|rule| rule.form != RuleForm::Function) {
        let [name] = rule.name.as_slice() else { continue };
        if !name.starts_with("test_") && !name.starts_with("todo_test_") {
            continue;
        }
        let path = RulePath::new(&rule.package, name);
        if seen.insert(path.clone()) {
            found.push((name.clone(), path, rule.file.clone(), rule.line));
        }
    }
    found
}

#[cfg(test)]
mod tests;
