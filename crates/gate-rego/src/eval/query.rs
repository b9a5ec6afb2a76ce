//! A query's text: checked as a module is, and read for what the engine's answer gets wrong about it
//! (the text of expressions, and bindings made outside the innermost loop).

use std::collections::BTreeSet;

use regorus::{Engine, QueryResult, QueryResults, Value};

use super::Bindings;
use crate::error::CompileError;
use crate::policy::{self, Policy};
use crate::{bounds, functions, syntax};

/// A query within bounds.
pub(super) struct Query {
    text: String,
    variables: BTreeSet<String>,
}

impl Query {
    /// Refuses in a query what a module may not say either.
    pub(super) fn read(policy: &Policy, text: String) -> Result<Self, CompileError> {
        bounds::check_query(&text)?;
        let mut engine = policy.engine();
        let source = format!("package query\n\nquery if {{\n{text}\n}}\n");
        let mut variables = BTreeSet::new();
        // What does not parse so is left to the engine, which names the place in the query itself.
        if policy::guarded(|| engine.add_policy("query".to_owned(), source)).is_ok() {
            let trees = engine.get_modules();
            functions::check(trees).map_err(|mut error| {
                error.place.line = error.place.line.saturating_sub(3);
                error
            })?;
            if let Some(rule) = trees.last().and_then(|tree| tree.policy.first()) {
                variables = syntax::variables(rule);
            }
        }
        Ok(Self { text, variables })
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The text and column of each expression. Its text goes from its own place to that of the next.
    pub(super) fn expressions<'a>(&'a self, result: &QueryResult) -> Vec<(&'a str, u32)> {
        let starts: Vec<(usize, u32)> = result
            .expressions
            .iter()
            .map(|expression| {
                let at = self.offset(expression.location.row, expression.location.col);
                // The engine's place of a text literal lies behind its quote.
                let quoted = self.text.get(..at).is_some_and(|before| before.ends_with(['"', '`']));
                let shift = u32::from(quoted);
                (at - usize::from(quoted), expression.location.col - shift)
            })
            .collect();
        let ends = starts.iter().skip(1).map(|(at, _)| *at).chain([self.text.len()]);
        starts
            .iter()
            .zip(ends)
            .map(|((start, column), end)| {
                let text = self.text.get(*start..end).unwrap_or_default();
                (text.trim_end_matches(|c: char| c == ';' || c.is_whitespace()), *column)
            })
            .collect()
    }

    fn offset(&self, row: u32, column: u32) -> usize {
        let before: usize = self
            .text
            .split_inclusive('\n')
            .take(row.saturating_sub(1) as usize)
            .map(str::len)
            .sum();
        let line = self.text.get(before..).unwrap_or_default();
        let column = column.saturating_sub(1) as usize;
        before + line.char_indices().nth(column).map_or(line.len(), |(at, _)| at)
    }

    /// The bindings of each result. The engine tells only those of the innermost loop, so a second
    /// query asks for all of them; where that does not fit the first, the engine's own stand.
    pub(super) fn bindings(&self, engine: &mut Engine, results: &QueryResults) -> Vec<Bindings> {
        let told: Vec<_> = results.result.iter().map(|result| own(&result.bindings)).collect();
        if self.variables.is_empty() || results.result.is_empty() {
            return told;
        }
        let pairs: Vec<_> =
            self.variables.iter().map(|name| format!("\"{name}\": {name}")).collect();
        let all = format!("[{{{}}} | {}]", pairs.join(", "), self.text);
        let Ok(answer) = policy::guarded(|| engine.eval_query(all, false)) else { return told };
        let value = answer.result.first().and_then(|result| result.expressions.first());
        let Some(Ok(rows)) = value.map(|expression| expression.value.as_array()) else {
            return told;
        };
        if rows.len() != told.len() {
            return told;
        }
        rows.iter().map(own).collect()
    }
}

fn own(bindings: &Value) -> Bindings {
    let Some(serde_json::Value::Object(bindings)) = crate::value::to_json(bindings) else {
        return Bindings::new();
    };
    bindings.into_iter().filter(|(name, _)| !name.starts_with('_')).collect()
}
