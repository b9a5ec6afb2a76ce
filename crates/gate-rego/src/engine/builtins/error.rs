//! What can go wrong in a builtin.

/// How an error counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ErrorKind {
    /// An operand has a wrong type or form: `eval_type_error`.
    Type,
    /// The operation failed: `eval_builtin_error`.
    Evaluation,
    /// The builtin is not there: it needs what evaluation must not have.
    NotAvailable,
    /// Time ran out. Such an error is never taken for undefined.
    Time,
    /// Memory ran out, or the result is one that this engine does not support. Never undefined.
    Limit,
}

/// An error with OPA's words, without the builtin's name, which [`BuiltinError::named`] puts before.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct BuiltinError {
    pub(crate) kind: ErrorKind,
    pub(crate) message: String,
}

impl BuiltinError {
    /// An operand of a wrong type or form; counted from 1.
    pub(crate) fn operand(position: usize, message: impl std::fmt::Display) -> Self {
        Self { kind: ErrorKind::Type, message: format!("operand {position} {message}") }
    }

    /// An operation that failed.
    pub(crate) fn evaluation(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Evaluation, message: message.into() }
    }

    /// A builtin that is not there.
    pub(crate) fn not_available(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::NotAvailable, message: message.into() }
    }

    /// Time that ran out.
    pub(crate) fn time() -> Self {
        Self { kind: ErrorKind::Time, message: "evaluation ran out of time".to_owned() }
    }

    /// Memory that ran out, or a result that is not supported.
    pub(crate) fn limit(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Limit, message: message.into() }
    }

    /// The message as OPA prints it: `sprintf: operand 1 must be string but got number`.
    pub(crate) fn named(&self, builtin: &str) -> String {
        format!("{builtin}: {}", self.message)
    }
}
