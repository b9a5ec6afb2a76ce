//! The SQLite file: how it is opened, which schema it has, and the runtime that its work runs on.

use std::fs::File;
use std::future::Future;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use gate_core::effects::GateError;
use gate_core::reason::ErrorCode;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::runtime::{Builder, Runtime};

/// "GATE" in ASCII: what tells a store from any other SQLite file.
const APPLICATION_ID: i64 = 0x4741_5445;
/// The version of `schema.sql`.
const SCHEMA_VERSION: i64 = 2;
/// Writes both into the file's header; pragmas take no parameters.
pub(super) const STAMP: &str = "PRAGMA application_id = 1195463749; PRAGMA user_version = 2";
/// How long a statement waits for a lock. Only a reader of another process can hold one, briefly.
const BUSY: Duration = Duration::from_secs(5);
/// Connections that read beside the writer.
const READERS: u32 = 4;

/// The threads that the store's work runs on. Its callers are plain threads that block for the
/// answer, so the store owns a runtime instead of borrowing theirs.
pub(super) struct Engine(Option<Runtime>);

impl Engine {
    pub(super) fn start() -> Result<Self, GateError> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("gate-store")
            .enable_time()
            .build()
            .map_err(|error| {
                GateError::new(ErrorCode::Internal, "the store's threads cannot be started")
                    .caused_by(error)
            })?;
        Ok(Self(Some(runtime)))
    }

    /// Starts work in the background.
    pub(super) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        if let Some(runtime) = &self.0 {
            runtime.spawn(work);
        }
    }

    /// Does the work and blocks the calling thread until it is done.
    pub(super) fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, GateError>> + Send + 'static,
    ) -> Result<T, GateError> {
        let (answer, answered) = mpsc::sync_channel(1);
        self.spawn(async move {
            // The receiver waits below; if its thread died nobody misses the answer.
            let _ = answer.send(work.await);
        });
        answered.recv().map_err(|_| GateError::new(ErrorCode::Internal, "the store stopped"))?
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // Unlike a plain drop this neither blocks nor panics on an async thread. The writer has ended
        // by then (see `Store`), and readers change nothing.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// Where the file is, and how much it may hold.
#[derive(Debug, Clone)]
pub(super) struct Database {
    pub(super) path: PathBuf,
    /// The greatest number of pages; SQLite's own where it is not set.
    pub(super) max_pages: Option<u32>,
}

impl Database {
    pub(super) fn at(path: &Path) -> Self {
        Self { path: path.to_owned(), max_pages: None }
    }

    /// The one connection that writes; makes the schema in a new file.
    pub(super) async fn writer(&self) -> Result<SqliteConnection, GateError> {
        self.make().map_err(|error| {
            let message = format!("store {} cannot be opened", self.path.display());
            GateError::new(ErrorCode::RecordFailed, message).caused_by(error)
        })?;
        let mut options = self
            .options()
            .journal_mode(SqliteJournalMode::Wal)
            // The commit is on disk when it returns: a receipt promises that.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true);
        if let Some(pages) = self.max_pages {
            options = options.pragma("max_page_count", pages.to_string());
        }
        let mut connection = options.connect().await.map_err(|error| self.unusable(error))?;
        match version(&mut connection).await.map_err(|error| self.unusable(error))? {
            Schema::Current => {}
            Schema::None => create(&mut connection).await.map_err(|error| self.unusable(error))?,
            Schema::Other => return Err(self.foreign()),
        }
        Ok(connection)
    }

    /// Makes an empty file where there is none: evidence may be confidential, and SQLite alone would
    /// leave its permissions to the umask. Its log files take those of this one.
    fn make(&self) -> std::io::Result<()> {
        File::options().create(true).append(true).mode(0o600).open(&self.path).map(drop)
    }

    /// Connections that only read. They see what is committed and block nobody.
    pub(super) async fn readers(&self) -> Result<SqlitePool, GateError> {
        let options = self.options().read_only(true);
        let pool = match self.pool(options.clone()).await {
            // SQLite reads a write-ahead log through a file of its own, which it cannot make in a
            // folder that nobody may write to. Without such a log the file is all there is.
            Err(error) if result_code(&error) == Some(SQLITE_CANTOPEN) && !self.has_log() => {
                self.pool(options.immutable(true)).await
            }
            opened => opened,
        }
        .map_err(|error| self.unusable(error))?;
        let mut connection = pool.acquire().await.map_err(|error| self.unusable(error))?;
        match version(&mut connection).await.map_err(|error| self.unusable(error))? {
            Schema::Current => Ok(pool),
            Schema::None | Schema::Other => Err(self.foreign()),
        }
    }

    /// A pool whose first connection has read the file.
    async fn pool(&self, options: SqliteConnectOptions) -> Result<SqlitePool, sqlx::Error> {
        let pool = SqlitePoolOptions::new().max_connections(READERS).connect_with(options).await?;
        version(&mut *pool.acquire().await?).await?;
        Ok(pool)
    }

    fn has_log(&self) -> bool {
        let mut log = self.path.as_os_str().to_owned();
        log.push("-wal");
        Path::new(&log).exists()
    }

    fn options(&self) -> SqliteConnectOptions {
        SqliteConnectOptions::new()
            .filename(&self.path)
            .busy_timeout(BUSY)
            .disable_statement_logging()
    }

    fn unusable(&self, error: sqlx::Error) -> GateError {
        let message = format!("store {} cannot be opened", self.path.display());
        GateError::new(code(&error), message).caused_by(error)
    }

    fn foreign(&self) -> GateError {
        GateError::new(
            ErrorCode::StoreInvalid,
            format!("{} is no store of this version of Gate", self.path.display()),
        )
    }
}

/// A file that cannot be reached or read is a fault of the disk or its permissions; one whose bytes
/// are no database is a fault of the store.
pub(super) fn code(error: &sqlx::Error) -> ErrorCode {
    match result_code(error) {
        Some(SQLITE_CORRUPT | SQLITE_NOTADB) => ErrorCode::StoreInvalid,
        _ => ErrorCode::RecordFailed,
    }
}

/// SQLite's primary result code.
fn result_code(error: &sqlx::Error) -> Option<u32> {
    let extended: u32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(extended & 0xff)
}

const SQLITE_CORRUPT: u32 = 11;
const SQLITE_CANTOPEN: u32 = 14;
const SQLITE_NOTADB: u32 = 26;

enum Schema {
    None,
    Current,
    Other,
}

async fn version(connection: &mut SqliteConnection) -> Result<Schema, sqlx::Error> {
    let application: i64 =
        sqlx::query_scalar("PRAGMA application_id").fetch_one(&mut *connection).await?;
    let version: i64 =
        sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *connection).await?;
    let objects: i64 =
        sqlx::query_scalar("SELECT count(*) FROM sqlite_schema").fetch_one(connection).await?;
    Ok(match (application, version, objects) {
        (APPLICATION_ID, SCHEMA_VERSION, _) => Schema::Current,
        (0, 0, 0) => Schema::None,
        _ => Schema::Other,
    })
}

/// Schema and version in one transaction: a crash leaves an empty file or a whole schema.
async fn create(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    sqlx::raw_sql(include_str!("schema.sql")).execute(&mut *transaction).await?;
    sqlx::raw_sql(STAMP).execute(&mut *transaction).await?;
    transaction.commit().await
}
