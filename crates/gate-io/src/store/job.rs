//! What the writer is asked to do, and how each asker hears of it.

use std::sync::Arc;
use std::sync::mpsc::SyncSender;

use gate_core::Digest;
use gate_core::effects::GateError;
use gate_core::record::{Entry, Recorded};

use super::Idempotency;
use super::pack::Packs;

/// Where the answer goes. Its channel has room for one, so that the writer never waits.
type Answer<T> = SyncSender<Result<T, GateError>>;

/// What became of an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Uploaded {
    /// It is kept now.
    Kept,
    /// These bytes were kept for the subject already.
    Known,
    /// It would exceed the bytes or pieces that are kept for one subject.
    LimitExceeded,
}

/// A promotion that is ready to be appended.
pub(super) struct Promotion {
    /// The leaf's RFC 8785 bytes.
    pub(super) leaf: Vec<u8>,
    /// Its hash in the tree.
    pub(super) hash: Digest,
    /// The entry.
    pub(super) entry: Entry,
    /// The request that it answers.
    pub(super) request: Option<Idempotency>,
}

/// One piece of work.
pub(super) enum Work {
    /// Append a leaf.
    Promote { promotion: Box<Promotion>, answer: Answer<Recorded> },
    /// Keep decisions outside the ledger.
    Keep { packs: Packs, answer: Answer<()> },
    /// Keep an upload.
    Upload { subject: Digest, bytes: Arc<[u8]>, by: String, answer: Answer<Uploaded> },
    /// Write nothing, but show that the store can write.
    Probe { answer: Answer<()> },
}

/// Work on its way to the writer.
pub(super) struct Job {
    pub(super) work: Work,
}

impl From<Work> for Job {
    fn from(work: Work) -> Self {
        Self { work }
    }
}

impl Job {
    /// How many bytes it may add to a commit.
    pub(super) fn bytes(&self) -> usize {
        let entry = |entry: &Entry| entry.blobs.iter().map(|blob| blob.bytes.len()).sum::<usize>();
        match &self.work {
            Work::Promote { promotion, .. } => entry(&promotion.entry),
            Work::Keep { packs, .. } => {
                let packed = packs.packs.iter().map(|pack| pack.bytes.len());
                let beside = packs.blobs.iter().map(|blob| blob.bytes.len());
                packed.chain(beside).sum()
            }
            Work::Upload { bytes, .. } => bytes.len(),
            Work::Probe { .. } => 0,
        }
    }

    /// Tells the asker that nothing of it was written.
    pub(super) fn fail(self, error: GateError) {
        // An asker that has gone needs no answer.
        match self.work {
            Work::Promote { answer, .. } => drop(answer.send(Err(error))),
            Work::Keep { answer, .. } | Work::Probe { answer } => drop(answer.send(Err(error))),
            Work::Upload { answer, .. } => drop(answer.send(Err(error))),
        }
    }
}
