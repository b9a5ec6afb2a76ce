//! What `opa eval` does, as a function: a query over modules, data and input, answered in OPA's JSON.

mod query;
mod render;

use std::time::Duration;

use regorus::{QueryResults, Value};
use serde_json::json;

pub use render::{Format, Rendered, render};

use crate::builtins;
use crate::error::{CompileError, CompileKind, EvaluationError, Place};
use crate::module::Module;
use crate::policy::{self, Dialect, Failure, Policy};
use query::Query;

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
    pub now_ns: i128,
    /// Time for the query; `None` for as long as it takes, as OPA has it.
    pub limit: Option<Duration>,
}

/// What came of it, in the shape of `opa eval --format json`.
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    /// `{"result": [..]}`, `{}` where the query is undefined, or `{"errors": [..]}`.
    pub document: serde_json::Value,
    /// Whether there are errors: the exit code is 2, as OPA's.
    pub failed: bool,
}

impl Output {
    /// An error that arose before the query, a file that cannot be read for one.
    pub fn error(message: &str) -> Self {
        Self { document: json!({"errors": [{"message": message}]}), failed: true }
    }
}

/// Answers the query. Call it on a thread with a stack of [`crate::bounds::STACK_BYTES`].
pub fn eval(evaluation: Evaluation) -> Output {
    match answer(evaluation) {
        Ok(document) => Output { document, failed: false },
        Err(error) => Output { document: json!({"errors": [error]}), failed: true },
    }
}

fn answer(evaluation: Evaluation) -> Result<serde_json::Value, serde_json::Value> {
    let Evaluation { modules, data, input, dialect, query, now_ns, limit } = evaluation;
    let policy =
        Policy::compile_as(&modules, data, dialect).map_err(|error| compile_error(&error))?;
    let query = Query::read(&policy, query).map_err(|error| compile_error(&error))?;
    let mut engine = policy.engine();
    builtins::set_clock(&mut engine, now_ns)
        .map_err(|error| json!({"message": error.to_string()}))?;
    engine.set_input(input.unwrap_or(Value::Undefined));
    if let Some(limit) = limit {
        policy::limit(&mut engine, limit);
    }
    let results = policy::guarded(|| engine.eval_query(query.text().to_owned(), false)).map_err(
        |failure| {
            let code = match failure {
                Failure::Timeout => "eval_cancel_error",
                Failure::Engine(_) | Failure::Panic => "eval_internal_error",
            };
            evaluation_error(&failure.into_error(), code)
        },
    )?;
    let bindings = query.bindings(&mut engine, &results);
    Ok(document(&query, &results, &bindings))
}

fn compile_error(error: &CompileError) -> serde_json::Value {
    let code = match error.kind {
        CompileKind::Parse => "rego_parse_error",
        CompileKind::Type => "rego_type_error",
        CompileKind::Recursion => "rego_recursion_error",
        CompileKind::Other => "rego_compile_error",
    };
    json!({"message": error.message, "code": code, "location": location(&error.place)})
}

fn evaluation_error(error: &EvaluationError, code: &str) -> serde_json::Value {
    match error {
        EvaluationError::Engine { place: Some(place), message } => {
            json!({"message": message, "code": engine_code(message, code), "location": location(place)})
        }
        EvaluationError::Engine { place: None, message } => {
            json!({"message": message, "code": code})
        }
        EvaluationError::Timeout { .. } => json!({"message": error.to_string(), "code": code}),
    }
}

/// OPA's code for an error of this engine, which has words alone.
fn engine_code<'a>(message: &str, otherwise: &'a str) -> &'a str {
    const CODES: [(&str, &str); 6] = [
        ("complete rules should not produce multiple outputs", "eval_conflict_error"),
        ("produced multiple outputs", "eval_conflict_error"),
        ("conflict", "eval_conflict_error"),
        ("unsafe", "rego_unsafe_var_error"),
        ("divide by zero", "eval_builtin_error"),
        ("expect", "eval_type_error"),
    ];
    CODES.iter().find(|(words, _)| message.contains(words)).map_or(otherwise, |(_, code)| code)
}

fn location(place: &Place) -> serde_json::Value {
    // The engine calls the query `<query.rego>`; in OPA it has no name.
    let file =
        if place.path.starts_with("<query") || place.path == "query" { "" } else { &place.path };
    json!({"file": file, "row": place.line, "col": place.column})
}

fn document(query: &Query, results: &QueryResults, bindings: &[Bindings]) -> serde_json::Value {
    if results.result.is_empty() {
        return json!({});
    }
    let results: Vec<_> = results
        .result
        .iter()
        .zip(bindings)
        .map(|(result, bindings)| one(query, result, bindings))
        .collect();
    json!({ "result": results })
}

type Bindings = serde_json::Map<String, serde_json::Value>;

fn one(query: &Query, result: &regorus::QueryResult, bindings: &Bindings) -> serde_json::Value {
    let expressions: Vec<_> = result
        .expressions
        .iter()
        .zip(query.expressions(result))
        .map(|(expression, (text, column))| {
            json!({
                "value": crate::value::to_json(&expression.value),
                "text": text,
                "location": {"row": expression.location.row, "col": column},
            })
        })
        .collect();
    if bindings.is_empty() {
        json!({ "expressions": expressions })
    } else {
        json!({ "expressions": expressions, "bindings": bindings })
    }
}

#[cfg(test)]
mod tests;
