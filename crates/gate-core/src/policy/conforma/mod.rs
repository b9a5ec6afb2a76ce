//! Conforma's rules over an image with its attestations: which are asked, about what, and which of
//! their answers count.

mod criteria;
mod input;
mod results;
mod rules;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use gate_rego::outside::Outside;
use gate_rego::value::ValueError;
use gate_rego::{EvaluationError, Policy, Question, Value};
use serde_json::{Map, json};

pub(super) use criteria::Specification;
pub(super) use input::Subject;
pub(super) use rules::Rules;

use super::Outcome;
use super::evaluate::Limits;
use crate::Timestamp;
use crate::limits::RULE_FINDINGS;
use results::Results;

/// What one evaluation needs beside the rules.
pub(super) struct Asked<'a> {
    pub(super) policy: &'a Policy,
    /// The rule data, with the policy's specification where one was given.
    pub(super) data: &'a Map<String, serde_json::Value>,
    pub(super) subject: Subject<'a>,
    pub(super) now: Timestamp,
    pub(super) now_ns: i64,
    pub(super) limits: Limits,
    pub(super) steady: &'a dyn Fn() -> Duration,
    /// What is known of registries.
    pub(super) outside: Arc<Outside>,
}

/// Asks every rule about the subject.
pub(super) fn ask(rules: &Rules, asked: &Asked<'_>) -> Result<Outcome, EvaluationError> {
    let unformed = |message: String| EvaluationError::Engine { place: None, message };
    let specification = Specification::of(asked.data).map_err(unformed)?;
    let data = document(asked, &specification).map_err(|error| unformed(error.to_string()))?;
    let begin = (asked.steady)();
    let documents = asked.subject.documents(asked.data).map_err(unformed)?;
    let mut outcome = Outcome::default();
    for (target, input) in documents {
        let criteria = specification.criteria(&target, asked.now);
        let spent = (asked.steady)().saturating_sub(begin);
        let question = Question {
            input: gate_rego::value::from(&input).map_err(|error| unformed(error.to_string()))?,
            now_ns: asked.now_ns,
            rules: &rules.paths,
            rule_limit: asked.limits.rule,
            limit: asked.limits.decision.saturating_sub(spent),
            steady: asked.steady,
        };
        let answers =
            asked.policy.answer_knowing(&question, data.clone(), Some(asked.outside.clone()))?;
        let mut results = Results::new(rules, &criteria, asked.now);
        for (entry, answer) in rules.entries.iter().zip(&answers) {
            results.add(entry, answer);
            if results.count() > RULE_FINDINGS {
                results.error(&format!("more than {RULE_FINDINGS} findings"));
                break;
            }
        }
        let found = results.outcome();
        outcome.rules.extend(found.rules);
        outcome.gate.extend(found.gate);
    }
    Ok(outcome)
}

/// The document `data`: the rule data, and what Conforma puts beside it.
fn document(asked: &Asked<'_>, specification: &Specification) -> Result<Value, ValueError> {
    let mut data = asked.data.clone();
    let config = data.entry("config").or_insert_with(|| json!({}));
    if let Some(config) = config.as_object_mut() {
        let policy = config.entry("policy").or_insert_with(|| json!({}));
        if let Some(policy) = policy.as_object_mut() {
            policy.entry("when_ns").or_insert_with(|| json!(asked.now_ns));
        }
    }
    let rule_data = specification.rule_data();
    if !rule_data.is_empty() {
        let known = data.entry("rule_data__configuration__").or_insert_with(|| json!({}));
        if let Some(known) = known.as_object_mut() {
            known.extend(rule_data);
        }
    }
    gate_rego::value::from(&data)
}
