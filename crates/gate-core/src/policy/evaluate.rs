//! Asks a bundle's rules about the facts.

use std::sync::Arc;
use std::time::Duration;

use gate_rego::outside::Outside;
use gate_rego::{EvaluationError, Question};

use super::answers::Answers;
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
    outside: &Arc<Outside>,
    clock: &dyn Clock,
) -> Result<Outcome, GateError> {
    let input = Input::new(request, facts.document(), environment);
    let limits = &environment.document().limits;
    let limits = Limits {
        rule: Duration::from_millis(limits.rule_ms),
        decision: Duration::from_millis(limits.decision_ms),
    };
    ask(environment.policy(), &input, limits, outside, clock)
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
    outside: &Arc<Outside>,
    clock: &dyn Clock,
) -> Result<Outcome, GateError> {
    let (entries, paths) = bundle.entries();
    if entries.is_empty() {
        let code = GateCode::PolicyEmpty;
        let message = code.description().to_owned();
        let finding = GateFinding { code, message, detail: serde_json::json!({}) };
        return Ok(Outcome { rules: vec![], gate: vec![finding] });
    }
    let value = gate_rego::value::from(input).map_err(|error| {
        GateError::new(ErrorCode::Internal, "the facts have no form in Rego").caused_by(error)
    })?;
    let question = Question {
        input: value,
        // Rego counts nanoseconds in 64 bits, which end in 2262.
        now_ns: i64::try_from(input.now.as_nanosecond()).unwrap_or(i64::MAX),
        rules: paths,
        rule_limit: limits.rule,
        limit: limits.decision,
        steady: &|| clock.steady(),
    };
    let policy = bundle.policy();
    let given = policy
        .answer_knowing(&question, policy.data().clone(), Some(outside.clone()))
        .map_err(|error| no_verdict(&error))?;
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
