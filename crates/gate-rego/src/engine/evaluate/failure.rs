//! Why an evaluation has no result.

use crate::engine::ast::Span;
use crate::engine::builtins::{BuiltinError, ErrorKind};

/// What sort of failure it is; [`FailureKind::code`] is OPA's name for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailureKind {
    /// Rules, functions or object keys with different values.
    Conflict,
    /// A builtin's operand of a wrong type.
    Type,
    /// A builtin that failed.
    Builtin,
    /// Time ran out.
    Time,
    /// Memory or depth ran out.
    Limit,
}

impl FailureKind {
    /// OPA's code.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Conflict => "eval_conflict_error",
            Self::Type => "eval_type_error",
            Self::Builtin => "eval_builtin_error",
            Self::Time => "eval_cancel_error",
            Self::Limit => "eval_internal_error",
        }
    }
}

/// A failure and its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {message}", .kind.code())]
pub(crate) struct Failure {
    pub(crate) kind: FailureKind,
    pub(crate) span: Span,
    pub(crate) message: String,
}

impl Failure {
    pub(super) fn conflict(span: Span, message: &str) -> Self {
        Self { kind: FailureKind::Conflict, span, message: message.to_owned() }
    }

    pub(super) fn depth(span: Span) -> Self {
        let message = "rules are nested too deep in each other".to_owned();
        Self { kind: FailureKind::Limit, span, message }
    }

    /// A builtin's error; an empty name is the evaluation itself.
    pub(super) fn builtin(error: &BuiltinError, name: &str, span: Span) -> Self {
        let kind = match error.kind {
            ErrorKind::Type => FailureKind::Type,
            ErrorKind::Evaluation | ErrorKind::NotAvailable => FailureKind::Builtin,
            ErrorKind::Time => FailureKind::Time,
            ErrorKind::Limit => FailureKind::Limit,
        };
        let message = if name.is_empty() { error.message.clone() } else { error.named(name) };
        Self { kind, span, message }
    }
}
