//! A decision by constraints: every Kubernetes object of the subject is reviewed.

use std::time::Duration;

use gate_rego::EvaluationError;
use serde_json::{Value, json};

use super::documents::{group, text_at};
use super::inventory::Inventory;
use super::judge::{Desk, Violation};
use super::matching::Source;
use super::review::Review;
use super::{Constraints, severity};
use crate::facts::ConfigurationFile;
use crate::limits::RULE_FINDINGS;
use crate::policy::evaluate::Limits;
use crate::policy::words::shortened;
use crate::policy::{GateFinding, Outcome, RuleFinding};
use crate::reason::GateCode;
use crate::request::Admission;

/// The place that asks about files, by Gatekeeper's names.
const FILES: &str = "gator.gatekeeper.sh";
/// The place that asks about what is admitted.
const ADMISSION: &str = "validation.gatekeeper.sh";

/// What one evaluation needs beside the constraints.
pub(in crate::policy) struct Asked<'a> {
    /// `data.objects` are the inventory.
    pub(in crate::policy) data: &'a Value,
    /// The object under admission, with what the API server says of its request.
    pub(in crate::policy) object: Option<(&'a Value, Option<&'a Admission>)>,
    pub(in crate::policy) files: &'a [ConfigurationFile],
    pub(in crate::policy) now_ns: i64,
    pub(in crate::policy) limits: Limits,
    pub(in crate::policy) steady: &'a dyn Fn() -> Duration,
}

/// What cannot be asked about is told by `Err(Ok(message))`, what could not be answered by
/// `Err(Err(error))`.
type Unasked = Result<String, EvaluationError>;

/// Reviews the object under admission, or every object of the files.
pub(in crate::policy) fn ask(
    constraints: &Constraints,
    asked: &Asked<'_>,
) -> Result<Outcome, Unasked> {
    if constraints.constraints.is_empty() {
        return Ok(empty("the policy has templates and no constraint"));
    }
    let objects = objects(asked.files);
    if objects.is_empty() && asked.object.is_none() {
        return Ok(empty("the subject holds no Kubernetes object that constraints could judge"));
    }
    let configured = asked.data.get("objects").and_then(Value::as_array);
    let present = objects.iter().map(|(_, object)| *object).filter(|it| !is_review(it));
    let inventory = Inventory::of(configured.into_iter().flatten().chain(present)).map_err(Ok)?;
    let data = gate_rego::value::from(&inventory.data()).map_err(|error| {
        Err(EvaluationError::Engine { place: None, message: error.to_string() })
    })?;
    let begin = (asked.steady)();
    let mut outcome = Outcome::default();
    let mut reviews = vec![];
    for (path, object) in &objects {
        let review = Review::of(object).map_err(|why| Ok(format!("{path}: {why}")))?;
        reviews.push((Some(*path), review));
    }
    if let Some((object, admission)) = asked.object {
        reviews.push((None, Review::of_object(object, admission).map_err(Ok)?));
    }
    for (path, review) in &reviews {
        let spent = (asked.steady)().saturating_sub(begin);
        let point = if path.is_some() { FILES } else { ADMISSION };
        let desk = Desk {
            constraints,
            inventory: &inventory,
            data: &data,
            point,
            now_ns: asked.now_ns,
            rule_limit: asked.limits.rule,
            limit: asked.limits.decision.saturating_sub(spent),
            steady: asked.steady,
        };
        for violation in desk.judge(review, Source::Original).map_err(Err)? {
            add(&mut outcome, &violation, review, *path, point);
        }
        if outcome.rules.len() > RULE_FINDINGS {
            outcome.gate.push(GateFinding {
                code: GateCode::PolicyError,
                message: format!("more than {RULE_FINDINGS} findings"),
                detail: json!({}),
            });
            break;
        }
    }
    Ok(outcome)
}

fn empty(why: &str) -> Outcome {
    let code = GateCode::PolicyEmpty;
    let finding = GateFinding { code, message: format!("{why}."), detail: json!({}) };
    Outcome { rules: vec![], gate: vec![finding] }
}

fn is_review(object: &Value) -> bool {
    group(object) == "admission.k8s.io"
}

/// Every object of every file, lists taken apart.
fn objects(files: &[ConfigurationFile]) -> Vec<(&str, &Value)> {
    let mut found = vec![];
    for file in files {
        let documents = match &file.contents {
            Value::Array(documents) => documents.as_slice(),
            one => std::slice::from_ref(one),
        };
        for document in documents.iter().filter(|document| !document.is_null()) {
            let items = document.get("items").and_then(Value::as_array);
            match items {
                Some(items) if text_at(document, "/kind").ends_with("List") => {
                    found.extend(items.iter().map(|item| (file.path.as_str(), item)));
                }
                _ => found.push((file.path.as_str(), document)),
            }
        }
    }
    found
}

fn add(
    outcome: &mut Outcome,
    violation: &Violation<'_>,
    review: &Review,
    path: Option<&str>,
    point: &str,
) {
    let constraint = violation.constraint;
    let mut detail = json!({"object": review.name(), "constraint": constraint.name});
    if let Some(path) = path {
        detail["file"] = path.into();
    }
    if violation.is_error {
        let message = shortened(format!("{}: {}", constraint.code(), violation.message));
        outcome.gate.push(GateFinding { code: GateCode::PolicyError, message, detail });
        return;
    }
    if violation.details.as_object().is_some_and(|details| !details.is_empty()) {
        detail["details"] = violation.details.clone();
    }
    // Of several actions at one place the gravest holds.
    let gravest = constraint.actions(point).into_iter().min_by_key(|action| match *action {
        "warn" => 1,
        "dryrun" => 2,
        _ => 0,
    });
    let action = gravest.unwrap_or("deny");
    let (severity, excused) = severity(action);
    detail["enforcement"] = action.into();
    outcome.rules.push(RuleFinding {
        code: constraint.code(),
        package: constraint.kind.clone(),
        severity,
        title: constraint.code(),
        message: shortened(violation.message.clone()),
        solution: None,
        detail,
        effective_on: None,
        excused,
    });
}
