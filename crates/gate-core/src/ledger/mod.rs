//! The ledger: an RFC 6962 tree over leaves, C2SP checkpoints and proofs, and the check of a receipt.
//! Pure: the store keeps the nodes and hands them in.

mod checkpoint;
mod note;
mod proof;
mod receipt;
mod tlog_proof;
mod tree;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod vector_tests;

pub use checkpoint::{Checkpoint, CheckpointError};
pub use note::{NoteError, VerifierKey, VerifierKeyError, open_note, sign_note};
pub use proof::{ProofError, verify_consistency, verify_inclusion};
pub use receipt::{ReceiptError, verify_receipt};
pub use tlog_proof::{TlogProof, TlogProofError};
pub use tree::{
    Coordinate, Frontier, MissingNode, Nodes, consistency_proof, empty_root, inclusion_proof,
    leaf_hash, needed_for_consistency, needed_for_inclusion, node_hash, root,
};
