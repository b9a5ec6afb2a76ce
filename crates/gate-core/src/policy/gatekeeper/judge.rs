//! Asks constraints about one review.

use std::time::Duration;

use gate_rego::{Answer, EvaluationError, Question, Value};

use super::constraint::Constraint;
use super::inventory::Inventory;
use super::matching::{Matchable, Source};
use super::review::Review;
use super::template::Template;
use super::{Constraints, documents::text_at};

/// What a constraint says against a review.
pub(super) struct Violation<'a> {
    pub(super) constraint: &'a Constraint,
    pub(super) message: String,
    pub(super) details: serde_json::Value,
    /// Whether it is no word of the rule, but the end of its evaluation.
    pub(super) is_error: bool,
}

/// What constraints are asked with.
pub(super) struct Desk<'a> {
    pub(super) constraints: &'a Constraints,
    pub(super) inventory: &'a Inventory,
    /// The document `data` of every template.
    pub(super) data: &'a Value,
    /// Who enforces.
    pub(super) point: &'a str,
    pub(super) now_ns: i64,
    pub(super) rule_limit: Duration,
    pub(super) limit: Duration,
    pub(super) steady: &'a dyn Fn() -> Duration,
}

impl<'a> Desk<'a> {
    /// The violations of a review, constraint by constraint; `Err` where a match cannot be told or
    /// time is out.
    pub(super) fn judge(
        &self,
        review: &Review,
        source: Source,
    ) -> Result<Vec<Violation<'a>>, EvaluationError> {
        let begin = (self.steady)();
        let namespace = self.namespace(review);
        let input = review.input(namespace);
        let mut violations = vec![];
        for constraint in &self.constraints.constraints {
            if constraint.actions(self.point).is_empty() {
                continue;
            }
            match matches(constraint, review, namespace, source) {
                Ok(true) => {}
                Ok(false) => continue,
                Err(message) => {
                    violations.push(failed(constraint, message));
                    continue;
                }
            }
            let Some(template) = self.constraints.templates.get(&constraint.kind) else { continue };
            let spent = (self.steady)().saturating_sub(begin);
            let left = self.limit.saturating_sub(spent);
            let answer = self.ask(template, constraint, &input, left)?;
            collect(constraint, answer, &mut violations);
        }
        Ok(violations)
    }

    /// The namespace of a review, where the inventory has it.
    fn namespace(&self, review: &Review) -> Option<&'a serde_json::Value> {
        (!review.namespace.is_empty())
            .then(|| self.inventory.namespace(&review.namespace))
            .flatten()
    }

    fn ask(
        &self,
        template: &Template,
        constraint: &Constraint,
        review: &serde_json::Value,
        limit: Duration,
    ) -> Result<Answer, EvaluationError> {
        let input = Template::input(review, constraint.parameters());
        let input = gate_rego::value::from(&input)
            .map_err(|error| EvaluationError::Engine { place: None, message: error.to_string() })?;
        let question = Question {
            input,
            now_ns: self.now_ns,
            rules: std::slice::from_ref(&template.violation),
            rule_limit: self.rule_limit,
            limit,
            steady: self.steady,
        };
        let mut answers = template.policy.answer_over(&question, self.data.clone())?;
        Ok(answers.pop().unwrap_or(Ok(None)))
    }
}

fn matches(
    constraint: &Constraint,
    review: &Review,
    namespace: Option<&serde_json::Value>,
    source: Source,
) -> Result<bool, String> {
    for object in review.objects() {
        if constraint.matches.matches(Matchable { object, namespace, source })? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn failed(constraint: &Constraint, message: String) -> Violation<'_> {
    Violation { constraint, message, details: serde_json::json!({}), is_error: true }
}

/// The elements of `violation` that have a message; as in Gatekeeper those without say nothing.
fn collect<'a>(constraint: &'a Constraint, answer: Answer, into: &mut Vec<Violation<'a>>) {
    let elements = match answer {
        Ok(None) => return,
        Ok(Some(Value::Set(elements))) => elements,
        Ok(Some(_)) => {
            return into.push(failed(constraint, "`violation` is no set".to_owned()));
        }
        Err(error) => return into.push(failed(constraint, error.to_string())),
    };
    for element in elements.iter() {
        let element = gate_rego::value::to_json(element);
        match element.get("msg") {
            None => {}
            Some(serde_json::Value::String(_)) => into.push(Violation {
                constraint,
                message: text_at(&element, "/msg").to_owned(),
                details: element.get("details").cloned().unwrap_or(serde_json::json!({})),
                is_error: false,
            }),
            Some(_) => {
                into.push(failed(constraint, "the `msg` of a violation is no text".to_owned()));
            }
        }
    }
}
