//! What can be wrong with a policy: found at load ([`CompileError`]) or while it runs
//! ([`EvaluationError`]).

use std::fmt;

/// A place in a module.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The module's path.
    pub path: String,
    /// Line, from 1; 0 where the whole module is meant.
    pub line: u32,
    /// Column, from 1; 0 where the whole line is meant.
    pub column: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        if self.line > 0 && self.column > 0 {
            write!(f, ":{}", self.column)?;
        }
        Ok(())
    }
}

/// What sort of mistake keeps a module from loading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompileKind {
    /// Its text is no Rego.
    Parse,
    /// It calls what does not exist or may not be called.
    Type,
    /// It calls itself.
    Recursion,
    /// It uses a variable that nothing binds.
    Unsafe,
    /// Anything else: bounds, conflicts, METADATA.
    Other,
}

/// A module that does not load.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {message}")]
pub struct CompileError {
    /// What sort of mistake it is.
    pub kind: CompileKind,
    /// Where.
    pub place: Place,
    /// What is wrong.
    pub message: String,
}

impl CompileError {
    /// An error at a place of a module.
    pub(crate) fn at(path: &str, line: u32, column: u32, message: impl Into<String>) -> Self {
        let place = Place { path: path.to_owned(), line, column };
        Self { kind: CompileKind::Other, place, message: message.into() }
    }

    /// The same as another sort of mistake.
    pub(crate) fn of(self, kind: CompileKind) -> Self {
        Self { kind, ..self }
    }
}

/// An evaluation without an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvaluationError {
    /// A rule, or all rules together, ran longer than allowed.
    #[error("{rule} ran out of time ({milliseconds} ms)")]
    Timeout {
        /// The rule that was asked.
        rule: String,
        /// The limit that was exceeded.
        milliseconds: u128,
    },
    /// The engine stopped.
    #[error("{}{message}", .place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default())]
    Engine {
        /// Where, if the engine says.
        place: Option<Place>,
        /// What happened.
        message: String,
    },
}
