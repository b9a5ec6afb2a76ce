//! What is wrong, in the form in which OPA's API tells it.

use serde::Serialize;

use crate::engine::compiler::{self, Code};
use crate::engine::evaluate::Failure;
use crate::error::{CompileError, CompileKind};

/// One error of a query or a module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// OPA's code.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// Where.
    pub location: Location,
    /// The line, where text could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<Details>,
}

/// A place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Location {
    /// The module's name; empty for a query.
    pub file: String,
    /// Line, from 1.
    pub row: u32,
    /// Column, from 1.
    pub col: u32,
}

/// The line that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Details {
    /// The line.
    pub line: String,
    /// Bytes before the place in it.
    pub idx: u32,
}

impl Report {
    /// Text that is no Rego.
    pub(super) fn parse(file: &str, source: &str, place: (u32, u32), message: String) -> Self {
        let (row, col) = place;
        let line = source.lines().nth(row.saturating_sub(1) as usize).unwrap_or_default();
        let details = Details { line: line.to_owned(), idx: col.saturating_sub(1) };
        let location = Location { file: file.to_owned(), row, col };
        Self { code: Code::Parse.as_str(), message, location, details: Some(details) }
    }

    /// A mistake that a compiler found.
    pub(super) fn compile(error: &compiler::Error, file: &str) -> Self {
        let location =
            Location { file: file.to_owned(), row: error.span.line, col: error.span.column };
        let (code, message) = (error.code.as_str(), error.message.clone());
        Self { code, message, location, details: None }
    }

    /// Modules that do not compile.
    pub(super) fn refusal(error: &CompileError, source: &str) -> Self {
        let place = (error.place.line, error.place.column);
        let code = match error.kind {
            CompileKind::Parse => {
                return Self::parse(&error.place.path, source, place, error.message.clone());
            }
            CompileKind::Type => Code::Type,
            CompileKind::Recursion => Code::Recursion,
            CompileKind::Unsafe => Code::Unsafe,
            CompileKind::Other => Code::Compile,
        };
        let location = Location { file: error.place.path.clone(), row: place.0, col: place.1 };
        Self { code: code.as_str(), message: error.message.clone(), location, details: None }
    }

    /// An evaluation that stopped.
    pub(super) fn failure(failure: &Failure, place: (String, u32, u32)) -> Self {
        let (file, row, col) = place;
        Self {
            code: failure.kind.code(),
            message: failure.message.clone(),
            location: Location { file, row, col },
            details: None,
        }
    }
}
