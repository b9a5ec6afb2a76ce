//! Promotions, kept decisions and uploads into the rows of one transaction.

use std::collections::HashSet;

use gate_core::Digest;
use gate_core::decision::{Decision, Verdict};
use gate_core::effects::GateError;
use gate_core::limits::{UPLOAD_BYTES_PER_SUBJECT, UPLOADS_PER_SUBJECT};
use gate_core::reason::ErrorCode;
use gate_core::record::Blob;
use sqlx::query_builder::{QueryBuilder, Separated};
use sqlx::sqlite::{Sqlite, SqliteConnection};

use super::commit::{KnownBlobs, NewCheckpoint, Sequenced};
use super::job::{Promotion, Uploaded};
use super::pack::Packs;

/// The rows of one transaction.
pub(super) struct Rows<'a> {
    connection: &'a mut SqliteConnection,
    known: &'a KnownBlobs,
    written: HashSet<Digest>,
}

impl<'a> Rows<'a> {
    pub(super) fn of(connection: &'a mut SqliteConnection, known: &'a KnownBlobs) -> Self {
        Self { connection, known, written: HashSet::new() }
    }

    /// Digests of the blobs that this transaction holds for certain.
    pub(super) fn written(self) -> HashSet<Digest> {
        self.written
    }

    /// Why a promotion is not appended: its request was answered already. A claim prevents that, so
    /// it is a fault, but never one that records a request twice.
    pub(super) async fn refusal(
        &mut self,
        promotion: &Promotion,
        others: &[(usize, &Promotion)],
    ) -> Result<Option<GateError>, sqlx::Error> {
        let Some(request) = &promotion.request else { return Ok(None) };
        let same = |other: &&(usize, &Promotion)| {
            other.1.request.as_ref().is_some_and(|other| {
                (&other.requester, &other.key) == (&request.requester, &request.key)
            })
        };
        let stored: i64 =
            sqlx::query_scalar("SELECT count(*) FROM idempotency WHERE requester = ? AND key = ?")
                .bind(&request.requester)
                .bind(&request.key)
                .fetch_one(&mut *self.connection)
                .await?;
        let answered = stored > 0 || others.iter().any(|other| same(&other));
        Ok(answered
            .then(|| GateError::new(ErrorCode::Internal, "the request was answered already")))
    }

    pub(super) async fn append(
        &mut self,
        checkpoint: &NewCheckpoint,
        promotions: &[(usize, &Promotion)],
        sequenced: &[Sequenced],
    ) -> Result<(), sqlx::Error> {
        sqlx::query("INSERT INTO checkpoints (size, note) VALUES (?, ?)")
            .bind(integer(checkpoint.size))
            .bind(&checkpoint.note)
            .execute(&mut *self.connection)
            .await?;
        self.blobs(promotions.iter().flat_map(|(_, promotion)| &promotion.entry.blobs)).await?;
        let leaves: Vec<_> = promotions
            .iter()
            .zip(sequenced)
            .map(|((_, promotion), sequenced)| (integer(sequenced.recorded.index), *promotion))
            .collect();
        let size = integer(checkpoint.size);
        self.insert("leaves (position, bytes, checkpoint)", "", &leaves, |row, (index, it)| {
            row.push_bind(*index).push_bind(it.leaf.as_slice()).push_bind(size);
        })
        .await?;
        let nodes: Vec<_> = sequenced.iter().flat_map(|sequenced| &sequenced.nodes).collect();
        self.insert("nodes (level, position, hash)", "", &nodes, |row, (at, hash)| {
            row.push_bind(i64::from(at.level))
                .push_bind(integer(at.index))
                .push_bind(hash.as_bytes().as_slice());
        })
        .await?;
        self.decisions(&leaves).await?;
        for (index, promotion) in &leaves {
            self.request(*index, promotion).await?;
        }
        Ok(())
    }

    async fn decisions(&mut self, leaves: &[(i64, &Promotion)]) -> Result<(), sqlx::Error> {
        let columns = "decisions (leaf, id, subject, environment, decided_at, verdict, would_deny, \
                       requester)";
        self.insert(columns, "", leaves, |row, (index, promotion)| {
            let entry = &promotion.entry;
            let columns = Columns::of(&entry.decision);
            row.push_bind(*index)
                .push_bind(entry.leaf.decision.as_bytes().as_slice())
                .push_bind(columns.subject)
                .push_bind(columns.environment)
                .push_bind(columns.decided_at)
                .push_bind(columns.verdict)
                .push_bind(columns.would_deny)
                .push_bind(entry.leaf.asker.requester.as_str());
        })
        .await
    }

    async fn request(&mut self, index: i64, promotion: &Promotion) -> Result<(), sqlx::Error> {
        let Some(request) = &promotion.request else { return Ok(()) };
        sqlx::query("INSERT INTO idempotency (requester, key, body, leaf) VALUES (?, ?, ?, ?)")
            .bind(&request.requester)
            .bind(&request.key)
            .bind(request.body.as_bytes().as_slice())
            .bind(index)
            .execute(&mut *self.connection)
            .await?;
        Ok(())
    }

    /// Keeps decisions outside the ledger; one that is kept already stays as it is.
    pub(super) async fn keep(&mut self, packs: &Packs) -> Result<(), sqlx::Error> {
        self.blobs(&packs.blobs).await?;
        for pack in &packs.packs {
            let row = sqlx::query("INSERT INTO packs (size, bytes) VALUES (?, ?)")
                .bind(integer(pack.size as u64))
                .bind(pack.bytes.as_slice())
                .execute(&mut *self.connection)
                .await?
                .last_insert_rowid();
            let places: Vec<_> = (0i64..).zip(&pack.ids).collect();
            let again = " ON CONFLICT (id) DO NOTHING";
            self.insert("kept (id, pack, place)", again, &places, |columns, (place, id)| {
                columns.push_bind(id.as_bytes().as_slice()).push_bind(row).push_bind(*place);
            })
            .await?;
        }
        Ok(())
    }

    pub(super) async fn upload(
        &mut self,
        subject: Digest,
        bytes: &[u8],
        by: &str,
    ) -> Result<Uploaded, sqlx::Error> {
        let blob = Blob::new(bytes);
        let (same, pieces, sum): (i64, i64, i64) = sqlx::query_as(
            "SELECT count(*) FILTER (WHERE digest = ?2), count(*), coalesce(sum(size), 0)
             FROM uploads WHERE subject = ?1",
        )
        .bind(subject.as_bytes().as_slice())
        .bind(blob.digest.as_bytes().as_slice())
        .fetch_one(&mut *self.connection)
        .await?;
        if same > 0 {
            return Ok(Uploaded::Known);
        }
        let within = |value: i64, limit: usize| usize::try_from(value).is_ok_and(|v| v <= limit);
        let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        if !within(pieces + 1, UPLOADS_PER_SUBJECT)
            || !within(sum.saturating_add(size), UPLOAD_BYTES_PER_SUBJECT)
        {
            return Ok(Uploaded::LimitExceeded);
        }
        self.blobs([&blob]).await?;
        sqlx::query("INSERT INTO uploads (subject, digest, size, uploader) VALUES (?, ?, ?, ?)")
            .bind(subject.as_bytes().as_slice())
            .bind(blob.digest.as_bytes().as_slice())
            .bind(size)
            .bind(by)
            .execute(&mut *self.connection)
            .await?;
        Ok(Uploaded::Kept)
    }

    /// Writes a page that says what it said: an empty transaction would not reach the disk.
    pub(super) async fn touch(&mut self) -> Result<(), sqlx::Error> {
        sqlx::raw_sql(super::database::STAMP).execute(&mut *self.connection).await.map(drop)
    }

    async fn blobs<'b>(
        &mut self,
        blobs: impl IntoIterator<Item = &'b Blob>,
    ) -> Result<(), sqlx::Error> {
        let new: Vec<&Blob> = blobs
            .into_iter()
            .filter(|blob| !self.known.holds(&blob.digest) && self.written.insert(blob.digest))
            .collect();
        let again = " ON CONFLICT (digest) DO NOTHING";
        self.insert("blobs (digest, bytes)", again, &new, |row, blob| {
            row.push_bind(blob.digest.as_bytes().as_slice()).push_bind(blob.bytes.as_ref());
        })
        .await
    }

    /// Inserts rows, many to a statement: each statement is handed to another thread and back, which
    /// costs more than the row that it writes.
    async fn insert<'b, T>(
        &mut self,
        columns: &str,
        conflict: &str,
        rows: &'b [T],
        mut bind: impl FnMut(&mut Separated<'_, Sqlite, &'static str>, &'b T),
    ) -> Result<(), sqlx::Error> {
        let mut rest = rows;
        while !rest.is_empty() {
            // Few lengths, so that few statements are prepared and all of them stay so.
            let fits = |length: &&usize| **length <= rest.len();
            let (some, more) = rest.split_at(*ROWS.iter().find(fits).unwrap_or(&1));
            let mut insert = QueryBuilder::new(format!("INSERT INTO {columns} "));
            insert.push_values(some, |mut row, given| bind(&mut row, given));
            insert.push(conflict);
            insert.build().execute(&mut *self.connection).await?;
            rest = more;
        }
        Ok(())
    }
}

/// How many rows a statement inserts.
const ROWS: [usize; 4] = [64, 16, 4, 1];

/// The columns by which decisions are looked up, as their documents say them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) subject: Vec<u8>,
    pub(super) environment: String,
    pub(super) decided_at: String,
    pub(super) verdict: String,
    pub(super) would_deny: i64,
}

impl Columns {
    pub(super) fn of(decision: &Decision) -> Self {
        Self {
            subject: decision.subject.digest.as_bytes().to_vec(),
            environment: decision.environment.clone(),
            decided_at: decision.now.to_string(),
            verdict: match decision.verdict {
                Verdict::Allow => "allow",
                Verdict::Deny => "deny",
            }
            .to_owned(),
            would_deny: i64::from(decision.would_deny),
        }
    }
}

/// SQLite's integers are signed; a tree that outgrows them does not fit any disk.
pub(super) fn integer(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
