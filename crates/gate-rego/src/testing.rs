//! What `opa test` does, as a function: runs `test_` rules and tells which lines they reach.

mod coverage;
mod run;
mod text;

use std::sync::Arc;
use std::time::Duration;

pub use coverage::{Coverage, FileCoverage};
pub use run::run;

use crate::error::{CompileError, Place};
use crate::explain::Explanation;
use crate::module::Module;
use crate::outside::Outside;
use crate::policy::Dialect;
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
    /// Runs only tests in whose full name this expression matches somewhere.
    pub only: Option<String>,
    /// How many tests run at once.
    pub parallel: usize,
    /// What tests may ask of outside: configurations, for the builtins of Conftest.
    pub outside: Option<Arc<Outside>>,
}

/// Why tests cannot be run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TestsError {
    /// The modules do not compile.
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// The filter is no regular expression.
    #[error("`{0}` is no regular expression")]
    Filter(String),
    /// The machine gives no thread.
    #[error("no thread could be started: {0}")]
    Thread(String),
}

/// How a test ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// It is true.
    Pass,
    /// It is anything else, or undefined.
    Fail,
    /// The engine stopped.
    Error {
        /// OPA's code.
        code: String,
        /// Where.
        place: Option<Place>,
        /// What happened.
        message: String,
    },
    /// Its name begins with `todo_`.
    Skipped,
}

/// One case of a test with variables in its head, and those below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubCase {
    /// The value of the head's variable.
    pub name: String,
    /// Whether it, and all below it, hold.
    pub passed: bool,
    /// The cases of the head's next variable.
    pub below: Vec<SubCase>,
}

/// One test.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Its package: `data.a_test`.
    pub package: String,
    /// Its name: `test_x`, and `test_x#01` for the second of that name.
    pub name: String,
    /// Path of its module.
    pub file: String,
    /// Its line.
    pub line: u32,
    /// Its column.
    pub column: u32,
    /// How it ended.
    pub ending: Ending,
    /// How long it took.
    pub time: Duration,
    /// What it printed.
    pub prints: Vec<String>,
    /// Its cases, where its head has variables.
    pub cases: Vec<SubCase>,
    /// Why it failed.
    pub explanation: Explanation,
}

/// All tests and the lines that they reached.
#[derive(Debug, Clone, PartialEq)]
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
}

#[cfg(test)]
mod tests;
