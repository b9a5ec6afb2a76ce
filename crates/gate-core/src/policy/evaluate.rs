//! Asks a bundle's rules about the facts.

use std::sync::Arc;
use std::time::Duration;

use gate_rego::explain::Explanation;
use gate_rego::outside::Outside;
use gate_rego::{EvaluationError, Question};

use super::answers::Answers;
use super::bundle::Entry;
use super::compiled::Foreign;
use super::input::Input;
use super::{GateFinding, Outcome, conforma, conftest, gatekeeper};
use crate::Timestamp;
use crate::effects::{Clock, GateError};
use crate::environment::Environment;
use crate::facts::{ConfigurationFile, Facts};
use crate::reason::{ErrorCode, GateCode};
use crate::request::{Request, SubjectKind};

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
    let limits = &environment.document().limits;
    let limits = Limits {
        rule: Duration::from_millis(limits.rule_ms),
        decision: Duration::from_millis(limits.decision_ms),
    };
    let bundle = environment.policy();
    match bundle.foreign() {
        Foreign::None => {
            let input = Input::new(request, facts.document(), environment);
            ask(bundle, &input, limits, outside, clock)
        }
        Foreign::Conftest(rules) => {
            let object = object_as_file(request, facts);
            let files = &facts.document().files;
            let asked = conftest::Asked {
                policy: bundle.policy(),
                data: bundle.policy().data(),
                files: object.as_ref().map_or(files.as_slice(), std::slice::from_ref),
                now_ns: nanoseconds(request.now),
                limits,
                steady: &|| clock.steady(),
            };
            conftest::ask(rules, &asked).map_err(|error| no_verdict(&error))
        }
        Foreign::Conforma(rules, data) => {
            let files = &facts.document().files;
            let subject = if files.is_empty() {
                conforma::Subject::Image(facts.document())
            } else {
                conforma::Subject::Files(files)
            };
            let asked = conforma::Asked {
                policy: bundle.policy(),
                data,
                subject,
                now: request.now,
                now_ns: nanoseconds(request.now),
                limits,
                steady: &|| clock.steady(),
                outside: outside.clone(),
            };
            conforma::ask(rules, &asked).map_err(|error| no_verdict(&error))
        }
        Foreign::Gatekeeper(constraints, data) => {
            let object = facts.document().object.as_deref();
            let is_object = request.subject.kind == SubjectKind::Object;
            let asked = gatekeeper::Asked {
                data,
                object: object
                    .filter(|_| is_object)
                    .map(|object| (object, request.asker.admission.as_ref())),
                files: &facts.document().files,
                now_ns: nanoseconds(request.now),
                limits,
                steady: &|| clock.steady(),
            };
            gatekeeper::ask(constraints, &asked).map_err(|unasked| match unasked {
                Ok(message) => GateError::new(ErrorCode::SubjectInvalid, message),
                Err(error) => no_verdict(&error),
            })
        }
    }
}

/// The object under admission, for rules that know files alone.
fn object_as_file(request: &Request, facts: &Facts) -> Option<ConfigurationFile> {
    let object = facts.document().object.as_deref();
    let object = object.filter(|_| request.subject.kind == SubjectKind::Object)?;
    Some(ConfigurationFile { path: "object".to_owned(), contents: object.clone() })
}

/// Rego counts nanoseconds in 64 bits, which end in 2262.
fn nanoseconds(now: Timestamp) -> i64 {
    i64::try_from(now.as_nanosecond()).unwrap_or(i64::MAX)
}

/// Why each `deny` and `warn` of the environment's bundle says of the facts what it says: the name of
/// each with its account. For people; no part of a decision.
pub fn explain(
    request: &Request,
    facts: &Facts,
    environment: &Environment,
) -> Result<Vec<(String, Explanation)>, GateError> {
    if !matches!(environment.policy().foreign(), Foreign::None) {
        let message = "only rules of Gate's own dialect give an account of themselves";
        return Err(GateError::new(ErrorCode::PolicyInvalid, message));
    }
    let input = Input::new(request, facts.document(), environment);
    let (entries, paths) = environment.policy().entries();
    let question = Question {
        input: formed(&input)?,
        now_ns: nanoseconds(input.now),
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
    let question = Question {
        input: formed(input)?,
        now_ns: nanoseconds(input.now),
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
