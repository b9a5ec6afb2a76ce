//! `GET` and `POST /v1/query`: ad hoc queries.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use gate_io::config::Right;
use gate_rego::Value;
use gate_rego::documents::Asked;
use tokio::time::Instant;

use super::body::{self, Sent};
use super::data::{now, served};
use super::fault::{Fault, Refusal};
use super::reply::{self, Metrics, Solutions};
use super::state::Served;
use super::switches::Switches;
use crate::envelope::Context;
use crate::gate::Gate;

/// The query is the parameter `q`.
pub(super) async fn get(
    State(gate): State<Arc<Gate>>,
    Extension(context): Extension<Context>,
    uri: Uri,
) -> Result<Response, Refusal> {
    let served = served(&gate, &context, Right::Query)?;
    let switches = Switches::read(uri.query())?;
    let Some(query) = switches.query.clone() else {
        return Err(Fault::invalid("missing parameter 'q'").into());
    };
    answer(&gate, &context, &switches, served, move || Ok((query, None))).await
}

/// The query and its input are members of the body.
pub(super) async fn post(
    State(gate): State<Arc<Gate>>,
    Extension(context): Extension<Context>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let served = served(&gate, &context, Right::Query)?;
    let switches = Switches::read(uri.query())?;
    let sent = Sent::take(&gate, &headers, body).await?;
    let question = move || {
        let refused =
            |it: &str| Fault::invalid(format!("error(s) occurred while decoding request: {it}"));
        let wrong = |kind: &str, target: &str| {
            refused(&format!("json: cannot unmarshal {kind} into Go {target}"))
        };
        let members = match sent.value().map_err(|it| refused(&it))? {
            None => return Err(refused("EOF")),
            Some(Value::Object(members)) => members,
            Some(Value::Null) => return Ok((String::new(), None)),
            Some(other) => {
                return Err(wrong(body::kind(&other), "value of type types.QueryRequestV1"));
            }
        };
        let query = match members.field("query") {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.to_string(),
            Some(other) => {
                let target = "struct field QueryRequestV1.query of type string";
                return Err(wrong(body::kind(other), target));
            }
        };
        let input = members.field("input").filter(|input| !matches!(input, Value::Null));
        Ok((query, input.cloned()))
    };
    answer(&gate, &context, &switches, served, question).await
}

async fn answer(
    gate: &Arc<Gate>,
    context: &Context,
    switches: &Switches,
    served: Arc<Served>,
    question: impl FnOnce() -> Result<(String, Option<Value>), Fault> + Send + 'static,
) -> Result<Response, Refusal> {
    let (now_ns, limit) = (now(gate), served.settings.limit);
    let slot = gate.slot()?;
    let job = move |_: &crate::pool::Turn| {
        let (query, input) = question()?;
        let begin = Instant::now();
        let asked = Asked { input, now_ns, limit, strict: false };
        let result = served.documents.query(&query, &asked);
        let result = result.map_err(|it| Fault::unanswered(it, "the query"))?;
        Ok::<_, Fault>((result, begin.elapsed()))
    };
    let (result, spent) = gate.work(slot, context.deadline(), job).await??;
    let metrics = Metrics::default()
        .time("timer_rego_query_eval_ns", spent)
        .time("timer_server_handler_ns", context.started.elapsed());
    let solutions = Solutions { metrics: switches.metrics.then_some(metrics), result };
    Ok(reply::ok(&solutions, switches))
}
