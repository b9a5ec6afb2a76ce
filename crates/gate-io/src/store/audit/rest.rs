//! What stands outside the tree: kept decisions, answered requests, uploads, and blobs that no leaf
//! names. Their own digests are all that proves them.

use gate_core::Digest;
use gate_core::record::Leaf;

use super::{Audit, AuditError, fault, same};

/// Rows that are fetched at a time.
const PAGE: i64 = 64;

impl Audit<'_> {
    /// Kept decisions hash to their ids and name what is there.
    pub(super) async fn kept(&mut self) -> Result<u64, AuditError> {
        let mut after = vec![];
        let mut count = 0;
        loop {
            let rows: Vec<(Vec<u8>, Vec<u8>)> =
                sqlx::query_as("SELECT id, leaf FROM kept WHERE id > ? ORDER BY id LIMIT ?")
                    .bind(&after)
                    .bind(PAGE)
                    .fetch_all(&mut *self.connection)
                    .await?;
            let Some((last, _)) = rows.last() else { return Ok(count) };
            after.clone_from(last);
            for (id, leaf) in &rows {
                let place = format!("kept decision {}", hex::encode(id));
                let leaf: Leaf = serde_json::from_slice(leaf)
                    .map_err(|error| fault("kept.leaf", place.as_str(), "a leaf", error))?;
                same("kept.id", &place, leaf.decision.to_hex(), hex::encode(id))?;
                self.documents(&leaf, &place).await?;
                count += 1;
            }
        }
    }

    /// Answered requests name a leaf of their requester. Their keys and bodies are proven by nothing.
    pub(super) async fn requests(&mut self) -> Result<(), AuditError> {
        let stray: Option<(String, String, i64, Option<String>)> = sqlx::query_as(
            "SELECT i.requester, i.key, i.leaf, d.requester FROM idempotency AS i
             LEFT JOIN decisions AS d ON d.leaf = i.leaf
             WHERE d.requester IS NOT i.requester LIMIT 1",
        )
        .fetch_optional(&mut *self.connection)
        .await?;
        let Some((requester, key, leaf, expected)) = stray else { return Ok(()) };
        let place = format!("request `{key}` of leaf {leaf}");
        let Some(expected) = expected else {
            return Err(fault("idempotency.leaf", place, "a leaf", leaf).into());
        };
        Ok(same("idempotency.requester", &place, expected, requester)?)
    }

    /// Uploads name blobs that are there and as long as is said.
    pub(super) async fn uploads(&mut self) -> Result<(), AuditError> {
        let mut after = (vec![], vec![]);
        loop {
            let rows: Vec<(Vec<u8>, Vec<u8>, i64)> = sqlx::query_as(
                "SELECT subject, digest, size FROM uploads WHERE (subject, digest) > (?, ?)
                 ORDER BY subject, digest LIMIT ?",
            )
            .bind(&after.0)
            .bind(&after.1)
            .bind(PAGE)
            .fetch_all(&mut *self.connection)
            .await?;
            let Some((subject, digest, _)) = rows.last() else { return Ok(()) };
            after = (subject.clone(), digest.clone());
            for (subject, digest, size) in &rows {
                let place = format!("an upload for subject {}", hex::encode(subject));
                let digest =
                    digest.as_slice().try_into().map(Digest::from_bytes).map_err(|_| {
                        fault("uploads.digest", place.as_str(), "32 bytes", hex::encode(digest))
                    })?;
                let bytes = self.bytes(digest, "bytes", &place).await?;
                same("uploads.size", &place, bytes.len(), size)?;
            }
        }
    }

    /// Every other blob hashes to its digest, named or not.
    pub(super) async fn other_blobs(&mut self) -> Result<u64, AuditError> {
        let mut after = 0;
        let mut count = 0;
        loop {
            let rows: Vec<(i64, Vec<u8>)> = sqlx::query_as(
                "SELECT rowid, digest FROM blobs WHERE rowid > ? ORDER BY rowid LIMIT ?",
            )
            .bind(after)
            .bind(PAGE)
            .fetch_all(&mut *self.connection)
            .await?;
            let Some((last, _)) = rows.last() else { return Ok(count) };
            after = *last;
            for (row, digest) in &rows {
                let place = format!("row {row}");
                let digest =
                    digest.as_slice().try_into().map(Digest::from_bytes).map_err(|_| {
                        fault("blobs.digest", place.as_str(), "32 bytes", hex::encode(digest))
                    })?;
                self.blob(digest, "bytes", &place).await?;
                count += 1;
            }
        }
    }

    /// The file itself: an index that was changed would hide rows that the walk over tables finds.
    pub(super) async fn file(&mut self) -> Result<(), AuditError> {
        let told: String = sqlx::query_scalar("PRAGMA integrity_check(1)")
            .fetch_one(&mut *self.connection)
            .await?;
        Ok(same("file", "the database", "ok", told)?)
    }
}
