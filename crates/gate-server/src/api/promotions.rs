//! `POST /v1/promotions`: judged, signed, recorded; the answer is the receipt.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::{Extension, Json};
use gate_core::Digest;
use gate_core::reason::RequestCode;
use gate_core::record::Receipt;
use gate_io::config::Right;
use gate_io::store::{Claimed, Idempotency};
use tokio::time::timeout_at;

use super::Asked;
use crate::envelope::Context;
use crate::gate::Gate;
use crate::json;
use crate::judge::{self, Place};
use crate::metrics::Surface;
use crate::pool::Turn;
use crate::problem::Problem;

/// The header that names an idempotency key.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// The longest key.
const KEY_BYTES: usize = 255;

/// Judges a subject for an environment, signs the decision and records it, allow or deny. The same
/// `Idempotency-Key` with the same body gets the same receipt.
pub async fn promote(
    State(gate): State<Arc<Gate>>,
    Extension(context): Extension<Context>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Receipt>, Problem> {
    context.caller.may(Right::Promote)?;
    let key = idempotency_key(&headers)?;
    let slot = gate.slot()?;
    let force = gate.hold_force();
    let body = json::read(body, force.server.limits.body_bytes).await?;
    let asked: Asked = json::parse(&body)?;
    let environment =
        force.environment(&context.caller, Right::Promote, &asked.environment)?.clone();
    let requester = context.caller.name.clone();
    // Whitespace and the order of keys do not make another body.
    let body = Digest::of(format!("{} {}", asked.subject, asked.environment).as_bytes());
    let idempotency = key.map(|key| Idempotency { requester: requester.clone(), key, body });
    // Held by the job, so that it ends with the work and not with the connection.
    let alone = match &idempotency {
        None => None,
        Some(given) => {
            let turn = gate.serial.turn(&given.requester, &given.key);
            Some(timeout_at(context.deadline(), turn).await.map_err(|_| in_work())?)
        }
    };
    let job = {
        let gate = gate.clone();
        let until = context.deadline().into_std();
        move |turn: &Turn| {
            let _alone = alone;
            let claim = match &idempotency {
                None => None,
                Some(given) => match gate.store.claim(given)? {
                    Claimed::Fresh(claim) => Some(claim),
                    Claimed::Recorded(earlier) => return Ok((*earlier, false)),
                    Claimed::InProgress => return Err(in_work()),
                    Claimed::OtherBody => return Err(conflict()),
                },
            };
            let found = asked.subject.find(&force, turn, until)?;
            let request = judge::artifact(&gate, &requester, found.digest);
            let place = Place { gate: &gate, force: &force, turn, until };
            judge::promote(&place, &environment, &request, &found.images, claim.as_ref())
                .map(|receipt| (receipt, true))
                .map_err(Problem::from)
        }
    };
    let (receipt, new) = gate.work(slot, context.deadline(), job).await??;
    if new {
        let verdict = receipt.decision.verdict;
        gate.metrics.decided(&asked.environment, Surface::Promotions, verdict);
    }
    Ok(Json(receipt))
}

fn conflict() -> Problem {
    let detail = "this idempotency key was used for another subject or environment";
    Problem::refused(RequestCode::IdempotencyConflict, detail)
}

fn in_work() -> Problem {
    let detail = "another request with this idempotency key is still in work";
    Problem::refused(RequestCode::Overloaded, detail)
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let refused = |detail: &str| Err(Problem::refused(RequestCode::RequestMalformed, detail));
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return refused("there is more than one `Idempotency-Key`");
    }
    match value.to_str() {
        Ok(key) if !key.is_empty() && key.len() <= KEY_BYTES => Ok(Some(key.to_owned())),
        _ => refused("`Idempotency-Key` is not 1 to 255 visible ASCII characters"),
    }
}
