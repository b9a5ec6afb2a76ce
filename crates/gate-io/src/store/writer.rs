//! The one task that writes: it groups what is asked at the same time into one commit, so that the
//! price of a flush to disk is shared.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gate_core::effects::GateError;
use gate_core::ledger::{Checkpoint, Frontier};
use gate_core::reason::ErrorCode;
use sqlx::Connection as _;
use sqlx::sqlite::SqliteConnection;
use tokio::sync::mpsc::UnboundedReceiver;

use super::commit::{self, KnownBlobs};
use super::database::Database;
use super::job::Job;
use super::reader;
use crate::keys::LedgerKey;

/// Jobs of one commit. Measured: beyond some fifty rows a commit costs what its rows cost.
const GROUP_JOBS: usize = 256;
/// Bytes of one commit, beyond which it takes no further job.
const GROUP_BYTES: usize = 64 << 20;

/// Writes for the store. There is one connection and one tree, so one order of leaves.
pub(super) struct Writer {
    database: Database,
    key: Arc<LedgerKey>,
    sound: Arc<AtomicBool>,
    known: KnownBlobs,
    open: Option<Open>,
}

/// What is known of the file. After a failure it is dropped and read again: whether a commit that
/// failed has reached the disk is for the disk to say.
pub(super) struct Open {
    pub(super) connection: SqliteConnection,
    pub(super) frontier: Frontier,
}

impl Writer {
    pub(super) async fn open(database: Database, key: Arc<LedgerKey>) -> Result<Self, GateError> {
        let open = Open::read(&database, &key).await?;
        let sound = Arc::new(AtomicBool::new(true));
        Ok(Self { database, key, sound, known: KnownBlobs::default(), open: Some(open) })
    }

    /// Whether the last commit succeeded.
    pub(super) fn sound(&self) -> Arc<AtomicBool> {
        self.sound.clone()
    }

    /// Works until nobody can ask any more.
    pub(super) async fn run(mut self, mut jobs: UnboundedReceiver<Job>) {
        while let Some(first) = jobs.recv().await {
            let mut bytes = first.bytes();
            let mut group = vec![first];
            while group.len() < GROUP_JOBS && bytes < GROUP_BYTES {
                let Ok(job) = jobs.try_recv() else { break };
                bytes += job.bytes();
                group.push(job);
            }
            self.write(group).await;
        }
        if let Some(open) = self.open.take() {
            // Everything is committed; closing only folds the write-ahead log into the file.
            if let Err(error) = open.connection.close().await {
                tracing::warn!(error = %error, "the store was not closed cleanly");
            }
        }
    }

    async fn write(&mut self, group: Vec<Job>) {
        let attempt = self.attempt(&group).await;
        self.sound.store(attempt.is_ok(), Ordering::Release);
        match attempt {
            // Answers leave only here, after the commit.
            Ok(answers) => commit::answer(group, answers),
            Err(error) => {
                self.open = None;
                self.known.forget();
                tracing::error!(error = %error, jobs = group.len(), "nothing was recorded");
                let shared = Arc::new(error);
                for job in group {
                    let error = GateError::new(shared.code, shared.message.clone());
                    job.fail(error.caused_by(Shared(shared.clone())));
                }
            }
        }
    }

    async fn attempt(&mut self, group: &[Job]) -> Result<Vec<commit::Answer>, GateError> {
        let open = match &mut self.open {
            Some(open) => open,
            closed => closed.insert(Open::read(&self.database, &self.key).await?),
        };
        commit::commit(open, group, &self.key, &mut self.known).await
    }
}

impl Open {
    /// Reads the tree's right edge and checks it against the last checkpoint: a ledger whose end was
    /// changed, or that another key signed, is not continued.
    async fn read(database: &Database, key: &LedgerKey) -> Result<Self, GateError> {
        let mut connection = database.writer().await?;
        let invalid = |message: &str| GateError::new(ErrorCode::StoreInvalid, message);
        let frontier = reader::frontier(&mut connection).await?;
        match reader::last_checkpoint(&mut connection).await? {
            None if frontier.size() == 0 => {}
            None => return Err(invalid("the ledger has leaves and no checkpoint")),
            Some(note) => {
                let last = Checkpoint::open(&note, key.verifier()).map_err(|error| {
                    invalid("the ledger's last checkpoint is not by this ledger key")
                        .caused_by(error)
                })?;
                if (last.size, last.root) != (frontier.size(), frontier.root()) {
                    return Err(invalid("the ledger's end is not that of its last checkpoint"));
                }
            }
        }
        Ok(Self { connection, frontier })
    }
}

/// One error for many askers.
#[derive(Debug)]
struct Shared(Arc<GateError>);

impl fmt::Display for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.source {
            Some(source) => fmt::Display::fmt(source, f),
            None => f.write_str("the commit failed"),
        }
    }
}

impl Error for Shared {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source.as_ref().and_then(|source| source.source())
    }
}
