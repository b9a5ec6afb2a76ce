//! `GET` and `POST /v1/data/{path}`, `POST /v0/data/{path}` and `POST /`: the document at a path.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use gate_io::config::Right;
use gate_rego::Value;
use gate_rego::documents::{Asked, PathPart};
use tokio::time::Instant;

use super::body::Sent;
use super::fault::{Fault, Refusal};
use super::reply::{self, Document, Metrics, Provenance, Warning};
use super::state::Served;
use super::switches::{Switches, unescaped};
use super::{body, state};
use crate::envelope::Context;
use crate::gate::Gate;
use crate::problem::Problem;

/// The state, for a caller who may ask it.
pub(super) fn served(
    gate: &Gate,
    context: &Context,
    right: Right,
) -> Result<Arc<state::Served>, Problem> {
    let served = gate.opa.current().ok_or_else(no_section)?;
    context.caller.may(right)?;
    Ok(served)
}

/// The refusal of a server without an `opa` section.
pub(super) fn no_section() -> Problem {
    use gate_core::reason::RequestCode;
    Problem::refused(RequestCode::RouteUnknown, "there is no such path: `opa` is not configured")
}

/// The document at a path, without input or with one in the query.
pub(super) async fn get(
    State(gate): State<Arc<Gate>>,
    Extension(context): Extension<Context>,
    uri: Uri,
) -> Result<Response, Refusal> {
    let served = served(&gate, &context, Right::Query)?;
    let switches = Switches::read(uri.query())?;
    let path = path(below(&uri, "/v1/data"))?;
    let given = switches.input.clone();
    let input = move || match given {
        None => Ok(Input { value: None, warned: false }),
        Some(text) => match body::value(text.as_bytes(), false) {
            Ok(Some(value)) => Ok(Input { value: Some(value), warned: false }),
            Ok(None) => Err("EOF".to_owned()),
            Err(complaint) => Err(complaint),
        }
        .map_err(|it| Fault::invalid(format!("parameter contains malformed input document: {it}"))),
    };
    answer(&gate, &context, Question { served, switches, path }, input).await
}

/// The document at a path, with the input under `input` in the body.
pub(super) async fn post(
    State(gate): State<Arc<Gate>>,
    Extension(context): Extension<Context>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let served = served(&gate, &context, Right::Query)?;
    let switches = Switches::read(uri.query())?;
    let path = path(below(&uri, "/v1/data"))?;
    let sent = Sent::take(&gate, &headers, body).await?;
    let input = move || {
        let malformed =
            |it: String| Fault::invalid(format!("body contains malformed input document: {it}"));
        let value = match sent.value().map_err(malformed)? {
            None | Some(Value::Null) => None,
            Some(Value::Object(members)) => members.field("input").cloned(),
            Some(other) => {
                let kind = body::kind(&other);
                let target = "Go value of type types.alias";
                return Err(malformed(format!("json: cannot unmarshal {kind} into {target}")));
            }
        };
        // `"input": null` reads as no input: so it does in OPA.
        let value = value.filter(|value| !matches!(value, Value::Null));
        Ok(Input { warned: value.is_none(), value })
    };
    answer(&gate, &context, Question { served, switches, path }, input).await
}

/// The document at a path alone, as webhooks want it; the whole body is the input.
pub(super) async fn webhook(
    State(gate): State<Arc<Gate>>,
    Extension(context): Extension<Context>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let served = served(&gate, &context, Right::Query)?;
    let path = path(below(&uri, "/v0/data"))?;
    bare(&gate, &context, served, uri.query(), path, (headers, body)).await
}

/// The document that the configuration names.
pub(super) async fn default_decision(
    State(gate): State<Arc<Gate>>,
    Extension(context): Extension<Context>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let served = served(&gate, &context, Right::Query)?;
    let path = path(&served.settings.default_decision)?;
    bare(&gate, &context, served, uri.query(), path, (headers, body)).await
}

async fn bare(
    gate: &Arc<Gate>,
    context: &Context,
    served: Arc<Served>,
    query: Option<&str>,
    path: Vec<PathPart>,
    (headers, body): (HeaderMap, Body),
) -> Result<Response, Refusal> {
    let switches = Switches::read(query)?;
    let sent = Sent::take(gate, &headers, body).await?;
    let name = written(&path);
    let made = served.documents.is_made(&path);
    let (asked, limit) = (now(gate), served.settings.limit);
    let slot = gate.slot()?;
    let job = {
        let name = name.clone();
        move |_: &crate::pool::Turn| {
            let input = sent.value().map_err(|it| {
                let what =
                    "unexpected parse error for input: body contains malformed input document";
                Fault::invalid(format!("{what}: {it}"))
            })?;
            let input = input.filter(|value| !matches!(value, Value::Null));
            let asked = Asked { input, now_ns: asked, limit, strict: false };
            served.documents.document(&path, &asked).map_err(|it| Fault::unanswered(it, &name))
        }
    };
    if let Some(value) = gate.work(slot, context.deadline(), job).await?? {
        return Ok(reply::ok(&value, &switches));
    }
    let what = if made { "document undefined" } else { "document missing" };
    let message = format!("{what}: {name}");
    Err(Fault::new(StatusCode::NOT_FOUND, "undefined_document", message).into())
}

/// A question about a document.
struct Question {
    served: Arc<Served>,
    switches: Switches,
    path: Vec<PathPart>,
}

/// The input of a question.
struct Input {
    value: Option<Value>,
    /// Whether the caller is told that there is none.
    warned: bool,
}

async fn answer(
    gate: &Arc<Gate>,
    context: &Context,
    question: Question,
    input: impl FnOnce() -> Result<Input, Fault> + Send + 'static,
) -> Result<Response, Refusal> {
    let Question { served, switches, path } = question;
    let settings = served.settings.clone();
    let (now_ns, limit, strict) = (now(gate), settings.limit, switches.strict);
    let name = written(&path);
    let slot = gate.slot()?;
    let job = {
        let name = name.clone();
        move |_: &crate::pool::Turn| {
            let begin = Instant::now();
            let Input { value, warned } = input()?;
            let parsed = begin.elapsed();
            let asked = Asked { input: value, now_ns, limit, strict };
            let answer = served.documents.document(&path, &asked);
            let answer = answer.map_err(|it| Fault::unanswered(it, &name))?;
            let metrics = Metrics::default()
                .compiled_before()
                .time("timer_rego_input_parse_ns", parsed)
                .time("timer_rego_query_eval_ns", begin.elapsed().saturating_sub(parsed));
            Ok::<_, Fault>((answer, warned, metrics))
        }
    };
    let (result, warned, metrics) = gate.work(slot, context.deadline(), job).await??;
    let decision_id = settings.decision_ids.then(|| decision_id(&name, context)).transpose()?;
    let metrics = metrics
        .time("timer_rego_external_resolve_ns", std::time::Duration::ZERO)
        .time("timer_server_handler_ns", context.started.elapsed());
    let document = Document {
        decision_id,
        provenance: switches.provenance.then(Provenance::new),
        metrics: switches.metrics.then_some(metrics),
        result,
        warning: warned.then(Warning::no_input),
    };
    Ok(reply::ok(&document, &switches))
}

/// A new id for an answer; the log names it, with who asked for what.
fn decision_id(path: &str, context: &Context) -> Result<String, Problem> {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes)
        .map_err(|_| Problem::internal("the system gives no random bytes"))?;
    // RFC 9562, version 4.
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = hex::encode(bytes);
    let id = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-");
    tracing::info!(
        decision.id = %id, request.id = %context.request_id, caller.name = %context.caller.name,
        opa.path = %path, "a document was asked for"
    );
    Ok(id)
}

/// The server's time in nanoseconds.
pub(super) fn now(gate: &Gate) -> i64 {
    i64::try_from(gate.clock.now().as_nanosecond()).unwrap_or(i64::MAX)
}

/// What follows a route's beginning in the path as it was sent.
pub(super) fn below<'u>(uri: &'u Uri, root: &str) -> &'u str {
    uri.path().strip_prefix(root).unwrap_or_default()
}

/// The parts of a path: an escaped slash is part of a name, a number finds its place in a list.
fn path(text: &str) -> Result<Vec<PathPart>, Fault> {
    let part = |part: &str| {
        let name = unescaped(part).unwrap_or_else(|| part.to_owned());
        if name.contains('"') {
            let what = format!("invalid_parameter: invalid path: invalid ref term '{name}'");
            return Err(Fault::internal(what));
        }
        Ok(name.parse().map_or(PathPart::Name(name), PathPart::Number))
    };
    text.split('/').filter(|part| !part.is_empty()).map(part).collect()
}

/// A path as OPA writes it: `data.a["b/c"][0]`.
fn written(path: &[PathPart]) -> String {
    use std::fmt::Write as _;
    let mut text = "data".to_owned();
    for part in path {
        // Writing to a string does not fail.
        let _ = match part {
            PathPart::Number(number) => write!(text, "[{number}]"),
            PathPart::Name(name) if is_plain(name) => write!(text, ".{name}"),
            PathPart::Name(name) => write!(text, "[{name:?}]"),
        };
    }
    text
}

fn is_plain(name: &str) -> bool {
    let mut letters = name.bytes();
    letters.next().is_some_and(|it| it.is_ascii_alphabetic() || it == b'_')
        && letters.all(|it| it.is_ascii_alphanumeric() || it == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_names_and_places() {
        let written = |text| super::written(&path(text).unwrap());
        assert_eq!(written("/a//b%2Fc/0/"), "data.a[\"b/c\"][0]");
        assert_eq!(written(""), "data");
        assert!(path("a/b%22c").is_err());
    }
}
