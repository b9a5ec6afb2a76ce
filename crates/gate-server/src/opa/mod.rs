//! OPA's REST API: documents and queries over the policies of the `opa` section, with OPA's defaults
//! and OPA's bodies, for clients that were written for OPA.
//!
//! Nothing here is a decision of Gate's: no facts, no attestation, no record.

mod body;
mod data;
mod fault;
mod health;
mod policies;
mod query;
mod reply;
mod state;
mod switches;
mod write;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

pub use state::Live;

use crate::gate::Gate;

/// The routes. Without an `opa` section each answers that there is no such path.
pub fn routes() -> Router<Arc<Gate>> {
    let documents = || {
        get(data::get).post(data::post).put(write::put).patch(write::patch).delete(write::delete)
    };
    Router::new()
        .route("/", post(data::default_decision))
        .route("/v0/data", post(data::webhook))
        .route("/v0/data/{*path}", post(data::webhook))
        .route("/v1/data", documents())
        .route("/v1/data/", documents())
        .route("/v1/data/{*path}", documents())
        .route("/v1/policies", get(policies::list))
        .route(
            "/v1/policies/{*path}",
            get(policies::get).put(policies::put).delete(policies::delete),
        )
        .route("/v1/query", get(query::get).post(query::post))
        .route("/v1/config", get(health::configuration))
        .route("/v1/status", get(health::status))
        .route("/health", get(health::health))
        .route("/health/{*path}", get(health::with_policy))
}

/// Whether a path is one of OPA's, whose errors have OPA's form.
pub fn speaks(path: &str) -> bool {
    let below = |root: &str| {
        path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    path == "/"
        || ["/v0/data", "/v1/data", "/v1/policies", "/v1/query", "/v1/config", "/v1/status"]
            .into_iter()
            .any(below)
        || below("/health")
}

pub use fault::in_opas_form;
