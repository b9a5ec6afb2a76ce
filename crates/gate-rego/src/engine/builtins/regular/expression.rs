//! Compiled expressions, and those that a query has compiled already.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use regex_automata::meta::Regex;
use regex_automata::util::syntax::Config;

use super::syntax;
use crate::engine::builtins::{BuiltinError, Context};

/// The most memory that a compiled expression may take; one at the bound compiles in milliseconds.
const SIZE: usize = 10 << 20;
/// The greatest nesting, since compiling recurses.
const NESTING: u32 = 250;
/// How many expressions are kept over a query.
const KEPT: usize = 256;

/// An expression.
pub(in crate::engine::builtins) struct Expression {
    regex: Regex,
    /// The names of the groups, the whole match first. Go allows a name to be taken twice.
    pub(super) names: Vec<Option<String>>,
}

impl Expression {
    /// Compiles an expression in Go's syntax.
    pub(super) fn go(pattern: &str) -> Result<Self, BuiltinError> {
        let translated = syntax::translate(pattern)
            .map_err(|error| BuiltinError::evaluation(format!("error parsing regexp: {error}")))?;
        Self::rust(&translated.pattern, translated.names)
    }

    /// Compiles an expression in this crate's syntax.
    pub(in crate::engine::builtins) fn rust(
        pattern: &str,
        names: Vec<Option<String>>,
    ) -> Result<Self, BuiltinError> {
        // Not refusing `(?-u:\B)`; matches never part a character all the same.
        let syntax = Config::new().utf8(false).nest_limit(NESTING);
        let limits = Regex::config().utf8_empty(true).nfa_size_limit(Some(SIZE));
        let regex = Regex::builder().syntax(syntax).configure(limits).build(pattern);
        // Go would go on: no answer may differ from its own.
        let regex = regex
            .map_err(|error| BuiltinError::limit(format!("expression not supported: {error}")))?;
        Ok(Self { regex, names })
    }

    pub(in crate::engine::builtins) fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// All matches, from left to right.
    pub(super) fn matches<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
        self.regex.find_iter(text).map(|found| found.range())
    }

    /// The groups of all matches, the whole match first.
    pub(super) fn captures<'a>(
        &'a self,
        text: &'a str,
    ) -> impl Iterator<Item = Vec<Option<Range<usize>>>> + 'a {
        self.regex
            .captures_iter(text)
            .map(|captures| captures.iter().map(|span| span.map(|span| span.range())).collect())
    }
}

#[derive(Default)]
struct Known(HashMap<String, Arc<Expression>>);

/// The expression of a pattern in Go's syntax.
pub(in crate::engine::builtins) fn expression(
    context: &mut Context,
    pattern: &str,
) -> Result<Arc<Expression>, BuiltinError> {
    remembered(context, pattern, || Expression::go(pattern))
}

/// The expression that a key stands for, compiled the first time.
pub(in crate::engine::builtins) fn remembered(
    context: &mut Context,
    key: &str,
    compile: impl FnOnce() -> Result<Expression, BuiltinError>,
) -> Result<Arc<Expression>, BuiltinError> {
    if let Some(known) = context.memory::<Known>().0.get(key) {
        return Ok(Arc::clone(known));
    }
    // Compiling takes some microseconds for each byte.
    context.work(key.len().saturating_mul(1_000))?;
    let compiled = Arc::new(compile()?);
    context.budget.check()?;
    let known = &mut context.memory::<Known>().0;
    if known.len() >= KEPT {
        known.clear();
    }
    known.insert(key.to_owned(), Arc::clone(&compiled));
    Ok(compiled)
}
