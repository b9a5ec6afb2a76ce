//! The lock that makes one process the only writer of a store.

use std::fs::File;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use gate_core::effects::GateError;
use gate_core::reason::ErrorCode;
use rustix::fs::{FlockOperation, flock};

/// Held while the store is open for writing; the system releases it when the process ends, however
/// it ends, so that a killed server leaves no stale lock.
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of the store at this path, or says `store-in-use`.
    pub(super) fn take(store: &Path) -> Result<Self, GateError> {
        let path = beside(store);
        let failed = |error: std::io::Error| {
            GateError::new(
                ErrorCode::RecordFailed,
                format!("lock file {} cannot be opened", path.display()),
            )
            .caused_by(error)
        };
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&path)
            .map_err(failed)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Self { _file: file }),
            Err(rustix::io::Errno::WOULDBLOCK) => Err(GateError::new(
                ErrorCode::StoreInUse,
                format!("another process holds the store {}", store.display()),
            )),
            Err(error) => Err(failed(error.into())),
        }
    }
}

/// The lock is a file of its own: SQLite closes and locks the database file as it likes.
fn beside(store: &Path) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}
