//! Compiled expressions, and those that were compiled already.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use regex_automata::meta::Regex;
use regex_automata::util::syntax::Config;

use super::syntax;
use crate::engine::builtins::{BuiltinError, Context};

/// The most memory that a compiled expression may take; one at the bound compiles in milliseconds.
const SIZE: usize = 10 << 20;
/// The greatest nesting, since compiling recurses.
const NESTING: u32 = 250;
/// How many expressions are kept, and how much memory they may take.
const KEPT: usize = 1_000;
const KEPT_BYTES: usize = 32 << 20;

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

/// Expressions that were compiled before, by any query: compiling one costs more than most queries.
static KNOWN: LazyLock<RwLock<Known>> = LazyLock::new(RwLock::default);

#[derive(Default)]
struct Known {
    expressions: HashMap<String, Arc<Expression>>,
    bytes: usize,
}

impl Known {
    /// Keeps an expression. Where there is no room all give way: which ones come again is not known.
    fn keep(&mut self, key: &str, expression: &Arc<Expression>) {
        let bytes = key.len() + expression.regex.memory_usage();
        if bytes > KEPT_BYTES / 8 {
            return;
        }
        if self.expressions.len() >= KEPT || self.bytes + bytes > KEPT_BYTES {
            *self = Self::default();
        }
        self.bytes += bytes;
        self.expressions.insert(key.to_owned(), Arc::clone(expression));
    }
}

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
    let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner).expressions.get(key).cloned();
    if let Some(known) = known {
        return Ok(known);
    }
    // Compiling takes some microseconds for each byte.
    context.work(key.len().saturating_mul(1_000))?;
    let compiled = Arc::new(compile()?);
    context.budget.check()?;
    KNOWN.write().unwrap_or_else(PoisonError::into_inner).keep(key, &compiled);
    Ok(compiled)
}
