//! The store as the recorder of the spine.

use gate_core::effects::{GateError, Recorder};
use gate_core::ledger::leaf_hash;
use gate_core::record::{Entry, Recorded};
use gate_core::spine::leaf_bytes;

use super::job::{Promotion, Work};
use super::{Claim, Store};

/// Appends promotions to the ledger and returns once they are on disk.
pub struct StoreRecorder<'a> {
    pub(super) store: &'a Store,
    pub(super) claim: Option<&'a Claim<'a>>,
}

impl Recorder for StoreRecorder<'_> {
    fn record(&self, entry: Entry) -> Result<Recorded, GateError> {
        // Hashed here, on the caller's thread: the writer is one for all.
        let leaf = leaf_bytes(&entry.leaf)?;
        let promotion = Promotion {
            hash: leaf_hash(&leaf),
            leaf,
            entry,
            request: self.claim.map(|claim| claim.request().clone()),
        };
        self.store.submit(|answer| Work::Promote { promotion: Box::new(promotion), answer })
    }

    fn ready(&self) -> Result<(), GateError> {
        self.store.ready()
    }
}
