//! `/livez`, `/readyz` and `/metrics`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use gate_io::config::Right;
use schemars::JsonSchema;
use serde::Serialize;

use crate::envelope::Context;
use crate::gate::Gate;
use crate::metrics::MEDIA_TYPE;
use crate::problem::Problem;

/// Whether the server can do its work.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Readiness {
    /// Whether requests are served.
    pub ready: bool,
    /// What keeps it from that, by code.
    pub problems: Vec<Obstacle>,
    /// Why the configuration on disk is not in force; the earlier one serves on.
    pub configuration: Option<String>,
}

/// Something that keeps the server from its work.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Obstacle {
    /// A stable code.
    pub code: String,
    /// What it is.
    pub detail: String,
}

/// Says that the process answers.
pub async fn live() -> &'static str {
    "ok\n"
}

/// Says whether promotions can be recorded.
pub async fn ready(State(gate): State<Arc<Gate>>) -> (StatusCode, Json<Readiness>) {
    let mut problems = Vec::new();
    let mut add = |code: &str, detail: String| {
        problems.push(Obstacle { code: code.to_owned(), detail });
    };
    if gate.is_stopping() {
        add("stopping", "this server is stopping".to_owned());
    }
    if let Err(problem) = gate.can_record().await {
        // Not the details: they may name files, and whoever asks may be anybody.
        add(problem.code, problem.title.to_owned());
    }
    if gate.keeper.is_failing() {
        add("record-failed", "decisions cannot be written to the store".to_owned());
    }
    let configuration = gate
        .refused
        .load()
        .as_ref()
        .map(|_| "the configuration on disk does not load: see the log".to_owned());
    let ready = problems.is_empty();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { ready, problems, configuration }))
}

/// The metrics, for callers who may read.
pub async fn metrics(
    State(gate): State<Arc<Gate>>,
    Extension(context): Extension<Context>,
) -> Result<Response, Problem> {
    context.caller.may(Right::Read)?;
    let text = gate
        .metrics
        .write(gate.levels())
        .map_err(|_| Problem::internal("the metrics could not be written"))?;
    Ok(([(CONTENT_TYPE, MEDIA_TYPE)], text).into_response())
}
