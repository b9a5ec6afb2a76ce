//! The server's state: what every handler shares.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::{ArcSwap, ArcSwapOption, Guard};
use gate_core::effects::{Clock, GateError, Recorder};
use gate_core::reason::{ErrorCode, RequestCode};
use gate_io::store::Store;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use crate::force::InForce;
use crate::keep::{AGAIN, Keeper};
use crate::metrics::{Levels, Metrics};
use crate::opa::Live;
use crate::pool::{Pool, Turn};
use crate::problem::Problem;
use crate::serial::Serial;
use crate::trial::Trial;

/// Evidence uploads at once: each may hold a large body in memory.
const UPLOADS: usize = 4;
/// How long the store's word that it takes records is good for.
const ASK_AGAIN: Duration = Duration::from_secs(1);

/// A clock that threads share.
pub type SharedClock = Arc<dyn Clock + Send + Sync>;

/// What every handler shares.
pub struct Gate {
    /// The durable record.
    pub store: Arc<Store>,
    /// The way of decisions outside the ledger.
    pub keeper: Keeper,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// What time it is.
    pub clock: SharedClock,
    /// One at a time for each idempotency key.
    pub serial: Serial,
    /// Where policy work is done.
    pub pool: Pool,
    /// Documents for OPA's clients.
    pub opa: Live,
    /// `gate.yaml`.
    pub path: PathBuf,
    /// How a new configuration is tried.
    pub trial: Option<Trial>,
    /// Why the configuration on disk is not in force.
    pub refused: ArcSwapOption<String>,
    force: ArcSwap<InForce>,
    concurrent: usize,
    slots: Arc<Semaphore>,
    uploads: Arc<Semaphore>,
    can_record: tokio::sync::Mutex<Option<(Instant, Result<(), Problem>)>>,
    stopping: AtomicBool,
    public: AtomicBool,
    requests: AtomicU64,
    /// Tells the request ids of this start from those of the last one.
    start: String,
}

/// The parts of a [`Gate`].
pub struct Parts {
    /// The configuration.
    pub force: InForce,
    /// `gate.yaml`.
    pub path: PathBuf,
    /// The opened store.
    pub store: Arc<Store>,
    /// The clock.
    pub clock: SharedClock,
    /// Policy jobs that compute at once.
    pub processors: usize,
    /// How to try a new configuration before it is in force; where there is none, it is loaded at once.
    pub trial: Option<Trial>,
}

/// A place among the requests in work; it goes along with the job, not with the connection.
pub struct Slot {
    _permit: OwnedSemaphorePermit,
}

impl Gate {
    /// Starts the workers.
    pub fn start(parts: Parts) -> Result<Self, GateError> {
        let failed = |error: std::io::Error| {
            GateError::new(ErrorCode::Internal, "threads could not be started").caused_by(error)
        };
        let metrics = Arc::new(Metrics::new());
        let store = parts.store;
        let kept = store.clone();
        let write = Box::new(move |entries| kept.keep(entries));
        let keeper = Keeper::start(write, AGAIN, metrics.clone()).map_err(failed)?;
        let concurrent = parts.force.server.limits.concurrent.clamp(1, 10_000);
        // Those that wait for a commit hold a thread and no processor.
        let pool = Pool::start(parts.processors, parts.processors + concurrent).map_err(failed)?;
        let opa = Live::default();
        opa.enforce(parts.force.opa.as_ref());
        let mut random = [0; 6];
        aws_lc_rs::rand::fill(&mut random)
            .map_err(|_| GateError::new(ErrorCode::Internal, "the system gives no random bytes"))?;
        Ok(Self {
            store,
            keeper,
            metrics,
            clock: parts.clock,
            serial: Serial::default(),
            pool,
            opa,
            path: parts.path,
            trial: parts.trial,
            refused: ArcSwapOption::empty(),
            force: ArcSwap::from_pointee(parts.force),
            concurrent,
            slots: Arc::new(Semaphore::new(concurrent)),
            uploads: Arc::new(Semaphore::new(UPLOADS)),
            can_record: tokio::sync::Mutex::default(),
            stopping: AtomicBool::new(false),
            public: AtomicBool::new(false),
            requests: AtomicU64::new(0),
            start: hex::encode(random),
        })
    }

    /// The configuration in force, for a moment.
    pub fn in_force(&self) -> Guard<Arc<InForce>> {
        self.force.load()
    }

    /// The configuration in force, for a job.
    pub fn hold_force(&self) -> Arc<InForce> {
        self.force.load_full()
    }

    /// Puts another configuration in force.
    pub fn enforce(&self, force: InForce) {
        self.opa.enforce(force.opa.as_ref());
        self.force.store(Arc::new(force));
    }

    /// How long a request may take.
    pub fn patience(&self) -> Duration {
        Duration::from_secs(self.in_force().server.limits.request_seconds.clamp(1, 3_600))
    }

    /// A new request id.
    pub fn request_id(&self) -> String {
        format!("{}-{:x}", self.start, self.requests.fetch_add(1, Ordering::Relaxed))
    }

    /// A place among the requests in work, or the refusal: nobody queues for one.
    pub fn slot(&self) -> Result<Slot, Problem> {
        take(&self.slots, "as many requests are in work as this server takes")
    }

    /// A place among the uploads.
    pub fn upload_slot(&self) -> Result<Slot, Problem> {
        take(&self.uploads, "as many uploads are in work as this server takes")
    }

    /// Runs a job on the workers and waits for it until `deadline`. A job that has begun goes on.
    pub async fn work<T: Send + 'static>(
        &self,
        slot: Slot,
        deadline: Instant,
        job: impl FnOnce(&Turn) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let answer = self.pool.run(move |turn| {
            let _slot = slot;
            job(turn)
        });
        match timeout_at(deadline, answer).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(lost)) => Err(Problem::failed(
                &GateError::new(ErrorCode::Internal, "the request could not be worked on")
                    .caused_by(lost),
            )),
            Err(_) => Err(Problem::refused(
                RequestCode::DeadlineExceeded,
                "the work was not done before the request's time was over",
            )),
        }
    }

    /// Whether the store takes records. Anybody may ask, so the store is asked once a second.
    pub async fn can_record(self: &Arc<Self>) -> Result<(), Problem> {
        let mut last = self.can_record.lock().await;
        if let Some((asked, answer)) = &*last
            && asked.elapsed() < ASK_AGAIN
        {
            return answer.clone();
        }
        let store = self.store.clone();
        let asked = tokio::task::spawn_blocking(move || store.recorder(None).ready());
        let answer = match asked.await {
            Ok(answer) => answer.map_err(Problem::from),
            Err(_) => Err(Problem::internal("the store could not be asked")),
        };
        *last = Some((Instant::now(), answer.clone()));
        answer
    }

    /// Says that the server takes nothing new.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Whether the server takes nothing new.
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// Notes whether other machines reach the server.
    pub fn publish(&self, public: bool) {
        self.public.store(public, Ordering::Relaxed);
    }

    /// Whether other machines reach the server.
    pub fn is_public(&self) -> bool {
        self.public.load(Ordering::Relaxed)
    }

    /// How much is in work and waits.
    pub fn levels(&self) -> Levels {
        Levels {
            queued: self.pool.queued(),
            working: self.concurrent - self.slots.available_permits().min(self.concurrent),
            unkept: self.keeper.waiting(),
        }
    }
}

fn take(places: &Arc<Semaphore>, full: &str) -> Result<Slot, Problem> {
    match places.clone().try_acquire_owned() {
        Ok(permit) => Ok(Slot { _permit: permit }),
        Err(_) => Err(Problem::refused(RequestCode::Overloaded, full)),
    }
}
