//! Licence expressions, read as leniently as people write them.

use std::collections::HashMap;

use foldhash::fast::FixedState;
use spdx::{Expression, ParseMode};

/// What is accepted beyond the standard: deprecated ids, `/` for OR, lower-case operators, the
/// names that people use for ids. What is recorded is always the text as it was given.
const MODE: ParseMode = ParseMode::LAX;

/// Expressions seen so far: thousands of components share a few.
#[derive(Default)]
pub(super) struct Licences(HashMap<String, Option<String>, FixedState>);

impl Licences {
    /// Whether the text is an expression, and if not why.
    pub(super) fn check(&mut self, text: &str) -> Result<(), String> {
        const KEPT: usize = 10_000;
        if let Some(known) = self.0.get(text) {
            return known.clone().map_or(Ok(()), Err);
        }
        let outcome = parse(text).map(drop);
        if self.0.len() < KEPT {
            self.0.insert(text.to_owned(), outcome.clone().err());
        }
        outcome
    }
}

/// Reads an expression.
pub(super) fn parse(text: &str) -> Result<Expression, String> {
    const LONGEST: usize = 10_000;
    if text.len() > LONGEST {
        return Err(format!("has {} bytes, more than {LONGEST}", text.len()));
    }
    Expression::parse_mode(text, MODE).map_err(|error| error.reason.to_string())
}
