//! The proof of inclusion as text, `c2sp.org/tlog-proof@v1`: index, path and signed checkpoint.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::checkpoint::{Checkpoint, CheckpointError, decimal, hash};
use super::note::VerifierKey;
use super::proof::{ProofError, verify_inclusion};
use super::tree::leaf_hash;
use crate::Digest;

const HEADER: &str = "c2sp.org/tlog-proof@v1";
/// A path has one hash a level, and a tree no more than 64.
const PATH: usize = 64;

/// Where a leaf stands in a ledger, unverified until [`TlogProof::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlogProof {
    /// Index of the leaf.
    pub index: u64,
    /// Hashes from the leaf's sibling to the root's child.
    pub path: Vec<Digest>,
    /// The signed checkpoint, as the ledger wrote it.
    pub checkpoint: String,
}

/// Why a proof is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlogProofError {
    /// The text has another form.
    #[error("this is no tlog-proof: {0}")]
    Form(&'static str),
    /// Its checkpoint is not accepted.
    #[error("the checkpoint in the proof is not accepted")]
    Checkpoint(#[from] CheckpointError),
    /// The leaf is not in the tree of the checkpoint.
    #[error("the leaf is not proven to stand in the ledger")]
    Inclusion(#[from] ProofError),
}

impl TlogProof {
    /// Checks that the ledger of this key holds the leaf; returns the checkpoint that says so.
    pub fn verify(&self, leaf: &[u8], key: &VerifierKey) -> Result<Checkpoint, TlogProofError> {
        let checkpoint = Checkpoint::open(&self.checkpoint, key)?;
        let leaf = leaf_hash(leaf);
        verify_inclusion(leaf, self.index, checkpoint.size, &self.path, checkpoint.root)?;
        Ok(checkpoint)
    }
}

impl fmt::Display for TlogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{HEADER}\nindex {}\n", self.index)?;
        for hash in &self.path {
            writeln!(f, "{}", STANDARD.encode(hash.as_bytes()))?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}

impl FromStr for TlogProof {
    type Err = TlogProofError;

    fn from_str(text: &str) -> Result<Self, TlogProofError> {
        let form = TlogProofError::Form;
        let (head, checkpoint) = text.split_once("\n\n").ok_or(form("it has no blank line"))?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(HEADER) {
            return Err(form("its first line is another"));
        }
        // Nothing authenticates the extra data, so it is passed over.
        lines.next_if(|line| line.starts_with("extra "));
        let index = lines
            .next()
            .and_then(|line| line.strip_prefix("index "))
            .and_then(decimal)
            .ok_or(form("it has no index"))?;
        let path = lines
            .take(PATH + 1)
            .map(|line| hash(line).ok_or(form("a line of the path is no hash")))
            .collect::<Result<Vec<_>, _>>()?;
        if path.len() > PATH {
            return Err(form("its path is too long"));
        }
        Ok(Self { index, path, checkpoint: checkpoint.to_owned() })
    }
}
