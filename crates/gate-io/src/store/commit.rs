//! One commit: jobs into rows, a new checkpoint, and the answers that leave once it is on disk.
//!
//! Everything of a group is one transaction, so a crash at any moment leaves either none of it or all
//! of it, and SQLite's write-ahead log decides which when the file is next opened:
//! - killed before COMMIT returns: the group may be absent; no answer has left.
//! - killed after COMMIT, before the answers: the group is there; a caller who asks again with its
//!   idempotency key gets the receipt that it missed.
//!
//! The checkpoint is signed before the commit, since it is part of it. One whose commit fails has been
//! seen by nobody and is dropped with this function's memory, so no two checkpoints of one size leave.

use std::collections::{BTreeMap, HashSet};

use gate_core::Digest;
use gate_core::effects::GateError;
use gate_core::ledger::{Checkpoint, Coordinate, Frontier, TlogProof, inclusion_proof};
use gate_core::reason::ErrorCode;
use gate_core::record::Recorded;
use sqlx::Connection as _;

use super::job::{Job, Promotion, Uploaded, Work};
use super::rows::Rows;
use super::writer::Open;
use crate::keys::LedgerKey;

/// What a job hears after the commit.
pub(super) enum Answer {
    Recorded(Recorded),
    Done,
    Upload(Uploaded),
    Refused(GateError),
}

/// Digests of blobs that are in the file for certain, so that the policy and configuration that every
/// decision shares are not written each time. Bounded: when full it starts anew.
#[derive(Default)]
pub(super) struct KnownBlobs(HashSet<Digest>);

const KNOWN_BLOBS: usize = 65_536;

impl KnownBlobs {
    pub(super) fn forget(&mut self) {
        self.0.clear();
    }

    pub(super) fn holds(&self, digest: &Digest) -> bool {
        self.0.contains(digest)
    }

    fn learn(&mut self, digests: HashSet<Digest>) {
        if self.0.len() + digests.len() > KNOWN_BLOBS {
            self.0.clear();
        }
        self.0.extend(digests);
    }
}

/// Writes a group in one transaction. After an error nothing of it counts, and `open` must be read
/// again.
pub(super) async fn commit(
    open: &mut Open,
    group: &[Job],
    key: &LedgerKey,
    known: &mut KnownBlobs,
) -> Result<Vec<Answer>, GateError> {
    let mut frontier = open.frontier.clone();
    let mut transaction = open.connection.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
    let mut rows = Rows::of(&mut transaction, known);
    let mut answers = vec![];
    let mut promotions = vec![];
    for job in group {
        answers.push(match &job.work {
            Work::Promote { promotion, .. } => {
                let refusal = rows.refusal(promotion, &promotions).await.map_err(failed)?;
                if refusal.is_none() {
                    promotions.push((answers.len(), promotion.as_ref()));
                }
                refusal.map_or(Answer::Done, Answer::Refused)
            }
            Work::Keep { packs, .. } => {
                rows.keep(packs).await.map_err(failed)?;
                Answer::Done
            }
            Work::Upload { subject, bytes, by, .. } => {
                Answer::Upload(rows.upload(*subject, bytes, by).await.map_err(failed)?)
            }
            Work::Probe { .. } => {
                rows.touch().await.map_err(failed)?;
                Answer::Done
            }
        });
    }
    if !promotions.is_empty() {
        let (checkpoint, recorded) = sequence(&mut frontier, &promotions, key)?;
        rows.append(&checkpoint, &promotions, &recorded).await.map_err(failed)?;
        for ((at, _), sequenced) in promotions.iter().zip(recorded) {
            answers[*at] = Answer::Recorded(sequenced.recorded);
        }
    }
    let written = rows.written();
    transaction.commit().await.map_err(failed)?;
    // Only now: a tree that is ahead of the file would sign what does not exist.
    open.frontier = frontier;
    known.learn(written);
    Ok(answers)
}

/// Sends each job its answer.
pub(super) fn answer(group: Vec<Job>, answers: Vec<Answer>) {
    for (job, answer) in group.into_iter().zip(answers) {
        // An asker that has gone needs no answer; the arms that do not fit cannot be reached, and
        // dropping the channel tells the asker that the writer failed it.
        match (job.work, answer) {
            (Work::Promote { answer, .. }, Answer::Recorded(recorded)) => {
                drop(answer.send(Ok(recorded)));
            }
            (Work::Promote { answer, .. }, Answer::Refused(error)) => drop(answer.send(Err(error))),
            (Work::Keep { answer, .. } | Work::Probe { answer }, Answer::Done) => {
                drop(answer.send(Ok(())));
            }
            (Work::Upload { answer, .. }, Answer::Upload(uploaded)) => {
                drop(answer.send(Ok(uploaded)));
            }
            _ => {}
        }
    }
}

/// A leaf with its place, and the nodes that it completed.
pub(super) struct Sequenced {
    pub(super) recorded: Recorded,
    pub(super) nodes: Vec<(Coordinate, Digest)>,
}

/// Gives promotions their places, signs the tree that they end, and proves each of them in it.
fn sequence(
    frontier: &mut Frontier,
    promotions: &[(usize, &Promotion)],
    key: &LedgerKey,
) -> Result<(NewCheckpoint, Vec<Sequenced>), GateError> {
    let broken = |error| GateError::new(ErrorCode::Internal, "the tree has a gap").caused_by(error);
    let mut nodes = BTreeMap::new();
    for at in Frontier::needed(frontier.size()) {
        use gate_core::ledger::Nodes as _;
        nodes.insert(at, frontier.node(at).map_err(broken)?);
    }
    let first = frontier.size();
    let mut completed: Vec<_> =
        promotions.iter().map(|(_, promotion)| frontier.push(promotion.hash)).collect();
    nodes.extend(completed.iter().flatten().copied());
    let size = frontier.size();
    let checkpoint =
        Checkpoint { origin: key.verifier().name().to_owned(), size, root: frontier.root() };
    let note = checkpoint.sign(key.verifier(), key)?;
    let mut sequenced = vec![];
    for ((index, (_, promotion)), nodes_of_leaf) in
        (first..).zip(promotions).zip(completed.drain(..))
    {
        let path = inclusion_proof(&nodes, index, size).map_err(broken)?;
        let proof = TlogProof { index, path, checkpoint: note.clone() };
        let recorded = Recorded { index, leaf: promotion.leaf.clone(), proof: proof.to_string() };
        sequenced.push(Sequenced { recorded, nodes: nodes_of_leaf });
    }
    Ok((NewCheckpoint { size, note }, sequenced))
}

/// The tree head that a commit ends in.
pub(super) struct NewCheckpoint {
    pub(super) size: u64,
    pub(super) note: String,
}

pub(super) fn failed(error: sqlx::Error) -> GateError {
    GateError::new(ErrorCode::RecordFailed, "the store did not take the record").caused_by(error)
}
