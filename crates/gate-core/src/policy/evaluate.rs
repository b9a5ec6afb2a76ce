//! Asks a bundle's rules about the facts.

use std::time::Duration;

use gate_rego::explain::Explanation;
use gate_rego::{EvaluationError, Evaluator, Question};

use super::answers::Answers;
use super::bundle::Entry;
use super::input::Input;
use super::{GateFinding, Outcome};
use crate::effects::{Clock, GateError};
use crate::environment::Environment;
use crate::facts::Facts;
use crate::reason::{ErrorCode, GateCode};
use crate::request::Request;

/// Asks every `deny` and `warn` of the environment's bundle about the facts.
///
/// An engine error is a finding (`policy-error`), running out of time an error (`policy-timeout`).
/// Call it on a thread with a stack of [`gate_rego::bounds::STACK_BYTES`].
pub fn evaluate(
    request: &Request,
    facts: &Facts,
    environment: &Environment,
    clock: &dyn Clock,
) -> Result<Outcome, GateError> {
    let input = Input::new(request, facts.document(), environment);
    let limits = &environment.document().limits;
    let limits = Limits {
        rule: Duration::from_millis(limits.rule_ms),
        decision: Duration::from_millis(limits.decision_ms),
    };
    ask(environment.policy(), &input, limits, clock)
}

/// Why each `deny` and `warn` of the environment's bundle says of the facts what it says: the name of
/// each with its account. For people; no part of a decision.
pub fn explain(
    request: &Request,
    facts: &Facts,
    environment: &Environment,
) -> Result<Vec<(String, Explanation)>, GateError> {
    let input = Input::new(request, facts.document(), environment);
    let (entries, paths) = environment.policy().entries();
    let question = Question {
        input: formed(&input)?,
        now_ns: nanoseconds(&input),
        rules: paths,
        rule_limit: Duration::from_millis(environment.document().limits.rule_ms),
        limit: Duration::from_millis(environment.document().limits.decision_ms),
        steady: &|| Duration::ZERO,
    };
    let told = environment.policy().policy().explain(&question);
    Ok(entries.iter().map(Entry::code).zip(told).collect())
}

fn formed(input: &Input<'_>) -> Result<gate_rego::Value, GateError> {
    gate_rego::value::from(input).map_err(|error| {
        GateError::new(ErrorCode::Internal, "the facts have no form in Rego").caused_by(error)
    })
}

/// Rego counts nanoseconds in 64 bits, which end in 2262.
fn nanoseconds(input: &Input<'_>) -> i64 {
    i64::try_from(input.now.as_nanosecond()).unwrap_or(i64::MAX)
}

/// Time limits of one evaluation.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    pub(super) rule: Duration,
    pub(super) decision: Duration,
}

pub(super) fn ask(
    bundle: &super::Bundle,
    input: &Input<'_>,
    limits: Limits,
    clock: &dyn Clock,
) -> Result<Outcome, GateError> {
    let (entries, paths) = bundle.entries();
    if entries.is_empty() {
        let code = GateCode::PolicyEmpty;
        let message = code.description().to_owned();
        let finding = GateFinding { code, message, detail: serde_json::json!({}) };
        return Ok(Outcome { rules: vec![], gate: vec![finding] });
    }
    let question = Question {
        input: formed(input)?,
        now_ns: nanoseconds(input),
        rules: paths,
        rule_limit: limits.rule,
        limit: limits.decision,
        steady: &|| clock.steady(),
    };
    let given = bundle.policy().answer(&question).map_err(|error| no_verdict(&error))?;
    let mut answers = Answers::new(bundle);
    for (entry, answer) in entries.iter().zip(given) {
        answers.add(entry, &answer);
    }
    Ok(answers.outcome())
}

fn no_verdict(error: &EvaluationError) -> GateError {
    let code = match error {
        EvaluationError::Timeout { .. } => ErrorCode::PolicyTimeout,
        EvaluationError::Engine { .. } => ErrorCode::Internal,
    };
    GateError::new(code, error.to_string())
}
