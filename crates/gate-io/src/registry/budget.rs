//! What one decision may take of registries: time until a moment, and bytes.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use gate_core::reason::ErrorCode;
use tokio::time::Instant;

use super::failure::{Outcome, RegistryError};
use super::settings::Limits;

/// The rest of a decision's time and bytes.
#[derive(Debug)]
pub(super) struct Budget {
    deadline: Instant,
    bytes: AtomicU64,
}

impl Budget {
    /// A new decision's budget, which ends at `until` at the latest.
    pub(super) fn new(limits: &Limits, until: Option<std::time::Instant>) -> Self {
        let deadline = Instant::now() + limits.decision;
        let deadline = until.map_or(deadline, |until| deadline.min(until.into()));
        Self { deadline, bytes: AtomicU64::new(limits.decision_bytes) }
    }

    /// When the time ends.
    pub(super) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// The time that is left.
    pub(super) fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// Takes bytes that arrived.
    pub(super) fn take(&self, bytes: usize) -> Outcome<()> {
        let bytes = bytes as u64;
        let taken = self
            .bytes
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes));
        taken.map(drop).map_err(|_| {
            RegistryError::new(
                ErrorCode::RegistryLimitExceeded,
                "the decision has read as many bytes as `decision_bytes` allows",
            )
        })
    }
}
