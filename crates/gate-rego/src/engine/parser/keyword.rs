//! Which names are keywords where.

use super::Parser;
use crate::engine::ast::Version;
use crate::engine::lexer::TokenKind;

/// Names that are keywords everywhere.
const ALWAYS: [&str; 11] =
    ["as", "default", "else", "false", "import", "not", "null", "package", "some", "true", "with"];

/// The keywords that Rego 0 has to import.
pub(super) const IMPORTED: [&str; 4] = ["contains", "every", "if", "in"];

/// The keywords that a module knows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keywords {
    imported: [bool; 4],
}

impl Keywords {
    pub(super) fn of(version: Version) -> Self {
        Self { imported: [version == Version::V1; 4] }
    }

    pub(super) fn add(&mut self, name: &str) {
        for (at, keyword) in IMPORTED.into_iter().enumerate() {
            // Whoever imports `every` needs `in`.
            if keyword == name || (keyword == "in" && name == "every") {
                self.imported[at] = true;
            }
        }
    }

    pub(super) fn has(self, name: &str) -> bool {
        let imported = IMPORTED.iter().position(|keyword| *keyword == name);
        imported.map_or_else(|| ALWAYS.contains(&name), |at| self.imported[at])
    }
}

impl Parser {
    /// Whether the current token is a keyword that means itself: not the start of a reference.
    pub(super) fn is_keyword(&self, keyword: &str) -> bool {
        self.name_text().is_some_and(|name| **name == *keyword)
            && self.keywords.has(keyword)
            && !self.starts_reference()
    }

    /// Whether a statement with this keyword begins here.
    pub(super) fn is_statement(&self, keyword: &str) -> bool {
        self.is_keyword(keyword)
    }

    /// A name with `.` or `[` right behind it is a reference, keyword or not.
    pub(super) fn starts_reference(&self) -> bool {
        let next = self.ahead(1);
        !next.spaced && matches!(next.kind, TokenKind::Symbol("." | "["))
    }

    pub(super) fn take_keyword(&mut self, keyword: &str) -> bool {
        let found = self.is_keyword(keyword);
        if found {
            self.bump();
        }
        found
    }
}
