//! The store: one SQLite file that holds the ledger, the blobs that it names, kept decisions and
//! uploads. What is recorded is on disk before the caller hears of it.

mod audit;
mod claim;
mod commit;
mod database;
mod job;
mod lock;
mod pack;
mod reader;
mod recorder;
mod replay;
mod rows;
mod subjects;
mod writer;

#[cfg(test)]
mod fault_tests;
#[cfg(test)]
mod receipt_tests;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use gate_core::Digest;
use gate_core::effects::GateError;
use gate_core::evidence::Evidence;
use gate_core::ledger::VerifierKey;
use gate_core::reason::ErrorCode;
use gate_core::record::Entry;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

pub use audit::{AuditError, Audited, Fault, verify_ledger};
pub use claim::{Claim, Claimed, Idempotency};
pub use job::Uploaded;
pub use reader::{Found, Reader};
pub use recorder::StoreRecorder;
pub use replay::{Difference, Replayed};

use crate::keys::LedgerKey;
use claim::Claims;
use database::{Database, Engine};
use job::{Job, Work};
use lock::Lock;
use subjects::Subjects;
use writer::Writer;

/// A store that is open for writing: no other process has it so.
///
/// Its calls block the calling thread: call them from worker threads, not from async tasks.
pub struct Store {
    reader: Reader,
    jobs: Option<UnboundedSender<Job>>,
    /// Says when the writer has ended.
    ended: Mutex<mpsc::Receiver<()>>,
    /// Whether the last commit succeeded.
    sound: Arc<AtomicBool>,
    claims: Claims,
    subjects: Subjects,
    verifier: VerifierKey,
    // Dropped last: the lock is held until the writer has ended.
    _lock: Lock,
}

impl Store {
    /// Opens the store at this path, or makes it. `key` signs its checkpoints.
    ///
    /// Errors: `store-in-use` when another process holds it, `store-invalid` when the file is no
    /// store or its ledger was signed by another key, `record-failed` when it cannot be written.
    pub fn open(path: &Path, key: Arc<LedgerKey>) -> Result<Self, GateError> {
        Self::open_database(Database::at(path), key)
    }

    fn open_database(database: Database, key: Arc<LedgerKey>) -> Result<Self, GateError> {
        let lock = Lock::take(&database.path)?;
        let engine = Arc::new(Engine::start()?);
        let verifier = key.verifier().clone();
        let opening = database.clone();
        let writer = engine.run(async move { Writer::open(opening, key).await })?;
        let reader = Reader::of(engine.clone(), database)?;
        let (jobs, received) = unbounded_channel();
        let (ending, ended) = mpsc::sync_channel(1);
        let sound = writer.sound();
        engine.spawn(async move {
            writer.run(received).await;
            // The store may have given up waiting; then nobody needs to know.
            let _ = ending.send(());
        });
        let subjects = Subjects::new(reader.subjects(subjects::REMEMBERED + 1)?);
        let (claims, ended) = (Claims::default(), Mutex::new(ended));
        let jobs = Some(jobs);
        Ok(Self { reader, jobs, ended, sound, claims, subjects, verifier, _lock: lock })
    }

    /// Reads what is committed.
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// The public half of the ledger's key.
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// A recorder of promotions. With a claim, the request is stored in the same commit as its leaf.
    pub fn recorder<'a>(&'a self, claim: Option<&'a Claim<'a>>) -> StoreRecorder<'a> {
        StoreRecorder { store: self, claim }
    }

    /// Asks for a request to be this caller's alone to answer. Two requests with one key at the same
    /// time would otherwise both be recorded.
    pub fn claim(&self, request: &Idempotency) -> Result<Claimed<'_>, GateError> {
        let Some(claim) = self.claims.take(request) else {
            return Ok(Claimed::InProgress);
        };
        // Asked after the claim: what was recorded before it is seen here, and nothing is after.
        match self.reader.answered(&request.requester, &request.key)? {
            None => Ok(Claimed::Fresh(claim)),
            Some((body, position)) if body == request.body => {
                Ok(Claimed::Recorded(Box::new(self.reader.receipt_at(position)?)))
            }
            Some(_) => Ok(Claimed::OtherBody),
        }
    }

    /// Keeps decisions outside the ledger, all in one commit.
    pub fn keep(&self, entries: Vec<Entry>) -> Result<(), GateError> {
        let packs = pack::pack(entries)?;
        self.submit(|answer| Work::Keep { packs, answer })
    }

    /// Keeps evidence that was uploaded for a subject. The same bytes again change nothing.
    pub fn put_upload(
        &self,
        subject: Digest,
        bytes: &[u8],
        by: &str,
    ) -> Result<Uploaded, GateError> {
        self.subjects.add(subject);
        let (bytes, by) = (Arc::from(bytes), by.to_owned());
        self.submit(|answer| Work::Upload { subject, bytes, by, answer })
    }

    /// Evidence that was uploaded for a subject; without a query where there is none.
    pub fn uploads(&self, subject: Digest) -> Result<Vec<Evidence>, GateError> {
        if self.subjects.may_hold(&subject) { self.reader.uploads(subject) } else { Ok(vec![]) }
    }

    /// Whether the store can write: asked of the disk only after a commit has failed.
    fn ready(&self) -> Result<(), GateError> {
        if self.sound.load(Ordering::Acquire) {
            return Ok(());
        }
        self.submit(|answer| Work::Probe { answer })
    }

    /// Hands work to the writer and waits for its commit.
    fn submit<T>(
        &self,
        work: impl FnOnce(mpsc::SyncSender<Result<T, GateError>>) -> Work,
    ) -> Result<T, GateError> {
        let stopped = || GateError::new(ErrorCode::RecordFailed, "the store's writer has stopped");
        let (answer, answered) = mpsc::sync_channel(1);
        let jobs = self.jobs.as_ref().ok_or_else(stopped)?;
        jobs.send(Job::from(work(answer))).map_err(|_| stopped())?;
        answered.recv().map_err(|_| stopped())?
    }
}

impl Drop for Store {
    /// Lets the writer finish what it was given before the lock goes. Readers go first, clones of this
    /// store's reader too: the last connection to close must be one that can fold the log in.
    fn drop(&mut self) {
        self.reader.close();
        self.jobs = None;
        // An error means that the writer is gone already.
        let _ = self.ended.get_mut().unwrap_or_else(PoisonError::into_inner).recv();
    }
}
