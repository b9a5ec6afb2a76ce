//! `/v1/policies`: the modules, and changes of them where the configuration lets callers make them.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;
use gate_io::config::Right;
use gate_rego::documents::ModuleError;
use serde::Serialize;

use super::data::served;
use super::fault::{Fault, Refusal};
use super::reply;
use super::switches::Switches;
use super::write::may_write;
use crate::envelope::Context;
use crate::gate::Gate;
use crate::json;

/// A module. OPA adds its syntax tree, which is its own affair.
#[derive(Debug, Serialize)]
struct Policy {
    id: String,
    raw: String,
}

#[derive(Debug, Serialize)]
struct Answer<T> {
    result: T,
}

/// What a change answers: nothing.
#[derive(Debug, Serialize)]
struct Done {}

/// All modules.
pub(super) async fn list(
    State(gate): State<Arc<Gate>>,
    Extension(context): Extension<Context>,
    uri: Uri,
) -> Result<Response, Refusal> {
    let served = served(&gate, &context, Right::Query)?;
    let switches = Switches::read(uri.query())?;
    let modules = served.documents.modules().iter();
    let result: Vec<_> =
        modules.map(|(id, raw)| Policy { id: id.clone(), raw: raw.clone() }).collect();
    Ok(reply::ok(&Answer { result }, &switches))
}

/// One module.
pub(super) async fn get(
    State(gate): State<Arc<Gate>>,
    Extension(context): Extension<Context>,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Response, Refusal> {
    let served = served(&gate, &context, Right::Query)?;
    let switches = Switches::read(uri.query())?;
    match served.documents.modules().get(&id) {
        Some(raw) => {
            let result = Policy { id, raw: raw.clone() };
            Ok(reply::ok(&Answer { result }, &switches))
        }
        None => Err(Fault::module(ModuleError::Unknown, &id, false).into()),
    }
}

/// Puts a module in, or another in its place.
pub(super) async fn put(
    State(gate): State<Arc<Gate>>,
    Extension(context): Extension<Context>,
    Path(id): Path<String>,
    uri: Uri,
    body: Body,
) -> Result<Response, Refusal> {
    may_write(&gate, &context)?;
    let bytes = json::read(body, gate.in_force().server.limits.body_bytes).await?;
    let source = String::from_utf8(bytes.into())
        .map_err(|_| Fault::invalid(format!("{id}:0: rego_parse_error: no text in UTF-8")))?;
    if source.trim().is_empty() {
        return Err(Fault::invalid(format!("{id}:0: rego_parse_error: empty module")).into());
    }
    changed(&gate, &context, &uri, id, Some(source)).await
}

/// Takes a module away.
pub(super) async fn delete(
    State(gate): State<Arc<Gate>>,
    Extension(context): Extension<Context>,
    Path(id): Path<String>,
    uri: Uri,
) -> Result<Response, Refusal> {
    may_write(&gate, &context)?;
    changed(&gate, &context, &uri, id, None).await
}

async fn changed(
    gate: &Arc<Gate>,
    context: &Context,
    uri: &Uri,
    id: String,
    source: Option<String>,
) -> Result<Response, Refusal> {
    let switches = Switches::read(uri.query())?;
    let slot = gate.slot()?;
    let name = id.clone();
    let job = {
        let gate = gate.clone();
        move |_: &crate::pool::Turn| {
            gate.opa.change(|documents| match &source {
                Some(source) if documents.modules().get(&id) == Some(source) => Ok(None),
                Some(source) => documents
                    .with_module(&id, source)
                    .map(Some)
                    .map_err(|it| Fault::module(it, &id, false)),
                None => documents
                    .without_module(&id)
                    .map(Some)
                    .map_err(|it| Fault::module(it, &id, true)),
            })
        }
    };
    gate.work(slot, context.deadline(), job).await??;
    tracing::info!(
        request.id = %context.request_id, caller.name = %context.caller.name, opa.policy = %name,
        "a policy of the OPA API was changed"
    );
    Ok(reply::ok(&Done {}, &switches))
}
