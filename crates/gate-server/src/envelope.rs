//! What stands around every handler: a request id, authentication, the time-out, metrics, and
//! problems written out.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{HOST, HeaderName, ORIGIN};
use axum::http::{HeaderMap, HeaderValue, Uri};
use axum::middleware::Next;
use axum::response::Response;
use gate_core::reason::RequestCode;
use tokio::time::{Instant, timeout_at};

use crate::callers::Caller;
use crate::gate::Gate;
use crate::listen::Certificate;
use crate::opa::{in_opas_form, speaks};
use crate::problem::Problem;

/// The header that tells the request id.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Paths that need no caller.
const OPEN: [&str; 4] = ["/livez", "/readyz", "/openapi.json", "/health"];
/// What admission leaves of its time for the way back.
const MARGIN: f64 = 0.9;

/// What a handler knows of its request beyond what it carries.
#[derive(Debug, Clone)]
pub struct Context {
    /// Who asks.
    pub caller: Arc<Caller>,
    /// What the log calls the request.
    pub request_id: Arc<str>,
    /// When it came.
    pub started: Instant,
    /// How long it may take.
    pub patience: Duration,
}

impl Context {
    /// When a job for this request must have answered, for the answer to be out before the end.
    pub fn deadline(&self) -> Instant {
        self.started + self.patience.mul_f64(MARGIN)
    }
}

/// Surrounds a handler.
pub async fn surround(State(gate): State<Arc<Gate>>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let request_id: Arc<str> = gate.request_id().into();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let patience = gate.patience();
    let opas = speaks(request.uri().path()) && gate.opa.is_served();
    let entered = enter(&gate, &request).map(|caller| {
        let request_id = request_id.clone();
        request.extensions_mut().insert(Context { caller, request_id, started, patience });
    });
    let mut response = match entered {
        Err(problem) => axum::response::IntoResponse::into_response(problem),
        Ok(()) => match timeout_at(started + patience, next.run(request)).await {
            Ok(response) => response,
            Err(_) => axum::response::IntoResponse::into_response(Problem::refused(
                RequestCode::DeadlineExceeded,
                format!("the request took more than {} s", patience.as_secs()),
            )),
        },
    };
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        gate.metrics.erred(problem.code);
        tracing::debug!(request.id = %request_id, error.code = problem.code, "{}", problem.detail);
        response = if opas { in_opas_form(&problem) } else { problem.to_response(&request_id) };
    }
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    gate.metrics.took(route, response.status().as_u16(), started.elapsed());
    response
}

/// Who may come in. A server that is stopping takes nothing new.
fn enter(gate: &Gate, request: &Request) -> Result<Arc<Caller>, Problem> {
    let open = OPEN.contains(&request.uri().path());
    let force = gate.in_force();
    if force.callers.is_empty() {
        same_machine(request.uri(), request.headers())?;
    }
    let caller = if open {
        Arc::new(Caller { name: String::new(), grant: None })
    } else {
        let certificate = request.extensions().get::<Certificate>().map(|found| found.0);
        force.callers.authenticate(request.headers(), certificate, gate.clock.now())?
    };
    // A review is answered all the same: a 503 turns into an allow under `failurePolicy: Ignore`.
    let review = request.uri().path().starts_with("/admission/");
    if gate.is_stopping() && !open && !review {
        return Err(Problem::refused(RequestCode::Stopping, "this server is stopping"));
    }
    Ok(caller)
}

/// Without callers the server trusts everything on its machine, so it must not be asked by what a
/// web page made a browser send: pages of other sites (`Origin`), and names of other sites that
/// resolve to this machine (`Host`, DNS rebinding).
fn same_machine(uri: &Uri, headers: &HeaderMap) -> Result<(), Problem> {
    let refused = |what: &str| {
        Err(Problem::refused(
            RequestCode::Forbidden,
            format!(
                "without configured callers only this machine is answered, and `{what}` names another"
            ),
        ))
    };
    let mut hosts = headers.get_all(HOST).iter();
    let host = match (uri.authority(), hosts.next()) {
        (Some(authority), _) => Some(authority.as_str()),
        (None, Some(host)) => host.to_str().ok(),
        (None, None) => None,
    };
    if hosts.next().is_some() || !host.is_some_and(is_loopback) {
        return refused("Host");
    }
    let local =
        |origin: &HeaderValue| {
            origin.to_str().ok().and_then(|origin| origin.split_once("://")).is_some_and(
                |(scheme, host)| matches!(scheme, "http" | "https") && is_loopback(host),
            )
        };
    if headers.get_all(ORIGIN).iter().all(local) { Ok(()) } else { refused("Origin") }
}

fn is_loopback(authority: &str) -> bool {
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split_once(']').map_or("", |(host, _)| host),
        None => authority.split_once(':').map_or(authority, |(host, _)| host),
    };
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_another_site_does_not_ask_a_loopback_server() {
        let asked = |host: Option<&str>, origin: Option<&str>| {
            let mut headers = HeaderMap::new();
            for (name, value) in [(HOST, host), (ORIGIN, origin)] {
                if let Some(value) = value {
                    headers.insert(name, HeaderValue::from_str(value).unwrap());
                }
            }
            same_machine(&Uri::from_static("/v1/decisions"), &headers).is_ok()
        };
        for host in ["127.0.0.1:8080", "localhost", "[::1]:8080", "LOCALHOST:1"] {
            assert!(asked(Some(host), None), "{host}");
            assert!(asked(Some(host), Some("http://localhost:3000")), "{host}");
            assert!(!asked(Some(host), Some("https://evil.example")), "{host}");
            assert!(!asked(Some(host), Some("null")), "{host}");
        }
        for host in ["evil.example", "localhost.evil.example:8080", "127.0.0.1.evil.example", ""] {
            assert!(!asked(Some(host), None), "{host}");
        }
        assert!(!asked(None, None));
    }
}
