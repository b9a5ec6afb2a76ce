//! The audit of a ledger: every leaf, node, checkpoint, decision and blob against the signed roots;
//! the first thing that was changed is named.

mod contents;
mod rest;
mod tree;

#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::fmt;
use std::path::Path;

use gate_core::Digest;
use gate_core::effects::GateError;
use gate_core::ledger::{Checkpoint, CheckpointError, VerifierKey};
use gate_core::record::Leaf;
use sqlx::Connection as _;
use sqlx::sqlite::SqliteConnection;

use super::reader::{Reader, unread};

/// What a ledger that was not changed holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audited {
    /// Leaves.
    pub leaves: u64,
    /// Signed checkpoints.
    pub checkpoints: u64,
    /// The root over all leaves.
    pub root: Digest,
    /// Decisions that are kept outside the ledger. Nothing signs these: they are checked against
    /// their ids.
    pub kept: u64,
    /// Blobs.
    pub blobs: u64,
}

/// The first thing that is not what the ledger proves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Table and column.
    pub what: &'static str,
    /// Which row, in words.
    pub place: String,
    /// What the signed root, the digest or the document says.
    pub expected: String,
    /// What is there.
    pub found: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, place, expected, found } = self;
        write!(f, "{what} of {place} was changed: expected {expected}, found {found}")
    }
}

/// Why an audit did not end well.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] GateError),
    /// Something was changed.
    #[error("{0}")]
    Fault(Box<Fault>),
    /// The checkpoint to compare with is not by the ledger key.
    #[error("the checkpoint to compare with is not accepted")]
    Against(#[source] CheckpointError),
}

impl From<Fault> for AuditError {
    fn from(fault: Fault) -> Self {
        Self::Fault(Box::new(fault))
    }
}

impl From<sqlx::Error> for AuditError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(unread(error))
    }
}

/// Audits the ledger in this file, also while another process writes to it: all is read in one
/// transaction.
///
/// `against` is a checkpoint that was seen earlier: the ledger must begin with it. Without one, an end
/// that was cut off together with its checkpoints cannot be told from one that was never written.
pub fn verify_ledger(
    path: &Path,
    key: &VerifierKey,
    against: Option<&str>,
) -> Result<Audited, AuditError> {
    let against =
        against.map(|note| Checkpoint::open(note, key)).transpose().map_err(AuditError::Against)?;
    let reader = Reader::open(path)?;
    let key = key.clone();
    reader.run(move |mut connection| async move {
        let audited = audit(&mut connection, &key, against).await;
        Ok(audited)
    })?
}

async fn audit(
    connection: &mut SqliteConnection,
    key: &VerifierKey,
    against: Option<Checkpoint>,
) -> Result<Audited, AuditError> {
    let mut transaction = connection.begin().await?;
    let mut audit = Audit { connection: &mut transaction, sound: HashSet::new() };
    let tree = audit.tree(key, against).await?;
    let kept = audit.kept().await?;
    audit.requests().await?;
    audit.uploads().await?;
    let blobs = audit.other_blobs().await?;
    audit.file().await?;
    Ok(Audited { leaves: tree.leaves, checkpoints: tree.checkpoints, root: tree.root, kept, blobs })
}

/// An audit on its way.
struct Audit<'a> {
    connection: &'a mut SqliteConnection,
    /// Blobs that were hashed already: policies and configurations are shared by many leaves.
    sound: HashSet<Digest>,
}

/// Digests that are remembered; beyond these a blob may be hashed twice.
const REMEMBERED: usize = 1 << 20;

impl Audit<'_> {
    /// Hashes a blob that something names.
    async fn blob(&mut self, digest: Digest, part: &str, of: &str) -> Result<(), AuditError> {
        if self.sound.contains(&digest) {
            return Ok(());
        }
        self.bytes(digest, part, of).await.map(drop)
    }

    /// The bytes of a blob that something names, hashed.
    async fn bytes(&mut self, digest: Digest, part: &str, of: &str) -> Result<Vec<u8>, AuditError> {
        let bytes: Option<Vec<u8>> = sqlx::query_scalar("SELECT bytes FROM blobs WHERE digest = ?")
            .bind(digest.as_bytes().as_slice())
            .fetch_optional(&mut *self.connection)
            .await?;
        let place = || format!("the {part} of {of}");
        let Some(bytes) = bytes else {
            return Err(fault("blobs.digest", place(), digest, "no such row").into());
        };
        let found = Digest::of(&bytes);
        if found != digest {
            return Err(fault("blobs.bytes", place(), digest, found).into());
        }
        if self.sound.len() >= REMEMBERED {
            self.sound.clear();
        }
        self.sound.insert(digest);
        Ok(bytes)
    }

    /// Hashes every blob that a leaf names beside its decision and facts.
    async fn blobs_of(&mut self, leaf: &Leaf, of: &str) -> Result<(), AuditError> {
        let named = [
            ("attestation", leaf.attestation),
            ("manifest", leaf.manifest),
            ("image configuration", leaf.config),
            ("policy", Some(leaf.policy)),
            ("policy modules", Some(leaf.modules)),
            ("rule data", Some(leaf.data)),
            ("environment configuration", Some(leaf.configuration)),
        ];
        for (part, digest) in named {
            if let Some(digest) = digest {
                self.blob(digest, part, of).await?;
            }
        }
        for piece in &leaf.evidence {
            self.blob(piece.digest, "evidence", of).await?;
        }
        for root in &leaf.roots {
            self.blob(*root, "trusted root", of).await?;
        }
        Ok(())
    }
}

fn fault(
    what: &'static str,
    place: impl Into<String>,
    expected: impl fmt::Display,
    found: impl fmt::Display,
) -> Fault {
    Fault { what, place: place.into(), expected: expected.to_string(), found: found.to_string() }
}

/// A fault where the two differ.
fn same(
    what: &'static str,
    place: &str,
    expected: impl fmt::Display,
    found: impl fmt::Display,
) -> Result<(), Fault> {
    let fault = fault(what, place, expected, found);
    if fault.expected == fault.found { Ok(()) } else { Err(fault) }
}
