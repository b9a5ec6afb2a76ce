//! What `opa eval` does, as a function: a query over modules, data and input, answered in OPA's JSON.

mod render;
mod told;

use std::time::Duration;

pub use render::{Format, Rendered, render};

use crate::engine::ast::Span;
use crate::engine::compiler::{self, Code};
use crate::engine::evaluate::{Failure, Options, Solution};
use crate::engine::parser;
use crate::error::{CompileError, CompileKind, Place};
use crate::explain::{self, Detail, Explanation, HotLine};
use crate::module::Module;
use crate::policy::{self, Dialect, Policy};
use crate::value::Value;

/// The most results that a query may have.
const RESULTS: usize = 1_000_000;
/// The greatest size of a query.
const QUERY_BYTES: usize = 64 << 10;

/// A query and everything that it may ask about.
pub struct Evaluation {
    /// Modules, tests among them.
    pub modules: Vec<Module>,
    /// The document `data`.
    pub data: Value,
    /// The document `input`; `None` leaves it undefined.
    pub input: Option<Value>,
    /// Syntax and strictness.
    pub dialect: Dialect,
    /// The query.
    pub query: String,
    /// What `time.now_ns()` yields.
    pub now_ns: i64,
    /// Time for the query; `None` for as long as it takes, as OPA has it.
    pub limit: Option<Duration>,
}

/// What an evaluation tells of itself, beside its answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Telling {
    /// Why it is so.
    pub explain: Option<Detail>,
    /// Which lines took the time.
    pub profile: bool,
}

/// What came of it, in the shape of `opa eval --format json`.
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    /// `{"result": [..]}`, `{}` where the query is undefined, or `{"errors": [..]}`. Numbers keep each
    /// of their digits.
    pub document: Value,
    /// Whether there are errors: the exit code is 2, as OPA's.
    pub failed: bool,
    /// Why, where it was asked for.
    pub explanation: Option<(Detail, Explanation)>,
    /// What the policy printed.
    pub prints: Vec<String>,
    /// The hottest lines, where they were asked for.
    pub profile: Option<Vec<HotLine>>,
}

impl Output {
    /// An error that arose before the query, a file that cannot be read for one.
    pub fn error(message: &str) -> Self {
        Self::failed(object([("message", Value::from(message))]))
    }

    fn failed(error: Value) -> Self {
        let document = errors(error);
        Self { document, failed: true, explanation: None, prints: vec![], profile: None }
    }
}

/// Answers the query. Call it on a thread with a stack of [`crate::bounds::STACK_BYTES`].
pub fn eval(evaluation: Evaluation) -> Output {
    eval_telling(evaluation, Telling::default())
}

/// The same, told.
pub fn eval_telling(evaluation: Evaluation, telling: Telling) -> Output {
    answer(evaluation, telling).unwrap_or_else(Output::failed)
}

fn answer(evaluation: Evaluation, telling: Telling) -> Result<Output, Value> {
    let Evaluation { modules, data, input, dialect, query, now_ns, limit } = evaluation;
    let Telling { explain, profile } = telling;
    let policy = Policy::compile_as(&modules, data, dialect).map_err(|error| refused(&error))?;
    // The query is a file behind the modules; in OPA it has no name.
    let file = u32::try_from(modules.len()).unwrap_or(u32::MAX);
    let parse_error = |line, column, message: String| {
        refused(&CompileError::at("", line, column, message).of(CompileKind::Parse))
    };
    if query.len() > QUERY_BYTES {
        return Err(parse_error(1, 1, format!("the query has more than {QUERY_BYTES} bytes")));
    }
    let body = parser::query(file, &query, dialect.version())
        .map_err(|error| parse_error(error.span.line, error.span.column, error.message))?;
    let options = compiler::Options::default();
    let compiled = compiler::compile_query(&policy.program, &body, options)
        .map_err(|errors| refused(&policy::refusal(&errors, |_| String::new())))?;
    let watching = Options { watch: explain.is_some(), profile, ..Options::default() };
    let mut session = policy.session_with(input, now_ns, limit, watching);
    let solutions = session.query(&compiled, RESULTS);
    let explanation =
        explain.map(|detail| (detail, Explanation::of(&policy, &mut session, &query)));
    let prints = session.take_prints().into_iter().map(|(_, text)| text).collect();
    let profile = profile.then(|| explain::hottest(&policy, &mut session, &query));
    Ok(match solutions {
        Ok(solutions) => {
            let document = document(&query, &solutions);
            Output { document, failed: false, explanation, prints, profile }
        }
        Err(failure) => {
            Output { explanation, prints, profile, ..Output::failed(failed(&policy, &failure)) }
        }
    })
}

fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::object(fields.into_iter().map(|(name, value)| (Value::from(name), value)).collect())
}

fn errors(error: Value) -> Value {
    object([("errors", Value::array(vec![error]))])
}

fn refused(error: &CompileError) -> Value {
    let code = match error.kind {
        CompileKind::Parse => Code::Parse,
        CompileKind::Type => Code::Type,
        CompileKind::Recursion => Code::Recursion,
        CompileKind::Unsafe => Code::Unsafe,
        CompileKind::Other => Code::Compile,
    };
    // What stands behind the first line is for people.
    let (message, lines) = error.message.split_once('\n').unwrap_or((&error.message, ""));
    object([
        ("message", Value::from(message)),
        ("code", Value::from(code.as_str())),
        ("location", location(&error.place)),
        ("lines", Value::from(lines)),
    ])
}

fn failed(policy: &Policy, failure: &Failure) -> Value {
    let query = Place { path: String::new(), line: failure.span.line, column: failure.span.column };
    let place = policy.place(failure).unwrap_or(query);
    object([
        ("message", Value::from(failure.message.as_str())),
        ("code", Value::from(failure.kind.code())),
        ("location", location(&place)),
    ])
}

fn location(place: &Place) -> Value {
    object([
        ("file", Value::from(place.path.as_str())),
        ("row", Value::from(u64::from(place.line))),
        ("col", Value::from(u64::from(place.column))),
    ])
}

fn document(query: &str, solutions: &[Solution]) -> Value {
    if solutions.is_empty() {
        return object([]);
    }
    let results = solutions.iter().map(|solution| one(query, solution)).collect();
    object([("result", Value::array(results))])
}

fn one(query: &str, solution: &Solution) -> Value {
    let expression = |(span, value): &(Span, Value)| {
        let place = object([
            ("row", Value::from(u64::from(span.line))),
            ("col", Value::from(u64::from(span.column))),
        ]);
        let text = Value::from(span.text(query));
        object([("value", value.clone()), ("text", text), ("location", place)])
    };
    let expressions = Value::array(solution.expressions.iter().map(expression).collect());
    if solution.bindings.is_empty() {
        return object([("expressions", expressions)]);
    }
    let binding = |(name, value): &(std::sync::Arc<str>, Value)| {
        (Value::String(std::sync::Arc::clone(name)), value.clone())
    };
    let bindings = Value::object(solution.bindings.iter().map(binding).collect());
    object([("expressions", expressions), ("bindings", bindings)])
}

#[cfg(test)]
mod tests;
