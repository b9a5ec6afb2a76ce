//! Errors in OPA's form.

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use gate_rego::documents::{EditError, ModuleError, Report, Unanswered};
use serde::Serialize;

use super::reply;
use crate::problem::Problem;

const COMPILING_MODULES: &str = "error(s) occurred while compiling module(s)";
const COMPILING_QUERY: &str = "error(s) occurred while compiling query";
const PARSING_QUERY: &str = "error(s) occurred while parsing query";
const EVALUATING: &str = "error(s) occurred while evaluating query";

/// An error as OPA tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    status: StatusCode,
    code: &'static str,
    message: String,
    errors: Vec<Report>,
}

#[derive(Serialize)]
struct Body<'a> {
    code: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "<[Report]>::is_empty")]
    errors: &'a [Report],
}

impl Fault {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), errors: Vec::new() }
    }

    /// What the caller sent cannot be read.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_parameter", message)
    }

    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "resource_not_found", message)
    }

    pub(super) fn internal(message: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", message)
    }

    fn with(self, errors: Vec<Report>) -> Self {
        Self { errors, ..self }
    }

    /// A question about a document that has no answer.
    pub(super) fn unanswered(unanswered: Unanswered, path: &str) -> Self {
        match unanswered {
            Unanswered::Function => Self::internal(format!(
                "1 error occurred: 1:1: rego_type_error: function {path} used as reference, not called"
            )),
            Unanswered::Parse(errors) => Self::invalid(PARSING_QUERY).with(errors),
            Unanswered::Compile(errors) => Self::invalid(COMPILING_QUERY).with(errors),
            Unanswered::Empty => Self::internal("cannot evaluate empty query"),
            Unanswered::Evaluation(report) => Self::internal(EVALUATING).with(vec![report]),
            Unanswered::Timeout => {
                Self::internal("eval_cancel_error: the question ran out of time")
            }
        }
    }

    /// A change of modules that cannot be made.
    pub(super) fn module(error: ModuleError, name: &str, removing: bool) -> Self {
        match error {
            ModuleError::Unknown => {
                Self::not_found(format!("storage_not_found_error: policy id {name:?}"))
            }
            ModuleError::Compile(report) => {
                let code = if removing { "invalid_operation" } else { "invalid_parameter" };
                Self::new(StatusCode::BAD_REQUEST, code, COMPILING_MODULES).with(vec![*report])
            }
            ModuleError::Conflict(message) => Self::invalid(message),
        }
    }
}

impl From<EditError> for Fault {
    fn from(error: EditError) -> Self {
        let message = error.to_string();
        match error {
            EditError::NotFound(_) => Self::not_found(message),
            EditError::InTheWay(_) => {
                Self::new(StatusCode::NOT_FOUND, "resource_conflict", message)
            }
            EditError::Invalid(_) | EditError::Conflict(_) => Self::invalid(message),
        }
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let Self { status, code, message, errors } = &self;
        let body = Body { code, message, errors };
        (*status, [(CONTENT_TYPE, "application/json")], reply::text(&body, true)).into_response()
    }
}

/// An error of an OPA path: Gate's own, or one in OPA's form.
#[derive(Debug)]
pub(super) enum Refusal {
    Ours(Problem),
    Opas(Fault),
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Ours(problem)
    }
}

impl<F: Into<Fault>> From<F> for Refusal {
    fn from(fault: F) -> Self {
        Self::Opas(fault.into())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Ours(problem) => problem.into_response(),
            Self::Opas(fault) => fault.into_response(),
        }
    }
}

/// A problem of Gate's on one of OPA's paths, as its clients read it.
pub fn in_opas_form(problem: &Problem) -> Response {
    if problem.status == StatusCode::METHOD_NOT_ALLOWED {
        return problem.status.into_response();
    }
    let code = match problem.status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => "unauthorized",
        StatusCode::NOT_FOUND => "resource_not_found",
        status if status.is_client_error() => "invalid_parameter",
        _ => "internal_error",
    };
    Fault::new(problem.status, code, problem.detail.clone()).into_response()
}
