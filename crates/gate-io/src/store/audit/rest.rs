//! What stands outside the tree: kept decisions, answered requests, uploads, and blobs that no leaf
//! names. Their own digests are all that proves them.

use std::collections::BTreeMap;

use gate_core::Digest;
use gate_core::record::Leaf;

use super::{Audit, AuditError, fault, same};
use crate::store::pack::{packed, unpack};

/// Rows that are fetched at a time.
const PAGE: i64 = 64;

impl Audit<'_> {
    /// Kept decisions hash to their ids and name what is there.
    pub(super) async fn kept(&mut self) -> Result<u64, AuditError> {
        let (mut after, mut count) = (i64::MIN, 0);
        loop {
            let row: Option<(i64, i64, Vec<u8>)> = sqlx::query_as(
                "SELECT pack, size, bytes FROM packs WHERE pack > ? ORDER BY pack LIMIT 1",
            )
            .bind(after)
            .fetch_optional(&mut *self.connection)
            .await?;
            let Some((pack, size, bytes)) = row else { break };
            after = pack;
            count += self.pack(pack, size, &bytes).await?;
        }
        let stray: Option<Vec<u8>> = sqlx::query_scalar(
            "SELECT id FROM kept WHERE pack NOT IN (SELECT pack FROM packs) LIMIT 1",
        )
        .fetch_optional(&mut *self.connection)
        .await?;
        match stray {
            None => Ok(count),
            Some(id) => {
                let place = format!("kept decision {}", hex::encode(id));
                Err(fault("kept.pack", place, "a pack", "no such row").into())
            }
        }
    }

    /// The decisions of one row, each found under its id and at its place.
    async fn pack(&mut self, pack: i64, size: i64, bytes: &[u8]) -> Result<u64, AuditError> {
        let place = format!("pack {pack} of kept decisions");
        let damaged = || fault("packs.bytes", place.as_str(), "decisions", "damaged bytes");
        let whole = unpack(bytes, size).ok_or_else(damaged)?;
        let mut named: BTreeMap<i64, Vec<u8>> =
            sqlx::query_as::<_, (i64, Vec<u8>)>("SELECT place, id FROM kept WHERE pack = ?")
                .bind(pack)
                .fetch_all(&mut *self.connection)
                .await?
                .into_iter()
                .collect();
        let (mut read, mut count) = (0, 0);
        for (at, packed) in (0i64..).zip(packed(&whole)) {
            read += 12 + packed.leaf.len() + packed.decision.len() + packed.facts.len();
            let id = Digest::of(packed.decision);
            let place = format!("kept decision {id}");
            let Some(named) = named.remove(&at) else {
                // The same decision may have been packed again; the first row counts.
                self.kept_elsewhere(id, &place).await?;
                continue;
            };
            same("kept.id", &place, id.to_hex(), hex::encode(named))?;
            let leaf: Leaf = serde_json::from_slice(packed.leaf)
                .map_err(|error| fault("packs.bytes", place.as_str(), "a leaf", error))?;
            same("packs.bytes", &place, leaf.decision, id)?;
            same(
                "packs.bytes",
                &format!("the facts of {place}"),
                leaf.facts,
                Digest::of(packed.facts),
            )?;
            self.belongs(&leaf, packed.decision, &place).await?;
            count += 1;
        }
        if read != whole.len() {
            return Err(damaged().into());
        }
        match named.into_iter().next() {
            None => Ok(count),
            Some((at, id)) => {
                let place = format!("kept decision {}", hex::encode(id));
                Err(fault("kept.place", place, "a place in its pack", at).into())
            }
        }
    }

    async fn kept_elsewhere(&mut self, id: Digest, place: &str) -> Result<(), AuditError> {
        let known: i64 = sqlx::query_scalar("SELECT count(*) FROM kept WHERE id = ?")
            .bind(id.as_bytes().as_slice())
            .fetch_one(&mut *self.connection)
            .await?;
        Ok(same(
            "kept.id",
            place,
            id.to_hex(),
            if known > 0 { id.to_hex() } else { String::new() },
        )?)
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
