//! `PUT`, `PATCH` and `DELETE /v1/data/{path}`: changes of data, where the configuration lets callers
//! make them.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::IF_NONE_MATCH;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use gate_core::reason::RequestCode;
use gate_io::config::Right;
use gate_rego::Value;
use gate_rego::documents::{Change, Documents};

use super::body;
use super::data::{below, served};
use super::fault::{Fault, Refusal};
use super::reply::{self, Document, Metrics};
use super::switches::{Switches, unescaped};
use crate::envelope::Context;
use crate::gate::Gate;
use crate::json;
use crate::problem::Problem;

/// Refuses callers who may not change anything, and servers that nobody may change.
pub(super) fn may_write(gate: &Gate, context: &Context) -> Result<(), Problem> {
    let served = served(gate, context, Right::Data)?;
    if served.settings.write {
        return Ok(());
    }
    let message = "policies and data are those of the configuration: `opa.write` is not set";
    Err(Problem::refused(RequestCode::Forbidden, message))
}

/// Puts a document in place of what is there; objects on the way come into being.
pub(super) async fn put(
    State(gate): State<Arc<Gate>>,
    Extension(context): Extension<Context>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    may_write(&gate, &context)?;
    let switches = Switches::read(uri.query())?;
    let path = path(&uri)?;
    let only_new = headers.get(IF_NONE_MATCH).is_some_and(|it| it == "*");
    let bytes = json::read(body, gate.in_force().server.limits.body_bytes).await?;
    let change = move |documents: &Documents| {
        let value = document(&bytes)?;
        if only_new && is_there(documents.data(), &path) {
            return Ok(None);
        }
        documents.with_changes(&[Change::Put(path, value)]).map(Some).map_err(Fault::from)
    };
    changed(&gate, &context, &switches, change).await
}

/// Applies a JSON patch of `add`, `remove` and `replace` below a path.
pub(super) async fn patch(
    State(gate): State<Arc<Gate>>,
    Extension(context): Extension<Context>,
    uri: Uri,
    body: Body,
) -> Result<Response, Refusal> {
    may_write(&gate, &context)?;
    let switches = Switches::read(uri.query())?;
    let root = path(&uri)?;
    let bytes = json::read(body, gate.in_force().server.limits.body_bytes).await?;
    let change = move |documents: &Documents| {
        let operations = document(&bytes)?;
        let Some(list) = operations.as_array() else {
            let kind = body::kind(&operations);
            let what =
                format!("json: cannot unmarshal {kind} into Go value of type []types.PatchV1");
            return Err(Fault::invalid(what));
        };
        let changes: Result<Vec<_>, _> = list.iter().map(|one| operation(&root, one)).collect();
        documents.with_changes(&changes?).map(Some).map_err(Fault::from)
    };
    changed(&gate, &context, &switches, change).await
}

/// Takes a document away.
pub(super) async fn delete(
    State(gate): State<Arc<Gate>>,
    Extension(context): Extension<Context>,
    uri: Uri,
) -> Result<Response, Refusal> {
    may_write(&gate, &context)?;
    let switches = Switches::read(uri.query())?;
    let path = path(&uri)?;
    if path.is_empty() {
        return Ok(StatusCode::METHOD_NOT_ALLOWED.into_response());
    }
    let change = move |documents: &Documents| {
        documents.with_changes(&[Change::Remove(path)]).map(Some).map_err(Fault::from)
    };
    changed(&gate, &context, &switches, change).await
}

/// Makes a change on the workers: 204, or 304 where there was nothing to do.
async fn changed(
    gate: &Arc<Gate>,
    context: &Context,
    switches: &Switches,
    change: impl FnOnce(&Documents) -> Result<Option<Documents>, Fault> + Send + 'static,
) -> Result<Response, Refusal> {
    let slot = gate.slot()?;
    let job = {
        let gate = gate.clone();
        move |_: &crate::pool::Turn| {
            let mut made = false;
            let done: Result<(), Fault> = gate.opa.change(|documents| {
                let next = change(documents)?;
                made = next.is_some();
                Ok(next)
            });
            done.map(|()| made)
        }
    };
    if !gate.work(slot, context.deadline(), job).await?? {
        return Ok(StatusCode::NOT_MODIFIED.into_response());
    }
    tracing::info!(
        request.id = %context.request_id, caller.name = %context.caller.name,
        "data of the OPA API was changed"
    );
    if switches.metrics {
        let spent = context.started.elapsed();
        let metrics = Metrics::default().time("timer_server_handler_ns", spent);
        return Ok(reply::ok(
            &Document { metrics: Some(metrics), ..Document::default() },
            switches,
        ));
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn document(bytes: &[u8]) -> Result<Value, Fault> {
    match body::value(bytes, false) {
        Ok(Some(value)) => Ok(value),
        Ok(None) => Err(Fault::invalid("EOF")),
        Err(complaint) => Err(Fault::invalid(complaint)),
    }
}

/// One operation of a patch.
fn operation(root: &[String], operation: &Value) -> Result<Change, Fault> {
    let text = |name: &str| operation.field(name).and_then(Value::as_str).unwrap_or_default();
    let mut path = root.to_vec();
    let given = text("path");
    let below = given.trim_matches('/');
    if !below.is_empty() {
        // RFC 6901: a slash in a name is `~1`, a tilde `~0`.
        let part = |part: &str| part.replace("~1", "/").replace("~0", "~");
        path.extend(below.split('/').map(part));
    }
    let value = operation.field("value").cloned().unwrap_or(Value::Null);
    match text("op") {
        "add" => Ok(Change::Add(path, value)),
        "replace" => Ok(Change::Replace(path, value)),
        "remove" => Ok(Change::Remove(path)),
        other => Err(Fault::invalid(format!("bad patch operation: {other}"))),
    }
}

fn is_there(data: &Value, path: &[String]) -> bool {
    let mut at = data;
    for part in path {
        let below = match at {
            Value::Array(items) => part.parse().ok().and_then(|at: usize| items.as_slice().get(at)),
            other => other.field(part),
        };
        let Some(below) = below else { return false };
        at = below;
    }
    true
}

/// The parts of the path of a change: all are text.
fn path(uri: &Uri) -> Result<Vec<String>, Fault> {
    let text = below(uri, "/v1/data").trim_matches('/');
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let bad = || Fault::invalid(format!("bad path: {text}"));
    text.split('/').map(|part| unescaped(part).ok_or_else(bad)).collect()
}
