//! C2SP checkpoints (tlog-checkpoint): a ledger's size and root as a signed note.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::note::{NoteError, VerifierKey, open_note, sign_note};
use crate::Digest;
use crate::effects::{GateError, Signer};

/// What a ledger says about itself at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which ledger: the name of its key as well.
    pub origin: String,
    /// Leaves in the tree.
    pub size: u64,
    /// Its root.
    pub root: Digest,
}

/// Why a checkpoint is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The note around it is not accepted.
    #[error("the checkpoint's note is not accepted")]
    Note(#[from] NoteError),
    /// The signed text is no checkpoint.
    #[error("the signed text is no checkpoint: {0}")]
    Form(&'static str),
    /// It is of another ledger than the key.
    #[error("the checkpoint is of ledger `{found}`, not `{expected}`")]
    Origin {
        /// The name of the key.
        expected: String,
        /// The origin in the checkpoint.
        found: String,
    },
}

impl Checkpoint {
    /// The note with this checkpoint, signed.
    pub fn sign(&self, key: &VerifierKey, signer: &dyn Signer) -> Result<String, GateError> {
        let mut text = format!("{}\n{}\n", self.origin, self.size);
        // Writing into a string cannot fail.
        let _ = writeln!(text, "{}", STANDARD.encode(self.root.as_bytes()));
        sign_note(&text, key, signer)
    }

    /// The checkpoint in a note that this key signed. Its origin must be the key's name: a key that
    /// serves several ledgers would let one pass for another.
    pub fn open(note: &str, key: &VerifierKey) -> Result<Self, CheckpointError> {
        let checkpoint = Self::read(open_note(note, key)?).map_err(CheckpointError::Form)?;
        if checkpoint.origin != key.name() {
            return Err(CheckpointError::Origin {
                expected: key.name().to_owned(),
                found: checkpoint.origin,
            });
        }
        Ok(checkpoint)
    }

    fn read(text: &str) -> Result<Self, &'static str> {
        let mut lines = text.strip_suffix('\n').unwrap_or(text).split('\n');
        let origin = lines.next().filter(|line| !line.is_empty()).ok_or("it has no origin")?;
        let size = lines.next().and_then(decimal).ok_or("its second line is no size")?;
        let root = lines.next().and_then(hash).ok_or("its third line is no root hash")?;
        if lines.any(str::is_empty) {
            return Err("it has an empty extension line");
        }
        Ok(Self { origin: origin.to_owned(), size, root })
    }
}

/// A decimal number without leading zeros or sign.
pub(super) fn decimal(text: &str) -> Option<u64> {
    let leads = text.len() > 1 && text.starts_with('0');
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if leads || !digits { None } else { text.parse().ok() }
}

/// A hash in standard base64.
pub(super) fn hash(text: &str) -> Option<Digest> {
    STANDARD.decode(text).ok()?.try_into().ok().map(Digest::from_bytes)
}
