//! The answers of rules as findings, counted as Conftest counts them.

use gate_rego::{Answer, EvaluationError, Value};
use serde_json::json;

use super::rules::{Entry, Rules};
use crate::policy::words::shortened;
use crate::policy::{GateFinding, Outcome, RuleFinding};
use crate::reason::GateCode;

/// The findings of one decision in the making.
#[derive(Default)]
pub(super) struct Findings {
    outcome: Outcome,
}

impl Findings {
    pub(super) fn outcome(self) -> Outcome {
        self.outcome
    }

    pub(super) fn count(&self) -> usize {
        self.outcome.rules.len()
    }

    /// Adds what the rules say of one input.
    pub(super) fn add(&mut self, rules: &Rules, path: &str, answers: &[Answer]) {
        for (entry, answer) in rules.entries().iter().zip(answers) {
            let exceptions = entry.exceptions.and_then(|at| answers.get(at));
            let excused = match exceptions {
                Some(Err(error)) => {
                    self.failed(&format!("{}.exception", entry.namespace), error);
                    false
                }
                Some(Ok(Some(exceptions))) => names(exceptions, entry.short()),
                Some(Ok(None)) | None => false,
            };
            match answer {
                Ok(Some(value)) => self.elements(entry, path, value, excused),
                Ok(None) => {}
                Err(error) => self.failed(&entry.code(), error),
            }
        }
    }

    pub(super) fn error(&mut self, message: &str, place: Option<&str>, detail: serde_json::Value) {
        let at = place.map(|place| format!("{place}: ")).unwrap_or_default();
        let code = GateCode::PolicyError;
        let message = shortened(format!("{at}{message}"));
        self.outcome.gate.push(GateFinding { code, message, detail });
    }

    fn failed(&mut self, code: &str, error: &EvaluationError) {
        let (place, message) = match error {
            EvaluationError::Engine { place, message } => {
                (place.as_ref().map(ToString::to_string), message.clone())
            }
            EvaluationError::Timeout { .. } => (None, error.to_string()),
        };
        let detail = json!({"rule": code, "place": place});
        self.error(&format!("{code}: {message}"), place.as_deref(), detail);
    }

    /// Only sets and lists find something; what is neither text nor an object says nothing.
    fn elements(&mut self, entry: &Entry, path: &str, value: &Value, excused: bool) {
        let elements: Vec<&Value> = match value {
            Value::Set(set) => set.iter().collect(),
            Value::Array(array) => array.iter().collect(),
            _ => return,
        };
        for element in elements {
            match gate_rego::value::to_json(element) {
                serde_json::Value::String(message) => {
                    self.finding(entry, path, message, None, excused);
                }
                serde_json::Value::Object(mut fields) => {
                    if let Some(serde_json::Value::String(message)) = fields.remove("msg") {
                        self.finding(entry, path, message, Some(fields), excused);
                    } else {
                        let code = entry.code();
                        let message = format!("{code}: a finding has no `msg` that is text");
                        self.error(&message, None, json!({"rule": code}));
                    }
                }
                _ => {}
            }
        }
    }

    fn finding(
        &mut self,
        entry: &Entry,
        path: &str,
        message: String,
        metadata: Option<serde_json::Map<String, serde_json::Value>>,
        excused: bool,
    ) {
        // An empty message is how a rule says that there is nothing.
        if message.is_empty() {
            return;
        }
        let mut detail = json!({"file": path});
        if let Some(mut fields) = metadata {
            if let Some(location) = fields.remove("_loc") {
                detail["location"] = location;
            }
            if !fields.is_empty() {
                detail["metadata"] = serde_json::Value::Object(fields);
            }
        }
        self.outcome.rules.push(RuleFinding {
            code: entry.code(),
            package: entry.namespace.clone(),
            severity: entry.severity,
            title: entry.code(),
            message: shortened(message),
            solution: None,
            detail,
            effective_on: None,
            excused,
        });
    }
}

/// Whether `exception[_][_]` is this name.
fn names(exceptions: &Value, short: &str) -> bool {
    let is = |value: &Value| value.as_str() == Some(short);
    let within = |list: &Value| match list {
        Value::Set(set) => set.iter().any(is),
        Value::Array(array) => array.iter().any(is),
        Value::Object(object) => object.values().any(is),
        _ => false,
    };
    match exceptions {
        Value::Set(set) => set.iter().any(within),
        Value::Array(array) => array.iter().any(within),
        Value::Object(object) => object.values().any(within),
        _ => false,
    }
}
