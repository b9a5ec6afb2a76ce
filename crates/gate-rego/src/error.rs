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

    /// The engine's own words about a module, taken apart.
    pub(crate) fn engine(path: &str, text: &str) -> Self {
        let (place, message) = taken_apart(text);
        let place = place.unwrap_or(Place { path: path.to_owned(), line: 0, column: 0 });
        Self { kind: CompileKind::Other, place, message }
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

impl EvaluationError {
    /// The engine's own words, taken apart.
    pub(crate) fn engine(text: &str) -> Self {
        let (place, message) = taken_apart(text);
        Self::Engine { place, message }
    }
}

/// The engine draws the place into its text (`--> file:line:column`, source, caret, `error: words`).
/// The innermost error comes last; its place and words are what a policy author needs.
fn taken_apart(text: &str) -> (Option<Place>, String) {
    let lines = || text.lines().map(str::trim);
    let place = lines().filter_map(|line| place(line.strip_prefix("--> ")?)).next_back();
    let message = lines().filter_map(|line| line.strip_prefix("error: ")).next_back();
    (place, message.unwrap_or_else(|| text.trim()).to_owned())
}

fn place(text: &str) -> Option<Place> {
    let (rest, column) = text.rsplit_once(':')?;
    let (path, line) = rest.rsplit_once(':')?;
    Some(Place { path: path.to_owned(), line: line.parse().ok()?, column: column.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engines_drawing_is_taken_apart() {
        let text = "\n--> a:b.rego:3:7\n  |\n3 | x := 1/0\n  |      ^\nerror: divide by zero";
        let EvaluationError::Engine { place, message } = EvaluationError::engine(text) else {
            panic!("an engine error");
        };
        assert_eq!(place.unwrap().to_string(), "a:b.rego:3:7");
        assert_eq!(message, "divide by zero");
    }

    #[test]
    fn text_without_a_drawing_is_kept() {
        let error = CompileError::engine("a.rego", "file too long");
        assert_eq!(error.to_string(), "a.rego: file too long");
    }
}
