//! The one edge where refusals and errors become HTTP: RFC 9457 problem details with a stable code.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use gate_core::effects::GateError;
use gate_core::reason::{ErrorCode, RequestCode};
use schemars::JsonSchema;
use serde::Serialize;

use crate::force::chain;

/// A request that gets no verdict, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Its status.
    pub status: StatusCode,
    /// Its stable code.
    pub code: &'static str,
    /// What the code means.
    pub title: &'static str,
    /// How to mend it.
    pub solution: &'static str,
    /// What happened here, in words that are fit for the caller.
    pub detail: String,
}

/// RFC 9457 problem details.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ProblemDetails {
    /// A name of the code that is a URI.
    pub r#type: String,
    /// What the code means.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// The stable code.
    pub code: String,
    /// What happened here.
    pub detail: String,
    /// How to mend it.
    pub solution: String,
    /// What the server's log calls this request.
    pub request_id: String,
}

impl Problem {
    /// A refusal of the request.
    pub fn refused(code: RequestCode, detail: impl Into<String>) -> Self {
        Self {
            status: refusal_status(code),
            code: code.code(),
            title: code.description(),
            solution: code.solution(),
            detail: detail.into(),
        }
    }

    /// A failure of Gate. What it came from is told to the log, never to the caller: it may name
    /// files and addresses of the server.
    pub fn failed(error: &GateError) -> Self {
        let status = failure_status(error.code);
        if status.is_server_error() {
            tracing::error!(error.code = error.code.code(), "{}", chain(error));
        }
        Self {
            status,
            code: error.code.code(),
            title: error.code.description(),
            solution: error.code.solution(),
            detail: error.message.clone(),
        }
    }

    /// A fault of the server itself; the words go to the log.
    pub fn internal(what: &str) -> Self {
        Self::failed(&GateError::new(ErrorCode::Internal, what))
    }

    /// The response, for the request that the log calls by this id.
    pub fn to_response(&self, request_id: &str) -> Response {
        let details = ProblemDetails {
            r#type: format!("https://gate.example/problems/{}", self.code),
            title: self.title.to_owned(),
            status: self.status.as_u16(),
            code: self.code.to_owned(),
            detail: self.detail.clone(),
            solution: self.solution.to_owned(),
            request_id: request_id.to_owned(),
        };
        let body = serde_json::to_vec(&details).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if matches!(self.status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<GateError> for Problem {
    fn from(error: GateError) -> Self {
        Self::failed(&error)
    }
}

/// Handlers return problems; the envelope around them, which knows the request id, writes them.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// The status of each refusal.
pub const fn refusal_status(code: RequestCode) -> StatusCode {
    match code {
        RequestCode::RequestMalformed | RequestCode::DigestMismatch => StatusCode::BAD_REQUEST,
        RequestCode::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        RequestCode::Unauthorized | RequestCode::TokenEnded => StatusCode::UNAUTHORIZED,
        RequestCode::Forbidden => StatusCode::FORBIDDEN,
        RequestCode::EnvironmentUnknown | RequestCode::RouteUnknown => StatusCode::NOT_FOUND,
        RequestCode::UploadLimit | RequestCode::EvidenceRefused => StatusCode::UNPROCESSABLE_ENTITY,
        RequestCode::IdempotencyConflict => StatusCode::CONFLICT,
        RequestCode::Overloaded => StatusCode::TOO_MANY_REQUESTS,
        RequestCode::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
        RequestCode::Stopping => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// The status of each failure.
pub const fn failure_status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::SubjectInvalid => StatusCode::BAD_REQUEST,
        ErrorCode::NotFound | ErrorCode::RegistryNotFound => StatusCode::NOT_FOUND,
        ErrorCode::PolicyTimeout
        | ErrorCode::RegistryUnauthorized
        | ErrorCode::RegistryForbidden
        | ErrorCode::RegistryRateLimited
        | ErrorCode::RegistryUnavailable
        | ErrorCode::RegistryTimeout
        | ErrorCode::RegistryDigestMismatch
        | ErrorCode::RegistryResponseInvalid
        | ErrorCode::RegistryResponseTruncated
        | ErrorCode::RegistryLimitExceeded
        | ErrorCode::RegistryCredentialsFailed
        | ErrorCode::CollectFailed
        | ErrorCode::RecordFailed
        | ErrorCode::StoreInUse => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::SubjectMismatch => StatusCode::BAD_GATEWAY,
        ErrorCode::SignFailed
        | ErrorCode::StoreInvalid
        | ErrorCode::ConfigInvalid
        | ErrorCode::PolicyInvalid
        | ErrorCode::KeyInvalid
        | ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_the_callers_and_failures_are_not_verdicts() {
        for &code in RequestCode::ALL {
            let status = refusal_status(code);
            let ours = matches!(code, RequestCode::DeadlineExceeded | RequestCode::Stopping);
            assert_eq!(status.is_server_error(), ours, "{code}");
        }
        for &code in ErrorCode::ALL {
            assert!(!failure_status(code).is_success(), "{code}");
        }
    }

    #[test]
    fn the_cause_of_a_failure_stays_in_the_log() {
        let error = GateError::new(ErrorCode::RecordFailed, "the record could not be written")
            .caused_by(std::io::Error::other("/srv/secret/gate.db: disk full"));
        assert!(!format!("{:?}", Problem::failed(&error)).contains("secret"));
    }
}
