//! `POST /admission/validate/{environment}`: a review from a Kubernetes API server becomes one
//! decision on the object and one on each image in it.
//!
//! Every review that has an uid is answered with 200, since an error status turns into an allow
//! where the webhook's `failurePolicy` is `Ignore`.

mod answer;
mod exempt;
mod judge;
mod review;

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Path, RawQuery, State};
use axum::{Extension, Json};
use gate_io::config::Right;
use tokio::time::Instant;

pub use answer::ReviewAnswer;
pub use review::ReviewDocument;

use crate::envelope::Context;
use crate::gate::Gate;
use crate::json;
use crate::judge::Place;
use crate::metrics::Surface;
use crate::pool::Turn;
use crate::problem::Problem;
use judge::Judged;

/// What an API server waits when it does not say.
const TIMEOUT: Duration = Duration::from_secs(10);
/// What is left of that time for the way back.
const MARGIN: f64 = 0.9;

/// Judges an object under admission.
pub async fn validate(
    State(gate): State<Arc<Gate>>,
    Extension(context): Extension<Context>,
    Path(environment): Path<String>,
    RawQuery(query): RawQuery,
    body: Body,
) -> Result<Json<ReviewAnswer>, Problem> {
    let deadline = deadline(&context, query.as_deref());
    let body = json::read(body, gate.in_force().server.limits.body_bytes).await?;
    match judge(&gate, &context, &environment, deadline, &body).await {
        Ok(answer) => Ok(Json(answer)),
        Err(problem) => {
            // Without an uid nobody can be answered, and that is the problem to tell.
            let uid = review::uid(&body)?;
            gate.metrics.erred(problem.code);
            Ok(Json(ReviewAnswer::failed(uid, &problem)))
        }
    }
}

async fn judge(
    gate: &Arc<Gate>,
    context: &Context,
    environment: &str,
    deadline: Instant,
    body: &Bytes,
) -> Result<ReviewAnswer, Problem> {
    let slot = gate.slot()?;
    let force = gate.hold_force();
    let environment = force.environment(&context.caller, Right::Read, environment)?.clone();
    let job = {
        let (gate, body, environment) = (gate.clone(), body.clone(), environment.clone());
        let requester = context.caller.name.clone();
        move |turn: &Turn| {
            let until = deadline.into_std();
            let place = Place { gate: &gate, force: &force, turn, until };
            judge::judge(&place, &environment, &requester, &body)
        }
    };
    match gate.work(slot, deadline, job).await?? {
        Judged::Passed(answer) => Ok(answer),
        Judged::Decided { answer, kept } => {
            for decision in kept {
                let verdict = decision.decided.decision.verdict;
                gate.metrics.decided(&environment.document().name, Surface::Admission, verdict);
                gate.keeper.keep(decision, deadline).await?;
            }
            Ok(answer)
        }
        Judged::Tried { answer, verdicts } => {
            for verdict in verdicts {
                gate.metrics.decided(&environment.document().name, Surface::Admission, verdict);
            }
            Ok(answer)
        }
    }
}

/// When the answer must be ready, for it to arrive within the caller's time-out.
fn deadline(context: &Context, query: Option<&str>) -> Instant {
    let asked = query
        .into_iter()
        .flat_map(|query| query.split('&'))
        .find_map(|pair| pair.strip_prefix("timeout="))
        .and_then(duration)
        .unwrap_or(TIMEOUT);
    (context.started + asked.mul_f64(MARGIN)).min(context.deadline())
}

/// A duration as Go writes it: `10s`, `1m30s`, `1500ms`. `None` for anything else and for nought.
fn duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut whole = Duration::ZERO;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, unit) = rest.split_at(end);
        let end = unit.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(unit.len());
        let (unit, next) = unit.split_at(end);
        let seconds = match unit {
            "h" => 3_600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            _ => return None,
        };
        let number = number.parse::<f64>().ok()?;
        whole += Duration::try_from_secs_f64((number * seconds).min(86_400.0)).ok()?;
        rest = next;
    }
    (!whole.is_zero()).then_some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_writes_them() {
        for (text, expected) in [
            ("10s", Some(10_000)),
            ("1m30s", Some(90_000)),
            ("500ms", Some(500)),
            ("1.5s", Some(1_500)),
            ("0s", None),
            ("10", None),
            ("s", None),
            ("-1s", None),
            ("1d", None),
            ("", None),
        ] {
            assert_eq!(duration(text), expected.map(Duration::from_millis), "{text}");
        }
    }
}
