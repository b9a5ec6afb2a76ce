//! Folds the answers of rules into findings, joined with the words of their METADATA.

use gate_rego::{Answer, EvaluationError, Value};
use serde_json::json;

use super::bundle::Entry;
use super::words::{Words, shortened};
use super::{Bundle, GateFinding, Outcome, RuleFinding};
use crate::limits;
use crate::reason::GateCode;

/// The findings of one decision in the making.
pub(super) struct Answers<'a> {
    bundle: &'a Bundle,
    outcome: Outcome,
}

impl<'a> Answers<'a> {
    pub(super) fn new(bundle: &'a Bundle) -> Self {
        Self { bundle, outcome: Outcome::default() }
    }

    pub(super) fn outcome(self) -> Outcome {
        self.outcome
    }

    /// Adds one rule's answer. Whatever is not a set of findings denies: a rule that does not say
    /// what it means must not pass for silent.
    pub(super) fn add(&mut self, entry: &Entry, answer: &Answer) {
        match answer {
            Ok(None) => {}
            Ok(Some(Value::Set(findings))) => {
                if self.outcome.rules.len() + findings.len() > limits::RULE_FINDINGS {
                    let message = format!("more than {} findings", limits::RULE_FINDINGS);
                    return self.error(entry, &message, None);
                }
                for finding in findings.iter() {
                    match self.finding(entry, finding) {
                        Ok(finding) => self.outcome.rules.push(finding),
                        Err(message) => self.error(entry, &message, None),
                    }
                }
            }
            Ok(Some(_)) => self.error(entry, "the rule is no set: write `contains`", None),
            Err(EvaluationError::Engine { place, message }) => {
                let place = place.as_ref().map(ToString::to_string);
                self.error(entry, message, place.as_deref());
            }
            Err(error @ EvaluationError::Timeout { .. }) => {
                self.error(entry, &error.to_string(), None);
            }
        }
    }

    fn error(&mut self, entry: &Entry, message: &str, place: Option<&str>) {
        let at = place.map(|place| format!("{place}: ")).unwrap_or_default();
        self.outcome.gate.push(GateFinding {
            code: GateCode::PolicyError,
            message: shortened(format!("{}: {at}{message}", entry.code())),
            detail: json!({"package": entry.package, "rule": entry.name, "place": place}),
        });
    }

    fn finding(&self, entry: &Entry, value: &Value) -> Result<RuleFinding, String> {
        match gate_rego::value::to_json(value) {
            serde_json::Value::String(message) => {
                Ok(self.joined(entry, entry.code(), Some(message), json!({})))
            }
            serde_json::Value::Object(mut fields) => {
                let rule = text(&mut fields, "rule")?;
                let message = text(&mut fields, "msg")?;
                if rule.is_none() && message.is_none() {
                    return Err("a finding has neither `rule` nor `msg`".to_owned());
                }
                let detail = fields.remove("detail").unwrap_or_else(|| json!({}));
                Ok(self.joined(entry, rule.unwrap_or_else(|| entry.code()), message, detail))
            }
            _ => Err("a finding is neither an object nor a string".to_owned()),
        }
    }

    fn joined(
        &self,
        entry: &Entry,
        code: String,
        message: Option<String>,
        detail: serde_json::Value,
    ) -> RuleFinding {
        let words = self.bundle.words(&entry.package, &code);
        let message = message
            .map(shortened)
            .or_else(|| words.and_then(|words| words.message(&detail)))
            .unwrap_or_else(|| code.clone());
        RuleFinding {
            package: entry.package.clone(),
            severity: words.and_then(|words| words.severity).unwrap_or(entry.severity),
            title: words.and_then(|words| words.title.clone()).unwrap_or_else(|| code.clone()),
            message,
            solution: words.and_then(Words::remedy),
            detail,
            effective_on: words.and_then(|words| words.effective_on),
            excused: false,
            code,
        }
    }
}

fn text(
    fields: &mut serde_json::Map<String, serde_json::Value>,
    name: &str,
) -> Result<Option<String>, String> {
    match fields.remove(name) {
        None => Ok(None),
        Some(serde_json::Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(format!("a finding's `{name}` is no text")),
    }
}
