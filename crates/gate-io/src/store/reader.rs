//! Reads of the store: decisions, receipts, uploads and blobs, as they were committed.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use gate_core::Digest;
use gate_core::decision::Decision;
use gate_core::effects::GateError;
use gate_core::evidence::{Evidence, Origin};
use gate_core::ledger::{Coordinate, Frontier, TlogProof, inclusion_proof, needed_for_inclusion};
use gate_core::reason::ErrorCode;
use gate_core::record::{Leaf, Receipt};
use serde::de::DeserializeOwned;
use sqlx::sqlite::{SqliteConnection, SqlitePool};

use super::database::{self, Database, Engine};
use super::pack;
use super::rows::integer;

/// Reads a store, also one that another process writes to.
#[derive(Clone)]
pub struct Reader {
    engine: Arc<Engine>,
    pool: SqlitePool,
}

/// A decision as the store holds it.
#[derive(Debug, Clone)]
pub struct Found {
    /// The decision.
    pub decision: Decision,
    /// Everything behind it, by digest.
    pub leaf: Leaf,
    /// Its place in the ledger; `None` for a decision that is kept outside.
    pub index: Option<u64>,
}

impl Reader {
    /// Opens a store for reading alone.
    pub fn open(path: &Path) -> Result<Self, GateError> {
        if !path.exists() {
            let message = format!("there is no store at {}", path.display());
            return Err(GateError::new(ErrorCode::NotFound, message));
        }
        Self::of(Arc::new(Engine::start()?), Database::at(path))
    }

    pub(super) fn of(engine: Arc<Engine>, database: Database) -> Result<Self, GateError> {
        let pool = engine.run(async move { database.readers().await })?;
        Ok(Self { engine, pool })
    }

    /// A decision by its id, from the ledger or from those kept outside. Errors: `not-found`.
    pub fn decision(&self, id: Digest) -> Result<Found, GateError> {
        self.run(move |mut connection| async move {
            if let Some((leaf, position)) = find(&mut connection, id).await? {
                let bytes = blob(&mut connection, id).await?;
                let index = u64::try_from(position).ok();
                return Ok(Found { decision: read("decision", &bytes)?, leaf, index });
            }
            let kept = kept(&mut connection, id).await?;
            let kept = kept.ok_or_else(|| absent(&format!("decision {id}")))?;
            sound("decision", &kept.decision, id)?;
            let (decision, leaf) = (read("decision", &kept.decision)?, read("leaf", &kept.leaf)?);
            Ok(Found { decision, leaf, index: None })
        })
    }

    /// The receipt of a promotion by its decision's id; of several with the same decision, the first.
    /// Errors: `not-found`, also for a decision that is kept outside the ledger.
    pub fn receipt(&self, id: Digest) -> Result<Receipt, GateError> {
        self.run(move |mut connection| async move {
            let position: Option<i64> =
                sqlx::query_scalar("SELECT min(leaf) FROM decisions WHERE id = ?")
                    .bind(id.as_bytes().as_slice())
                    .fetch_one(&mut *connection)
                    .await
                    .map_err(unread)?;
            receipt(&mut connection, position.ok_or_else(|| absent(&format!("promotion {id}")))?)
                .await
        })
    }

    /// The ids of the last decisions, of those recorded and of those kept each at most so many.
    pub fn last(&self, most: usize) -> Result<Vec<Digest>, GateError> {
        self.run(move |mut connection| async move {
            let rows: Vec<(Vec<u8>,)> =
                sqlx::query_as("SELECT id FROM decisions ORDER BY leaf DESC LIMIT ?")
                    .bind(integer(most as u64))
                    .fetch_all(&mut *connection)
                    .await
                    .map_err(unread)?;
            let recorded = rows.into_iter().map(|(id,)| digest(&id));
            let pack: Option<(Vec<u8>, i64)> =
                sqlx::query_as("SELECT bytes, size FROM packs ORDER BY pack DESC LIMIT 1")
                    .fetch_optional(&mut *connection)
                    .await
                    .map_err(unread)?;
            let whole = pack.and_then(|(bytes, size)| pack::unpack(&bytes, size));
            let kept = whole.iter().flat_map(|whole| pack::packed(whole));
            let kept: Vec<_> = kept.map(|packed| Ok(Digest::of(packed.decision))).collect();
            recorded.chain(kept.into_iter().rev().take(most)).collect()
        })
    }

    /// The facts of a decision, in their canonical form. Errors: `not-found`, and `store-invalid` where
    /// they were changed.
    pub fn facts(&self, leaf: &Leaf) -> Result<Vec<u8>, GateError> {
        let (id, facts) = (leaf.decision, leaf.facts);
        self.run(move |mut connection| async move {
            match kept(&mut connection, id).await? {
                Some(kept) if Digest::of(&kept.facts) == facts => Ok(kept.facts),
                // A decision may be kept and recorded with facts in either place.
                Some(_) | None => blob(&mut connection, facts).await,
            }
        })
    }

    /// Bytes by their digest. Errors: `not-found`.
    pub fn blob(&self, digest: Digest) -> Result<Vec<u8>, GateError> {
        self.run(move |mut connection| async move { blob(&mut connection, digest).await })
    }

    /// Evidence that was uploaded for a subject.
    pub fn uploads(&self, subject: Digest) -> Result<Vec<Evidence>, GateError> {
        self.run(move |mut connection| async move {
            let rows: Vec<(Vec<u8>, String)> = sqlx::query_as(
                "SELECT bytes, uploader FROM uploads JOIN blobs USING (digest)
                 WHERE subject = ? ORDER BY digest",
            )
            .bind(subject.as_bytes().as_slice())
            .fetch_all(&mut *connection)
            .await
            .map_err(unread)?;
            let evidence = |(bytes, by)| Evidence::new(bytes, Origin::Uploaded { by });
            Ok(rows.into_iter().map(evidence).collect())
        })
    }

    /// Subjects that evidence was uploaded for, at most so many.
    pub(super) fn subjects(&self, most: usize) -> Result<HashSet<Digest>, GateError> {
        let most = integer(most as u64);
        self.run(move |mut connection| async move {
            let rows: Vec<(Vec<u8>,)> =
                sqlx::query_as("SELECT DISTINCT subject FROM uploads LIMIT ?")
                    .bind(most)
                    .fetch_all(&mut *connection)
                    .await
                    .map_err(unread)?;
            rows.into_iter().map(|(subject,)| digest(&subject)).collect()
        })
    }

    /// The last signed checkpoint; `None` for a ledger without leaves.
    pub fn checkpoint(&self) -> Result<Option<String>, GateError> {
        self.run(|mut connection| async move { last_checkpoint(&mut connection).await })
    }

    /// The receipt that a request was answered with, and the digest of the request's body.
    pub fn idempotent(
        &self,
        requester: &str,
        key: &str,
    ) -> Result<Option<(Digest, Receipt)>, GateError> {
        let Some((body, position)) = self.answered(requester, key)? else { return Ok(None) };
        Ok(Some((body, self.receipt_at(position)?)))
    }

    pub(super) fn answered(
        &self,
        requester: &str,
        key: &str,
    ) -> Result<Option<(Digest, i64)>, GateError> {
        let (requester, key) = (requester.to_owned(), key.to_owned());
        self.run(move |mut connection| async move {
            let row: Option<(Vec<u8>, i64)> = sqlx::query_as(
                "SELECT body, leaf FROM idempotency WHERE requester = ? AND key = ?",
            )
            .bind(requester)
            .bind(key)
            .fetch_optional(&mut *connection)
            .await
            .map_err(unread)?;
            row.map(|(body, leaf)| Ok((digest(&body)?, leaf))).transpose()
        })
    }

    pub(super) fn receipt_at(&self, position: i64) -> Result<Receipt, GateError> {
        self.run(move |mut connection| async move { receipt(&mut connection, position).await })
    }

    /// Ends all reading.
    pub(super) fn close(&self) {
        let pool = self.pool.clone();
        let closed = self.engine.run(async move {
            pool.close().await;
            Ok(())
        });
        if let Err(error) = closed {
            tracing::warn!(error = %error, "the store's readers were not closed");
        }
    }

    /// Does a read on one connection of the pool and blocks for it.
    pub(super) fn run<T, F, W>(&self, work: W) -> Result<T, GateError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, GateError>> + Send + 'static,
        W: FnOnce(sqlx::pool::PoolConnection<sqlx::Sqlite>) -> F + Send + 'static,
    {
        let pool = self.pool.clone();
        self.engine.run(async move { work(pool.acquire().await.map_err(unread)?).await })
    }
}

/// The leaf of a recorded decision and its place.
async fn find(
    connection: &mut SqliteConnection,
    id: Digest,
) -> Result<Option<(Leaf, i64)>, GateError> {
    let recorded: Option<(Vec<u8>, i64)> = sqlx::query_as(
        "SELECT bytes, position FROM leaves JOIN decisions ON leaf = position
         WHERE id = ? ORDER BY position LIMIT 1",
    )
    .bind(id.as_bytes().as_slice())
    .fetch_optional(&mut *connection)
    .await
    .map_err(unread)?;
    recorded.map(|(leaf, position)| Ok((read("leaf", &leaf)?, position))).transpose()
}

/// The parts of a decision that is kept outside the ledger, as they were stored.
struct Kept {
    leaf: Vec<u8>,
    decision: Vec<u8>,
    facts: Vec<u8>,
}

async fn kept(connection: &mut SqliteConnection, id: Digest) -> Result<Option<Kept>, GateError> {
    let row: Option<(Vec<u8>, i64, i64)> =
        sqlx::query_as("SELECT bytes, size, place FROM kept JOIN packs USING (pack) WHERE id = ?")
            .bind(id.as_bytes().as_slice())
            .fetch_optional(connection)
            .await
            .map_err(unread)?;
    let Some((bytes, size, place)) = row else { return Ok(None) };
    let whole = pack::unpack(&bytes, size);
    let found = usize::try_from(place).ok().zip(whole.as_deref());
    let found = found.and_then(|(place, whole)| pack::packed(whole).nth(place));
    let found = found.ok_or_else(|| {
        GateError::new(ErrorCode::StoreInvalid, format!("the row of decision {id} is damaged"))
    })?;
    Ok(Some(Kept {
        leaf: found.leaf.to_vec(),
        decision: found.decision.to_vec(),
        facts: found.facts.to_vec(),
    }))
}

/// A receipt, put together from what the ledger holds: the same bytes at each asking, since nodes
/// left of a checkpoint's edge never change.
async fn receipt(connection: &mut SqliteConnection, position: i64) -> Result<Receipt, GateError> {
    let (leaf, size, note): (Vec<u8>, i64, String) = sqlx::query_as(
        "SELECT bytes, size, note FROM leaves JOIN checkpoints ON checkpoint = size
         WHERE position = ?",
    )
    .bind(position)
    .fetch_optional(&mut *connection)
    .await
    .map_err(unread)?
    .ok_or_else(|| absent(&format!("leaf {position}")))?;
    let damaged = || GateError::new(ErrorCode::StoreInvalid, format!("leaf {position} is damaged"));
    let index = u64::try_from(position).map_err(|_| damaged())?;
    let size = u64::try_from(size).ok().filter(|size| index < *size).ok_or_else(damaged)?;
    let nodes = nodes(connection, needed_for_inclusion(index, size)).await?;
    let path = inclusion_proof(&nodes, index, size).map_err(|error| damaged().caused_by(error))?;
    let names: Leaf = read("leaf", &leaf)?;
    let attestation = names.attestation.ok_or_else(damaged)?;
    Ok(Receipt {
        version: 1,
        id: names.decision,
        decision: read("decision", &blob(connection, names.decision).await?)?,
        attestation: read("attestation", &blob(connection, attestation).await?)?,
        leaf: read("leaf", &leaf)?,
        proof: TlogProof { index, path, checkpoint: note }.to_string(),
    })
}

/// The tree's right edge.
pub(super) async fn frontier(connection: &mut SqliteConnection) -> Result<Frontier, GateError> {
    let (count, last): (i64, Option<i64>) =
        sqlx::query_as("SELECT count(*), max(position) FROM leaves")
            .fetch_one(&mut *connection)
            .await
            .map_err(unread)?;
    let invalid = || GateError::new(ErrorCode::StoreInvalid, "the ledger's leaves have a gap");
    if last.map_or(0, |last| last.saturating_add(1)) != count {
        return Err(invalid());
    }
    let size = u64::try_from(count).map_err(|_| invalid())?;
    let nodes = nodes(connection, Frontier::needed(size)).await?;
    Frontier::read(&nodes, size).map_err(|error| invalid().caused_by(error))
}

pub(super) async fn last_checkpoint(
    connection: &mut SqliteConnection,
) -> Result<Option<String>, GateError> {
    sqlx::query_scalar("SELECT note FROM checkpoints ORDER BY size DESC LIMIT 1")
        .fetch_optional(connection)
        .await
        .map_err(unread)
}

async fn nodes(
    connection: &mut SqliteConnection,
    wanted: Vec<Coordinate>,
) -> Result<BTreeMap<Coordinate, Digest>, GateError> {
    let mut found = BTreeMap::new();
    for at in wanted {
        let hash: Option<Vec<u8>> =
            sqlx::query_scalar("SELECT hash FROM nodes WHERE level = ? AND position = ?")
                .bind(i64::from(at.level))
                .bind(integer(at.index))
                .fetch_optional(&mut *connection)
                .await
                .map_err(unread)?;
        if let Some(hash) = hash {
            found.insert(at, digest(&hash)?);
        }
    }
    Ok(found)
}

/// The bytes of a blob, which are what its digest says or nothing.
async fn blob(connection: &mut SqliteConnection, digest: Digest) -> Result<Vec<u8>, GateError> {
    let bytes: Vec<u8> = sqlx::query_scalar("SELECT bytes FROM blobs WHERE digest = ?")
        .bind(digest.as_bytes().as_slice())
        .fetch_optional(connection)
        .await
        .map_err(unread)?
        .ok_or_else(|| absent(&format!("blob {digest}")))?;
    sound("blob", &bytes, digest)?;
    Ok(bytes)
}

/// Stored bytes are those that their digest says.
fn sound(what: &str, bytes: &[u8], digest: Digest) -> Result<(), GateError> {
    if Digest::of(bytes) == digest {
        return Ok(());
    }
    Err(GateError::new(ErrorCode::StoreInvalid, format!("{what} {digest} was changed")))
}

fn read<T: DeserializeOwned>(what: &str, bytes: &[u8]) -> Result<T, GateError> {
    serde_json::from_slice(bytes).map_err(|error| {
        GateError::new(ErrorCode::StoreInvalid, format!("a recorded {what} cannot be read"))
            .caused_by(error)
    })
}

pub(super) fn digest(bytes: &[u8]) -> Result<Digest, GateError> {
    bytes
        .try_into()
        .map(Digest::from_bytes)
        .map_err(|_| GateError::new(ErrorCode::StoreInvalid, "a recorded digest has not 32 bytes"))
}

pub(super) fn unread(error: sqlx::Error) -> GateError {
    let message = "the store cannot be read";
    GateError::new(database::code(&error), message).caused_by(error)
}

fn absent(what: &str) -> GateError {
    GateError::new(ErrorCode::NotFound, format!("there is no {what}"))
}
