//! Conftest's rules over configuration files: which are asked, about what, and what their answers say.

mod configurations;
mod findings;
mod namespaces;
mod rules;

#[cfg(test)]
mod tests;

use std::time::Duration;

use gate_rego::{EvaluationError, Policy, Question, Value};
use serde_json::json;

pub(super) use configurations::READING;
pub use configurations::{ReadBeside, configurations};
pub(super) use rules::Rules;

use super::evaluate::Limits;
use super::{GateFinding, Outcome};
use crate::facts::ConfigurationFile;
use crate::limits::RULE_FINDINGS;
use crate::reason::GateCode;
use findings::Findings;

/// What one evaluation needs beside the rules.
pub(super) struct Asked<'a> {
    pub(super) policy: &'a Policy,
    /// The document `data`.
    pub(super) data: &'a Value,
    pub(super) files: &'a [ConfigurationFile],
    pub(super) now_ns: i64,
    pub(super) limits: Limits,
    pub(super) steady: &'a dyn Fn() -> Duration,
}

/// One input, and the file that the rules are told it is from.
struct Input<'a> {
    path: &'a str,
    value: serde_json::Value,
}

/// Asks the rules about every document of every file, or about all files together.
pub(super) fn ask(rules: &Rules, asked: &Asked<'_>) -> Result<Outcome, EvaluationError> {
    let begin = (asked.steady)();
    let mut findings = Findings::default();
    if rules.is_unasked() {
        return Ok(empty("the policy has no package `main`, and no other namespace is named"));
    }
    let inputs = if rules.combines() { combined(asked.files) } else { each(asked.files) };
    if inputs.is_empty() {
        return Ok(empty("the subject holds no configuration file that the rules could judge"));
    }
    for input in &inputs {
        let spent = (asked.steady)().saturating_sub(begin);
        let limit = asked.limits.decision.saturating_sub(spent);
        let value = gate_rego::value::from(&input.value).map_err(unformed)?;
        let question = Question {
            input: value,
            now_ns: asked.now_ns,
            rules: rules.paths(),
            rule_limit: asked.limits.rule,
            limit,
            steady: asked.steady,
        };
        let data = with_file(asked.data, input.path);
        let outside = Some(configurations(None));
        let answers = asked.policy.answer_knowing(&question, data, outside)?;
        findings.add(rules, input.path, &answers);
        if findings.count() > RULE_FINDINGS {
            findings.error(&format!("more than {RULE_FINDINGS} findings"), None, json!({}));
            break;
        }
    }
    Ok(findings.outcome())
}

fn unformed(error: impl std::fmt::Display) -> EvaluationError {
    EvaluationError::Engine { place: None, message: error.to_string() }
}

fn empty(why: &str) -> Outcome {
    let code = GateCode::PolicyEmpty;
    let finding = GateFinding { code, message: format!("{why}."), detail: json!({}) };
    Outcome { rules: vec![], gate: vec![finding] }
}

/// Every document by itself: a file that is a list is several, whatever its syntax.
fn each(files: &[ConfigurationFile]) -> Vec<Input<'_>> {
    let mut inputs = vec![];
    for file in files {
        for value in documents(&file.contents) {
            inputs.push(Input { path: &file.path, value: value.clone() });
        }
    }
    inputs
}

/// All documents in one list, each with the path of its file.
fn combined(files: &[ConfigurationFile]) -> Vec<Input<'_>> {
    let mut sorted: Vec<_> = files.iter().collect();
    sorted.sort_by(|a, b| a.path.cmp(&b.path));
    let all: Vec<_> = sorted
        .into_iter()
        .flat_map(|file| documents(&file.contents).iter().map(move |it| (&file.path, it)))
        .map(|(path, contents)| json!({"path": path, "contents": contents}))
        .collect();
    if all.is_empty() {
        return vec![];
    }
    vec![Input { path: "Combined", value: serde_json::Value::Array(all) }]
}

fn documents(contents: &serde_json::Value) -> &[serde_json::Value] {
    match contents {
        serde_json::Value::Array(documents) => documents,
        one => std::slice::from_ref(one),
    }
}

/// The data with `data.conftest.file`, where rules look for the name of what they judge.
fn with_file(data: &Value, path: &str) -> Value {
    let (folder, name) = path.rsplit_once('/').unwrap_or((".", path));
    let text = |it: &str| Value::from(it);
    let file = Value::object(vec![(text("name"), text(name)), (text("dir"), text(folder))]);
    let ours = Value::object(vec![(text("file"), file)]);
    let others = data.as_object().into_iter().flat_map(|all| all.iter().cloned());
    let mut entries: Vec<_> = others.filter(|(key, _)| key.as_str() != Some("conftest")).collect();
    entries.push((text("conftest"), ours));
    Value::object(entries)
}
