//! `POST /v1/decisions` judges and `GET /v1/decisions/{id}` looks up.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use gate_core::Digest;
use gate_core::decision::{Answer, Decision};
use gate_core::effects::GateError;
use gate_core::reason::{ErrorCode, RequestCode};
use gate_io::config::Right;
use schemars::JsonSchema;
use serde::Serialize;

use super::Asked;
use crate::envelope::Context;
use crate::gate::Gate;
use crate::json;
use crate::judge::{self, Place};
use crate::keep::Kept;
use crate::metrics::Surface;
use crate::pool::Turn;
use crate::problem::Problem;

/// A decision as it was kept.
#[derive(Debug, Serialize, JsonSchema)]
pub struct KeptDecision {
    /// Its id.
    pub id: Digest,
    /// The decision.
    pub decision: Decision,
    /// Its place in the ledger; `null` for a decision that was no promotion.
    pub index: Option<u64>,
}

/// Judges a subject for an environment; the decision is kept, outside the ledger.
pub async fn decide(
    State(gate): State<Arc<Gate>>,
    Extension(context): Extension<Context>,
    body: Body,
) -> Result<Json<Answer>, Problem> {
    context.caller.may(Right::Read)?;
    let slot = gate.slot()?;
    let force = gate.hold_force();
    let body = json::read(body, force.server.limits.body_bytes).await?;
    let asked: Asked = json::parse(&body)?;
    let environment = force.environment(&context.caller, Right::Read, &asked.environment)?.clone();
    let job = {
        let (gate, environment) = (gate.clone(), environment.clone());
        let requester = context.caller.name.clone();
        let until = context.deadline().into_std();
        move |turn: &Turn| {
            let found = asked.subject.find(&force, turn, until)?;
            let request = judge::artifact(&gate, &requester, found.digest);
            let place = Place { gate: &gate, force: &force, turn, until };
            let decided = judge::check(&place, &environment, &request, &found.images)?;
            Ok::<_, GateError>((request, decided))
        }
    };
    let (request, decided) = gate.work(slot, context.deadline(), job).await??;
    gate.metrics.decided(&asked.environment, Surface::Decisions, decided.decision.verdict);
    let answer = decided.answer(&environment);
    gate.keeper.keep(Kept { request, decided, environment }, context.deadline()).await?;
    Ok(Json(answer))
}

/// Looks up a decision of one of the caller's environments. One of another environment reads as
/// absent: ids alone are to tell nothing.
pub async fn look_up(
    State(gate): State<Arc<Gate>>,
    Extension(context): Extension<Context>,
    Path(id): Path<String>,
) -> Result<Json<KeptDecision>, Problem> {
    context.caller.may(Right::Read)?;
    let id: Digest = id.parse().map_err(|error: gate_core::digest::DigestError| {
        Problem::refused(RequestCode::RequestMalformed, error.to_string())
    })?;
    let slot = gate.slot()?;
    let store = gate.store.clone();
    let look = move |turn: &Turn| {
        turn.give_up();
        store.reader().decision(id)
    };
    let absent = || GateError::new(ErrorCode::NotFound, format!("there is no decision {id}"));
    match gate.work(slot, context.deadline(), look).await? {
        Ok(found) if context.caller.sees(&found.decision.environment) => {
            Ok(Json(KeptDecision { id, decision: found.decision, index: found.index }))
        }
        Ok(_) => Err(absent().into()),
        Err(error) if error.code == ErrorCode::NotFound => Err(absent().into()),
        Err(error) => Err(error.into()),
    }
}
