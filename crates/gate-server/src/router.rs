//! The routes, and the description of them that is generated from the handlers' types.

use std::sync::Arc;

use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, post_with, put_with};
use aide::openapi::OpenApi;
use axum::Router;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use gate_core::reason::RequestCode;
use tower_http::catch_panic::CatchPanicLayer;

use crate::admission;
use crate::api::{decisions, evidence, health, promotions};
use crate::describe;
use crate::envelope::surround;
use crate::gate::Gate;
use crate::opa;
use crate::problem::Problem;

/// The router of a server.
pub fn router(gate: Arc<Gate>) -> Router {
    let (routes, api) = routes();
    let description: Arc<[u8]> = serde_json::to_vec(&api).unwrap_or_default().into();
    let openapi = move || {
        let body = axum::body::Bytes::from_owner(description.clone());
        async move { ([(CONTENT_TYPE, "application/json")], body) }
    };
    let unknown = || async { Problem::refused(RequestCode::RouteUnknown, "there is no such path") };
    let other_method = || async {
        let mut problem = Problem::refused(RequestCode::RouteUnknown, "not with this method");
        problem.status = StatusCode::METHOD_NOT_ALLOWED;
        problem
    };
    let panicked = |_| {
        let problem = Problem::internal("a handler panicked");
        axum::response::IntoResponse::into_response(problem)
    };
    routes
        .merge(opa::routes())
        .route("/openapi.json", get(openapi))
        .fallback(unknown)
        .method_not_allowed_fallback(other_method)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(gate.clone(), surround))
        .with_state(gate)
}

/// The OpenAPI description.
pub fn description() -> OpenApi {
    routes().1
}

fn routes() -> (Router<Arc<Gate>>, OpenApi) {
    let mut api = OpenApi::default();
    aide::generate::infer_responses(true);
    let evidence_path = "/v1/subjects/{subject}/evidence/{digest}";
    let routes = ApiRouter::new()
        .api_route("/v1/decisions", post_with(decisions::decide, describe::decide))
        .api_route("/v1/decisions/{id}", get_with(decisions::look_up, describe::look_up))
        .api_route("/v1/promotions", post_with(promotions::promote, describe::promote))
        .api_route(evidence_path, put_with(evidence::upload, describe::upload))
        .api_route(
            "/admission/validate/{environment}",
            post_with(admission::validate, describe::validate),
        )
        .api_route("/livez", get_with(health::live, describe::live))
        .api_route("/readyz", get_with(health::ready, describe::ready))
        .api_route("/metrics", get_with(health::metrics, describe::metrics))
        .finish_api_with(&mut api, describe::whole);
    (routes, api)
}
