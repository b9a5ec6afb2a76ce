//! The machine's clock as the clock of the spine: the one place of the shipped programs that reads it.

use std::time::{Duration, Instant};

use gate_core::Timestamp;
use gate_core::effects::Clock;

/// The time of this machine.
#[derive(Debug, Clone)]
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    /// A clock whose steady time starts now.
    #[must_use]
    pub fn start() -> Self {
        Self { started: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::from(jiff::Timestamp::now()).to_second()
    }

    fn steady(&self) -> Duration {
        self.started.elapsed()
    }
}
