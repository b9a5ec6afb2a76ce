//! Judges a document by a JSON schema, with the engine's own reading of schemas.

use std::sync::LazyLock;
use std::time::Duration;

use gate_rego::{Dialect as Syntax, Evaluator, Module, Policy, Question, RulePath};
use serde_json::{Value, json};

const SOURCE: &str =
    "package schema\n\nanswer := json.match_schema(input.document, input.schema)\n";

/// What in a document is not of a schema; empty where all is.
pub(super) fn problems(schema: &Value, document: &Value) -> Result<Vec<String>, String> {
    static POLICY: LazyLock<Result<Policy, String>> = LazyLock::new(|| {
        let empty = gate_rego::Value::object(vec![]);
        let syntax = Syntax { v0: false, strict_builtin_errors: true };
        Policy::compile_as(&[Module::new("schema.rego", SOURCE)], empty, syntax)
            .map_err(|error| error.message)
    });
    let policy = POLICY.as_ref().map_err(Clone::clone)?;
    let input = json!({"document": document, "schema": nullable(schema, 0)});
    let question = Question {
        input: gate_rego::value::from(&input).map_err(|error| error.to_string())?,
        now_ns: 0,
        rules: &[RulePath::new(&["schema".to_owned()], "answer")],
        rule_limit: Duration::from_secs(5),
        limit: Duration::from_secs(5),
        steady: &|| Duration::ZERO,
    };
    let mut answers = policy.answer(&question).map_err(|error| error.to_string())?;
    let answer = answers.pop().unwrap_or(Ok(None)).map_err(|error| error.to_string())?;
    let answer = answer.map_or(Value::Null, |answer| gate_rego::value::to_json(&answer));
    let listed = answer.pointer("/1").and_then(Value::as_array);
    let problem = |it: &Value| it["desc"].as_str().unwrap_or("it is not of the schema").to_owned();
    Ok(listed.into_iter().flatten().map(problem).collect())
}

/// A schema of OpenAPI as one of JSON: `nullable` is a type of its own there.
fn nullable(schema: &Value, depth: usize) -> Value {
    const DEPTH: usize = 64;
    match schema {
        _ if depth == DEPTH => schema.clone(),
        Value::Object(members) => {
            let mut copy: serde_json::Map<_, _> = members
                .iter()
                .map(|(key, value)| (key.clone(), nullable(value, depth + 1)))
                .collect();
            if members.get("nullable") == Some(&Value::Bool(true))
                && let Some(Value::String(kind)) = members.get("type")
            {
                copy.insert("type".to_owned(), json!([kind, "null"]));
            }
            Value::Object(copy)
        }
        Value::Array(items) => items.iter().map(|it| nullable(it, depth + 1)).collect(),
        other => other.clone(),
    }
}
