//! `/health`, `/v1/config` and `/v1/status`.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use gate_io::config::Right;
use gate_rego::Value;
use gate_rego::documents::{Asked, PathPart};
use serde::Serialize;

use super::data::{below, no_section, now, served};
use super::fault::{Fault, Refusal};
use super::reply;
use super::switches::{Switches, unescaped};
use crate::envelope::Context;
use crate::gate::Gate;

#[derive(Debug, Serialize)]
struct Health {
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

fn told(error: Option<String>) -> Response {
    let status = if error.is_some() { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::OK };
    let body = reply::text(&Health { error }, false);
    (status, [(CONTENT_TYPE, "application/json")], body).into_response()
}

/// Whether documents are served. Probes carry no token, so it needs none, and says no more.
pub(super) async fn health(State(gate): State<Arc<Gate>>) -> Result<Response, Refusal> {
    if !gate.opa.is_served() {
        return Err(no_section().into());
    }
    let stopping = gate.is_stopping().then(|| "this server is stopping".to_owned());
    Ok(told(stopping))
}

/// Whether the policy `data.system.health.PATH` is true.
pub(super) async fn with_policy(
    State(gate): State<Arc<Gate>>,
    Extension(context): Extension<Context>,
    uri: Uri,
) -> Result<Response, Refusal> {
    let served = served(&gate, &context, Right::Query)?;
    let parts = below(&uri, "/health").split('/').filter(|part| !part.is_empty());
    let names: Vec<String> = ["system", "health"]
        .into_iter()
        .map(str::to_owned)
        .chain(parts.map(|part| unescaped(part).unwrap_or_default()))
        .collect();
    let name = format!("data.{}", names.join("."));
    let path: Vec<_> = names.into_iter().map(PathPart::Name).collect();
    // Gate has no plugins: what policies of OPA ask about them is that all are ready.
    let input = gate_rego::value::from(&serde_json::json!({
        "plugin_state": {}, "plugins_ready": true,
    }));
    let input = input.map_err(|error| Fault::internal(error.to_string()))?;
    let (now_ns, limit) = (now(&gate), served.settings.limit);
    let slot = gate.slot()?;
    let job = move |_: &crate::pool::Turn| {
        let asked = Asked { input: Some(input), now_ns, limit, strict: false };
        served.documents.document(&path, &asked)
    };
    Ok(match gate.work(slot, context.deadline(), job).await? {
        Ok(Some(Value::Bool(true))) => told(None),
        Ok(Some(_)) => told(Some(format!("health check ({name}) returned unexpected value"))),
        Ok(None) => told(Some(format!("health check ({name}) was undefined"))),
        Err(_) => told(Some(format!("health check ({name}) has no answer"))),
    })
}

/// What clients may know of the configuration.
pub(super) async fn configuration(
    State(gate): State<Arc<Gate>>,
    Extension(context): Extension<Context>,
    uri: Uri,
) -> Result<Response, Refusal> {
    let served = served(&gate, &context, Right::Query)?;
    let switches = Switches::read(uri.query())?;
    let result = serde_json::json!({
        "result": {
            "default_authorization_decision": "/system/authz/allow",
            "default_decision": served.settings.default_decision,
            "labels": {"version": env!("CARGO_PKG_VERSION")},
        }
    });
    Ok(reply::ok(&result, &switches))
}

/// There is no plugin that reports.
pub(super) async fn status(
    State(gate): State<Arc<Gate>>,
    Extension(context): Extension<Context>,
) -> Result<Response, Refusal> {
    served(&gate, &context, Right::Query)?;
    Err(Fault::internal("status plugin not enabled").into())
}
