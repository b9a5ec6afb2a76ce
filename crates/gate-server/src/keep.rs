//! Decisions outside the ledger, written in batches after their answers.
//!
//! What waits is bounded by bytes. While the store does not take it, answers wait for room and are
//! then refused as `overloaded`: no decision that somebody was told is dropped as long as the server
//! runs. A crash loses at most the batch in the making.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use gate_core::effects::GateError;
use gate_core::environment::Environment;
use gate_core::reason::RequestCode;
use gate_core::record::Entry;
use gate_core::request::Request;
use gate_core::spine::Decided;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout_at;

use crate::metrics::Metrics;
use crate::problem::Problem;

/// KiB of decisions and their evidence that may wait.
const WAITING_KIB: u32 = 256 << 10;
/// The least that a waiting decision counts for.
const LEAST_KIB: u32 = 16;
/// Decisions in one batch.
const BATCH: usize = 500;
/// How long a batch gathers after its first decision.
const GATHER: Duration = Duration::from_millis(50);
/// How long a batch that failed waits before it is tried again, in a server.
pub const AGAIN: Duration = Duration::from_secs(1);
/// Attempts that a batch has once the server stops.
const LAST_ATTEMPTS: u32 = 3;

/// A decision on its way to the store.
pub struct Kept {
    /// What was asked.
    pub request: Request,
    /// What was decided.
    pub decided: Arc<Decided>,
    /// Where to.
    pub environment: Arc<Environment>,
}

/// Writes entries: the store in the server, something that fails in tests.
pub type Write = Box<dyn Fn(Vec<Entry>) -> Result<(), GateError> + Send>;

/// The way of decisions to the store.
pub struct Keeper {
    room: Arc<Semaphore>,
    writer: Mutex<Option<JoinHandle<()>>>,
    state: Arc<State>,
}

/// A decision with the room that it takes until it is written.
type Held = (Kept, OwnedSemaphorePermit);

#[derive(Default)]
struct State {
    arrived: Mutex<Arrived>,
    /// The writer is to look: there is a first decision, a whole batch, or the end.
    look: Condvar,
    waiting: AtomicUsize,
    failing: AtomicBool,
}

#[derive(Default)]
struct Arrived {
    held: Vec<Held>,
    ending: bool,
}

impl State {
    /// What arrived. No panic leaves it half-changed.
    fn arrived(&self) -> MutexGuard<'_, Arrived> {
        self.arrived.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    /// What it counts for, in KiB.
    fn weight(&self) -> u32 {
        let evidence = self.decided.evidence.size();
        let bytes = evidence + 2 * self.decided.facts.bytes().len() + self.decided.bytes.len();
        u32::try_from(bytes >> 10).unwrap_or(u32::MAX).clamp(LEAST_KIB, WAITING_KIB)
    }
}

impl Keeper {
    /// Starts the writer.
    ///
    /// A batch that failed is tried again after `again`.
    pub fn start(write: Write, again: Duration, metrics: Arc<Metrics>) -> std::io::Result<Self> {
        let state = Arc::new(State::default());
        let writer = Writer { write, again, metrics, state: state.clone() };
        let thread = thread::Builder::new().name("gate-keep".to_owned()).spawn(|| writer.run())?;
        let room = Arc::new(Semaphore::new(WAITING_KIB as usize));
        Ok(Self { room, writer: Mutex::new(Some(thread)), state })
    }

    /// Takes a decision over, once there is room for it.
    pub async fn keep(&self, kept: Kept, until: tokio::time::Instant) -> Result<(), Problem> {
        let room = self.room.clone().acquire_many_owned(kept.weight());
        let room = match timeout_at(until, room).await {
            Ok(Ok(room)) => room,
            Ok(Err(_)) => return Err(Problem::internal("the writer of decisions has ended")),
            Err(_) => {
                let detail = "the store does not take decisions as fast as they are asked for";
                return Err(Problem::refused(RequestCode::Overloaded, detail));
            }
        };
        let mut arrived = self.state.arrived();
        if arrived.ending {
            return Err(Problem::internal("the writer of decisions has ended"));
        }
        arrived.held.push((kept, room));
        self.state.waiting.fetch_add(1, Ordering::Relaxed);
        // Nobody is woken for each decision.
        if arrived.held.len() == 1 || arrived.held.len() == BATCH {
            self.state.look.notify_one();
        }
        Ok(())
    }

    /// Decisions that wait.
    pub fn waiting(&self) -> usize {
        self.state.waiting.load(Ordering::Relaxed)
    }

    /// Whether the last write failed.
    pub fn is_failing(&self) -> bool {
        self.state.failing.load(Ordering::Relaxed)
    }

    /// Writes what waits and ends the writer; blocks.
    pub fn end(&self) {
        self.state.arrived().ending = true;
        self.state.look.notify_one();
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer
            && writer.join().is_err()
        {
            tracing::error!("the writer of decisions panicked");
        }
    }
}

struct Writer {
    write: Write,
    again: Duration,
    metrics: Arc<Metrics>,
    state: Arc<State>,
}

impl Writer {
    fn run(self) {
        loop {
            let batch = self.gather();
            if batch.is_empty() {
                return;
            }
            self.write(&batch);
            self.state.waiting.fetch_sub(batch.len(), Ordering::Relaxed);
        }
    }

    /// The next batch; an empty one is the end.
    fn gather(&self) -> Vec<Held> {
        let none = |arrived: &mut Arrived| arrived.held.is_empty() && !arrived.ending;
        let arrived = self.state.look.wait_while(self.state.arrived(), none);
        let arrived = arrived.unwrap_or_else(PoisonError::into_inner);
        let few = |arrived: &mut Arrived| arrived.held.len() < BATCH && !arrived.ending;
        let arrived = self.state.look.wait_timeout_while(arrived, GATHER, few);
        let (mut arrived, _) = arrived.unwrap_or_else(PoisonError::into_inner);
        let most = arrived.held.len().min(BATCH);
        arrived.held.drain(..most).collect()
    }

    /// Writes a batch, again and again if need be; its room is free only afterwards.
    fn write(&self, batch: &[Held]) {
        let mut seen = HashSet::new();
        let entries: Vec<Entry> = batch
            .iter()
            .map(|(kept, _)| kept)
            .filter(|kept| seen.insert(kept.decided.id))
            .map(|kept| kept.decided.entry(&kept.request, &kept.environment, None))
            .collect();
        let mut attempt = 0;
        while let Err(error) = (self.write)(entries.clone()) {
            attempt += 1;
            self.state.failing.store(true, Ordering::Relaxed);
            self.metrics.keep_failed();
            tracing::error!(
                error.code = error.code.code(),
                "{} decisions could not be written: {}",
                entries.len(),
                crate::force::chain(&error)
            );
            if self.state.arrived().ending && attempt >= LAST_ATTEMPTS {
                for entry in &entries {
                    tracing::error!(decision.id = %entry.leaf.decision, "this decision is lost");
                }
                return;
            }
            thread::sleep(self.again);
        }
        self.state.failing.store(false, Ordering::Relaxed);
    }
}
