//! What goes wrong with a registry, each with its own code; none of it ever reads as absence.

use std::error::Error;
use std::sync::Arc;

use gate_core::effects::GateError;
use gate_core::reason::ErrorCode;

/// Why a registry gave no answer that counts. Shared by all who waited for the same answer.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct RegistryError {
    /// The stable code.
    pub code: ErrorCode,
    /// Which registry, what was asked, what came.
    pub message: String,
    #[source]
    source: Option<Arc<dyn Error + Send + Sync>>,
}

pub(super) type Outcome<T> = Result<T, RegistryError>;

impl RegistryError {
    pub(super) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), source: None }
    }

    pub(super) fn caused_by(mut self, source: impl Error + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }
}

impl From<RegistryError> for GateError {
    fn from(error: RegistryError) -> Self {
        let told = Self::new(error.code, error.message.clone());
        match error.source {
            Some(source) => told.caused_by(Shared(source)),
            None => told,
        }
    }
}

/// A cause that several errors share.
#[derive(Debug)]
struct Shared(Arc<dyn Error + Send + Sync>);

impl std::fmt::Display for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for Shared {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}
