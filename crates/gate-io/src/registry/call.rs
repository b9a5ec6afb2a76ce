//! A request to a registry, what is expected of its answer, and the ways in which that fails.

use std::time::Duration;

use bytes::Bytes;
use gate_core::Digest;
use gate_core::reason::ErrorCode;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, StatusCode, Url};

use super::auth::Action;
use super::endpoint::Endpoint;
use super::failure::RegistryError;

/// A request.
pub(super) struct Call<'a> {
    pub(super) endpoint: &'a Endpoint,
    pub(super) action: Action,
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) body: Bytes,
    pub(super) expect: Expect<'a>,
}

/// What is expected of its answer.
#[derive(Clone, Copy)]
pub(super) struct Expect<'a> {
    /// Statuses that mean that there is nothing.
    pub(super) absent: &'a [StatusCode],
    /// The greatest length, and the name of this limit.
    pub(super) limit: (usize, &'a str),
    /// The digest that the bytes must have.
    pub(super) digest: Option<Digest>,
}

/// An answer.
pub(super) enum Answer {
    Found(Found),
    Absent,
}

/// An answer that holds something.
pub(super) struct Found {
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// A try that failed, and whether another one may go better.
pub(super) struct Trouble {
    pub(super) error: RegistryError,
    pub(super) again: bool,
    pub(super) pause: Option<Duration>,
}

impl From<RegistryError> for Trouble {
    fn from(error: RegistryError) -> Self {
        Self { error, again: false, pause: None }
    }
}

impl<'a> Call<'a> {
    /// A request for something.
    pub(super) fn get(endpoint: &'a Endpoint, url: Url, expect: Expect<'a>) -> Self {
        Self {
            endpoint,
            action: Action::Pull,
            method: Method::GET,
            url,
            headers: vec![],
            body: Bytes::new(),
            expect,
        }
    }

    /// How messages name it.
    pub(super) fn name(&self) -> String {
        format!("{} {} {}", self.endpoint.host, self.method, self.url.path())
    }
}

/// What a registry says of a refusal, by its protocol, shortened and in one line.
pub(super) fn told(words: &[u8]) -> String {
    #[derive(serde::Deserialize)]
    struct Refusal {
        errors: Vec<Entry>,
    }
    #[derive(serde::Deserialize)]
    struct Entry {
        #[serde(default)]
        code: String,
        #[serde(default)]
        message: String,
    }
    let Ok(Refusal { errors }) = serde_json::from_slice(words) else { return String::new() };
    let Some(Entry { code, message }) = errors.into_iter().next() else { return String::new() };
    let text = format!("{code} {message}");
    let text: String = text.chars().filter(|c| !c.is_control()).take(200).collect();
    format!(" ({})", text.trim())
}

pub(super) fn late(call: &Call<'_>) -> Trouble {
    let message = format!("{}: the answer did not come in time", call.name());
    let error = RegistryError::new(ErrorCode::RegistryTimeout, message);
    Trouble { error, again: true, pause: None }
}

pub(super) fn truncated(call: &Call<'_>, error: reqwest::Error) -> Trouble {
    let message = format!("{}: the answer ended before it was whole", call.name());
    let error = RegistryError::new(ErrorCode::RegistryResponseTruncated, message)
        .caused_by(error.without_url());
    Trouble { error, again: true, pause: None }
}

pub(super) fn exceeded(call: &Call<'_>, limit: &str) -> RegistryError {
    let message = format!("{}: the answer exceeds `{limit}`", call.name());
    RegistryError::new(ErrorCode::RegistryLimitExceeded, message)
}

/// An answer that the protocol does not know.
pub(super) fn invalid(call: &Call<'_>, why: &str) -> RegistryError {
    RegistryError::new(ErrorCode::RegistryResponseInvalid, format!("{}: {why}", call.name()))
}
