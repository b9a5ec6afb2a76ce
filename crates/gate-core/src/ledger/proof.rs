//! Checks of inclusion and consistency proofs (RFC 9162, 2.1.3.2 and 2.1.4.2).

use super::tree::node_hash;
use crate::Digest;

/// Why a proof does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The leaf lies outside the tree.
    #[error("leaf {index} lies outside a tree of {size} leaves")]
    OutOfRange {
        /// The leaf.
        index: u64,
        /// Leaves in the tree.
        size: u64,
    },
    /// There is nothing to prove from: an empty tree, or a later tree that is smaller.
    #[error("there is no consistency proof from {from} leaves to {to}")]
    Sizes {
        /// Leaves of the earlier tree.
        from: u64,
        /// Leaves of the later tree.
        to: u64,
    },
    /// Another number of hashes than the sizes demand.
    #[error("the proof has {found} hashes where these sizes demand {expected}")]
    Length {
        /// Hashes that the sizes demand.
        expected: usize,
        /// Hashes in the proof.
        found: usize,
    },
    /// The hashes lead to another root.
    #[error("the proof leads to root {found}, not {expected}")]
    Root {
        /// The root that the checkpoint states.
        expected: Digest,
        /// The root that the proof leads to.
        found: Digest,
    },
}

/// Checks that the leaf with this hash stands at `index` in the tree of `size` leaves with this root.
pub fn verify_inclusion(
    leaf: Digest,
    index: u64,
    size: u64,
    path: &[Digest],
    root: Digest,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::OutOfRange { index, size });
    }
    // At each level a right child has a left sibling; a left child has a right one unless it is the
    // last node of its level.
    let (mut node, mut last) = (index, size - 1);
    let mut steps = vec![];
    while last > 0 {
        if node & 1 == 1 {
            steps.push(Side::Left);
        } else if node < last {
            steps.push(Side::Right);
        }
        node >>= 1;
        last >>= 1;
    }
    expect_length(path, steps.len())?;
    let found = steps.iter().zip(path).fold(leaf, |hash, (side, sibling)| match side {
        Side::Left => node_hash(*sibling, hash),
        Side::Right => node_hash(hash, *sibling),
    });
    expect_root(root, found)
}

/// Checks that the tree of `from` leaves is the beginning of the tree of `to` leaves.
///
/// A tree without leaves is refused: every tree begins with it, so there is nothing to prove.
pub fn verify_consistency(
    (from, from_root): (u64, Digest),
    (to, to_root): (u64, Digest),
    proof: &[Digest],
) -> Result<(), ProofError> {
    if from == 0 || from > to {
        return Err(ProofError::Sizes { from, to });
    }
    if from == to {
        expect_length(proof, 0)?;
        return expect_root(to_root, from_root);
    }
    let (mut node, mut last) = (from - 1, to - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    let mut hashes = proof.iter().copied();
    // Where `from` is a power of two the old root is itself the first node of the new tree.
    let start = if from.is_power_of_two() { Some(from_root) } else { hashes.next() };
    let missing = || ProofError::Length { expected: proof.len() + 1, found: proof.len() };
    let (mut old, mut new) = start.map(|hash| (hash, hash)).ok_or_else(missing)?;
    while last > 0 {
        if node & 1 == 1 {
            let sibling = hashes.next().ok_or_else(missing)?;
            old = node_hash(sibling, old);
            new = node_hash(sibling, new);
        } else if node < last {
            let sibling = hashes.next().ok_or_else(missing)?;
            new = node_hash(new, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    expect_length(proof, proof.len() - hashes.count())?;
    expect_root(from_root, old)?;
    expect_root(to_root, new)
}

#[derive(Clone, Copy)]
enum Side {
    Left,
    Right,
}

fn expect_length(proof: &[Digest], expected: usize) -> Result<(), ProofError> {
    if proof.len() == expected {
        Ok(())
    } else {
        Err(ProofError::Length { expected, found: proof.len() })
    }
}

fn expect_root(expected: Digest, found: Digest) -> Result<(), ProofError> {
    if expected == found { Ok(()) } else { Err(ProofError::Root { expected, found }) }
}
