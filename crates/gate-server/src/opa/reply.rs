//! Answers as OPA's encoder writes them.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use gate_rego::Value;
use serde::Serialize;

use super::switches::Switches;

/// The answer to a question about a document, its members in OPA's order.
#[derive(Debug, Default, Serialize)]
pub(super) struct Document {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) decision_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) provenance: Option<Provenance>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) metrics: Option<Metrics>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) result: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) warning: Option<Warning>,
}

/// The answer to a query.
#[derive(Debug, Default, Serialize)]
pub(super) struct Solutions {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) metrics: Option<Metrics>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) result: Vec<Value>,
}

/// What of the server gave the answer.
#[derive(Debug, Serialize)]
pub(super) struct Provenance {
    version: &'static str,
    build_commit: &'static str,
    build_timestamp: &'static str,
    build_hostname: &'static str,
}

impl Provenance {
    pub(super) fn new() -> Self {
        let version = env!("CARGO_PKG_VERSION");
        Self { version, build_commit: "", build_timestamp: "", build_hostname: "" }
    }
}

/// A hint about how the caller asks.
#[derive(Debug, Serialize)]
pub(super) struct Warning {
    code: &'static str,
    message: &'static str,
}

impl Warning {
    /// The body has no `input`: callers of `/v0/data` send the input bare.
    pub(super) fn no_input() -> Self {
        Self { code: "api_usage_warning", message: "'input' key missing from the request" }
    }
}

/// Nanoseconds by OPA's names.
#[derive(Debug, Default, Serialize)]
pub(super) struct Metrics(BTreeMap<&'static str, u64>);

impl Metrics {
    pub(super) fn time(mut self, name: &'static str, time: Duration) -> Self {
        self.0.insert(name, u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
        self
    }

    /// Every answer comes from what was compiled at load.
    pub(super) fn compiled_before(mut self) -> Self {
        self.0.insert("counter_server_query_cache_hit", 1);
        self
    }
}

/// 200 with a body.
pub(super) fn ok<T: Serialize>(body: &T, switches: &Switches) -> Response {
    ([(CONTENT_TYPE, "application/json")], text(body, switches.pretty)).into_response()
}

/// JSON as Go's encoder writes it: marks of HTML are escapes, and a line break ends it.
pub(super) fn text<T: Serialize>(body: &T, pretty: bool) -> String {
    let written =
        if pretty { serde_json::to_string_pretty(body) } else { serde_json::to_string(body) };
    let written = written.unwrap_or_default();
    let mut text = String::with_capacity(written.len() + 1);
    for letter in written.chars() {
        match letter {
            // Outside strings these do not occur in JSON.
            '<' => text.push_str("\\u003c"),
            '>' => text.push_str("\\u003e"),
            '&' => text.push_str("\\u0026"),
            '\u{2028}' => text.push_str("\\u2028"),
            '\u{2029}' => text.push_str("\\u2029"),
            other => text.push(other),
        }
    }
    text.push('\n');
    text
}
