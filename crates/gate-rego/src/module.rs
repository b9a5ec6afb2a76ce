//! A Rego module as it is handed in: a path and its source.

use crate::engine::ast::Version;
use crate::engine::parser;
use crate::error::{CompileError, CompileKind};
use crate::{bounds, rules};

/// One source file of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Module {
    /// The path that messages and coverage name.
    pub path: String,
    /// The source.
    pub source: String,
}

impl Module {
    /// A module from its path and source.
    pub fn new(path: impl Into<String>, source: impl Into<String>) -> Self {
        Self { path: path.into(), source: source.into() }
    }

    /// The package that it says it is, without `data`.
    pub fn package(&self) -> Result<Vec<String>, CompileError> {
        bounds::check(self)?;
        let tree = parser::module(0, &self.path, &self.source, Version::V1).map_err(|error| {
            CompileError::at(&self.path, error.span.line, error.span.column, error.message)
                .of(CompileKind::Parse)
        })?;
        Ok(rules::package(&tree))
    }

    /// Whether the file holds tests, by its name.
    pub fn is_test(&self) -> bool {
        self.path.ends_with("_test.rego")
    }
}
