//! The tree: leaves between two checkpoints are hashed, and the root that they lead to is compared
//! with the signed one. What leads to a signed root is what was recorded; nodes are compared with it.

use gate_core::Digest;
use gate_core::ledger::{Checkpoint, Coordinate, Frontier, VerifierKey, leaf_hash};

use super::{Audit, AuditError, fault, same};
use crate::store::rows::integer;

/// A tree that holds.
pub(super) struct AuditedTree {
    pub(super) leaves: u64,
    pub(super) checkpoints: u64,
    pub(super) root: Digest,
}

/// Rows that are fetched at a time.
const PAGE: i64 = 256;

impl Audit<'_> {
    pub(super) async fn tree(
        &mut self,
        key: &VerifierKey,
        against: Option<Checkpoint>,
    ) -> Result<AuditedTree, AuditError> {
        let mut walk = Walk { frontier: Frontier::default(), against };
        walk.compare()?;
        let mut checkpoints = 0;
        while let Some((size, note)) = self.checkpoint_after(walk.frontier.size()).await? {
            let place = format!("checkpoint {size}");
            let checkpoint = Checkpoint::open(&note, key).map_err(|error| {
                let error = std::error::Error::source(&error)
                    .map_or_else(|| error.to_string(), ToString::to_string);
                fault("checkpoints.note", place.as_str(), "a note by the ledger key", error)
            })?;
            same("checkpoints.size", &place, checkpoint.size, size)?;
            self.segment(&mut walk, &checkpoint).await?;
            checkpoints += 1;
        }
        self.nothing_beyond(&walk).await?;
        Ok(AuditedTree { leaves: walk.frontier.size(), checkpoints, root: walk.frontier.root() })
    }

    async fn checkpoint_after(&mut self, size: u64) -> Result<Option<(i64, String)>, AuditError> {
        Ok(sqlx::query_as(
            "SELECT size, note FROM checkpoints WHERE size > ? ORDER BY size LIMIT 1",
        )
        .bind(integer(size))
        .fetch_optional(&mut *self.connection)
        .await?)
    }

    /// The leaves up to a checkpoint: first their hashes, then what they name.
    async fn segment(&mut self, walk: &mut Walk, end: &Checkpoint) -> Result<(), AuditError> {
        let first = walk.frontier.size();
        let mut nodes = vec![];
        while walk.frontier.size() < end.size {
            for (position, bytes, checkpoint) in self.leaves(walk.frontier.size(), end.size).await?
            {
                let expected = walk.frontier.size();
                let place = format!("leaf {expected}");
                same("leaves.position", &place, expected, position)?;
                nodes.extend(walk.frontier.push(leaf_hash(&bytes)));
                walk.compare()?;
                same("leaves.checkpoint", &place, end.size, checkpoint)?;
            }
        }
        if walk.frontier.root() != end.root {
            return Err(self.changed_leaf(first, end, &nodes).await?);
        }
        for (at, hash) in nodes {
            let place = format!("node {} of level {}", at.index, at.level);
            let stored = self.node(at).await?;
            let found = stored.map_or_else(|| "no such row".to_owned(), |hash| hash.to_string());
            same("nodes.hash", &place, hash, found)?;
        }
        self.contents(first, end.size).await
    }

    /// Some leaves from `start` on; none is a fault.
    async fn leaves(
        &mut self,
        start: u64,
        end: u64,
    ) -> Result<Vec<(i64, Vec<u8>, i64)>, AuditError> {
        let rows: Vec<_> = sqlx::query_as(
            "SELECT position, bytes, checkpoint FROM leaves
             WHERE position >= ? AND position < ? ORDER BY position LIMIT ?",
        )
        .bind(integer(start))
        .bind(integer(end))
        .bind(PAGE)
        .fetch_all(&mut *self.connection)
        .await?;
        if rows.is_empty() {
            let place = format!("leaf {start}");
            return Err(fault("leaves.position", place, start, "no such row").into());
        }
        Ok(rows)
    }

    /// Which leaf of a segment leads to another root: the one whose hash is not its stored node.
    /// Where both were changed alike, the segment is all that can be named.
    async fn changed_leaf(
        &mut self,
        first: u64,
        end: &Checkpoint,
        nodes: &[(Coordinate, Digest)],
    ) -> Result<AuditError, AuditError> {
        for (at, hash) in nodes.iter().filter(|(at, _)| at.level == 0) {
            if let Some(stored) = self.node(*at).await?.filter(|stored| stored != hash) {
                let place = format!("leaf {}", at.index);
                return Ok(fault("leaves.bytes", place, stored, hash).into());
            }
        }
        let place = format!("leaves {first} to {}", end.size - 1);
        let found = nodes.last().map_or(end.root, |(_, hash)| *hash);
        let expected = format!("root {}", end.root);
        Ok(fault("leaves.bytes", place, expected, format!("last node {found}")).into())
    }

    async fn node(&mut self, at: Coordinate) -> Result<Option<Digest>, AuditError> {
        let hash: Option<Vec<u8>> =
            sqlx::query_scalar("SELECT hash FROM nodes WHERE level = ? AND position = ?")
                .bind(i64::from(at.level))
                .bind(integer(at.index))
                .fetch_optional(&mut *self.connection)
                .await?;
        Ok(hash.and_then(|hash| hash.as_slice().try_into().ok()).map(Digest::from_bytes))
    }

    /// No leaf, node or decision lies beyond the last checkpoint, and the ledger is as long as the
    /// checkpoint to compare with.
    async fn nothing_beyond(&mut self, walk: &Walk) -> Result<(), AuditError> {
        let size = walk.frontier.size();
        // A perfect subtree over every pair, and none over the odd ends.
        let nodes = 2 * size - u64::from(size.count_ones());
        let (leaves, decisions, stored): (i64, i64, i64) = sqlx::query_as(
            "SELECT (SELECT count(*) FROM leaves), (SELECT count(*) FROM decisions),
             (SELECT count(*) FROM nodes)",
        )
        .fetch_one(&mut *self.connection)
        .await?;
        let place = format!("the ledger of {size} leaves that its last checkpoint signs");
        same("leaves.position", &place, format!("{size} rows"), format!("{leaves} rows"))?;
        same("decisions.leaf", &place, format!("{size} rows"), format!("{decisions} rows"))?;
        same("nodes.position", &place, format!("{nodes} rows"), format!("{stored} rows"))?;
        match &walk.against {
            Some(against) if against.size > size => Err(fault(
                "leaves.position",
                "the ledger that the given checkpoint signs",
                format!("{} leaves", against.size),
                format!("{size} leaves"),
            )
            .into()),
            _ => Ok(()),
        }
    }
}

/// The tree so far, and the checkpoint that it must pass through.
struct Walk {
    frontier: Frontier,
    against: Option<Checkpoint>,
}

impl Walk {
    fn compare(&self) -> Result<(), AuditError> {
        match &self.against {
            Some(against) if against.size == self.frontier.size() => Ok(same(
                "leaves.bytes",
                &format!("the first {} leaves, which the given checkpoint signs", against.size),
                format!("root {}", against.root),
                format!("root {}", self.frontier.root()),
            )?),
            _ => Ok(()),
        }
    }
}
