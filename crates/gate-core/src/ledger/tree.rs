//! The RFC 6962 Merkle tree (RFC 9162 section 2.1): from leaf hashes to roots and proofs, reading
//! O(log n) stored nodes and never the leaves.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::convert::Infallible;

use crate::Digest;

/// A node that never changes: the root of the perfect subtree over the leaves
/// `index << level .. (index + 1) << level`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Coordinate {
    /// Height of the subtree: 0 is a leaf hash.
    pub level: u8,
    /// Its number among the subtrees of this height, from the left.
    pub index: u64,
}

/// Where stored nodes are read.
pub trait Nodes {
    /// What a read can fail with.
    type Error;
    /// The node, which the caller knows to be complete.
    fn node(&self, at: Coordinate) -> Result<Digest, Self::Error>;
}

/// The hash of a leaf. The prefix keeps a leaf from passing for a node.
pub fn leaf_hash(leaf: &[u8]) -> Digest {
    let mut bytes = Vec::with_capacity(leaf.len() + 1);
    bytes.push(0);
    bytes.extend_from_slice(leaf);
    Digest::of(&bytes)
}

/// The hash of a node over two others.
pub fn node_hash(left: Digest, right: Digest) -> Digest {
    let mut bytes = [1; 65];
    bytes[1..33].copy_from_slice(left.as_bytes());
    bytes[33..].copy_from_slice(right.as_bytes());
    Digest::of(&bytes)
}

/// The root of a tree without leaves.
pub fn empty_root() -> Digest {
    Digest::of(b"")
}

/// The right edge of a growing tree: the roots of its perfect subtrees, which are all that an append
/// needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    // Root of the perfect subtree of height `level` for each bit that is set in `size`.
    peaks: Vec<(u8, Digest)>,
}

impl Frontier {
    /// The right edge of a stored tree.
    pub fn read<N: Nodes>(nodes: &N, size: u64) -> Result<Self, N::Error> {
        let peaks = cover(0, size)
            .into_iter()
            .map(|at| Ok((at.level, nodes.node(at)?)))
            .collect::<Result<_, _>>()?;
        Ok(Self { size, peaks })
    }

    /// Coordinates that [`Frontier::read`] asks for.
    pub fn needed(size: u64) -> Vec<Coordinate> {
        cover(0, size)
    }

    /// Leaves so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf's hash and returns the nodes that became complete by it, the leaf first.
    pub fn push(&mut self, leaf: Digest) -> Vec<(Coordinate, Digest)> {
        let mut hash = leaf;
        let mut at = Coordinate { level: 0, index: self.size };
        let mut complete = vec![(at, hash)];
        while let Some((_, left)) = self.peaks.pop_if(|(level, _)| *level == at.level) {
            hash = node_hash(left, hash);
            at = Coordinate { level: at.level + 1, index: at.index >> 1 };
            complete.push((at, hash));
        }
        self.peaks.push((at.level, hash));
        self.size += 1;
        complete
    }

    /// The root over all leaves so far.
    pub fn root(&self) -> Digest {
        fold(self.peaks.iter().map(|(_, hash)| *hash)).unwrap_or_else(empty_root)
    }
}

/// A node that the reader does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("node {} of level {} is missing", .0.index, .0.level)]
pub struct MissingNode(pub Coordinate);

impl Nodes for Frontier {
    type Error = MissingNode;

    /// The peaks alone: with the nodes that later leaves complete, all that their proofs need.
    fn node(&self, at: Coordinate) -> Result<Digest, MissingNode> {
        let found = self.peaks.iter().find(|(level, _)| {
            *level == at.level && self.size.checked_shr(u32::from(*level)) == Some(at.index + 1)
        });
        found.map(|(_, hash)| *hash).ok_or(MissingNode(at))
    }
}

impl Nodes for BTreeMap<Coordinate, Digest> {
    type Error = MissingNode;

    fn node(&self, at: Coordinate) -> Result<Digest, MissingNode> {
        self.get(&at).copied().ok_or(MissingNode(at))
    }
}

/// The root of the first `size` leaves.
pub fn root<N: Nodes>(nodes: &N, size: u64) -> Result<Digest, N::Error> {
    if size == 0 { Ok(empty_root()) } else { subtree(nodes, 0, size) }
}

/// The path from a leaf's sibling to the root's child (`PATH` of RFC 9162, 2.1.3.1). `index` must be
/// smaller than `size`.
pub fn inclusion_proof<N: Nodes>(
    nodes: &N,
    index: u64,
    size: u64,
) -> Result<Vec<Digest>, N::Error> {
    let mut path = vec![];
    let (mut start, mut end) = (0, size);
    while end - start > 1 {
        let split = start + split(end - start);
        if index < split {
            path.push(subtree(nodes, split, end)?);
            end = split;
        } else {
            path.push(subtree(nodes, start, split)?);
            start = split;
        }
    }
    path.reverse();
    Ok(path)
}

/// The proof that the first `from` leaves of a tree of `to` are those of the tree of `from` (`PROOF`
/// of RFC 9162, 2.1.4.1). Empty for `from` 0 or `from == to`.
pub fn consistency_proof<N: Nodes>(nodes: &N, from: u64, to: u64) -> Result<Vec<Digest>, N::Error> {
    let mut proof = vec![];
    if from == 0 || from >= to {
        return Ok(proof);
    }
    let (mut start, mut end) = (0, to);
    // The verifier knows the root of the old tree, which is a node of the new one only as long as
    // the walk has not left the left edge.
    let mut known = true;
    while from != end {
        let split = start + split(end - start);
        if from <= split {
            proof.push(subtree(nodes, split, end)?);
            end = split;
        } else {
            proof.push(subtree(nodes, start, split)?);
            start = split;
            known = false;
        }
    }
    if !known {
        proof.push(subtree(nodes, start, end)?);
    }
    proof.reverse();
    Ok(proof)
}

/// The stored nodes that [`inclusion_proof`] reads, for readers that fetch them in one go.
pub fn needed_for_inclusion(index: u64, size: u64) -> Vec<Coordinate> {
    let wanted = Wanted::default();
    let Ok(_) = inclusion_proof(&wanted, index, size);
    wanted.0.into_inner()
}

/// The stored nodes that [`consistency_proof`] reads.
pub fn needed_for_consistency(from: u64, to: u64) -> Vec<Coordinate> {
    let wanted = Wanted::default();
    let Ok(_) = consistency_proof(&wanted, from, to);
    wanted.0.into_inner()
}

/// Notes what is asked for and answers anything.
#[derive(Default)]
struct Wanted(RefCell<Vec<Coordinate>>);

impl Nodes for Wanted {
    type Error = Infallible;

    fn node(&self, at: Coordinate) -> Result<Digest, Infallible> {
        self.0.borrow_mut().push(at);
        Ok(Digest::from_bytes([0; 32]))
    }
}

/// The root over the leaves `start..end`, a subtree as RFC 9162 splits them.
fn subtree<N: Nodes>(nodes: &N, start: u64, end: u64) -> Result<Digest, N::Error> {
    let hashes: Vec<_> =
        cover(start, end).into_iter().map(|at| nodes.node(at)).collect::<Result<_, _>>()?;
    Ok(fold(hashes.into_iter()).unwrap_or_else(empty_root))
}

/// The perfect subtrees that `start..end` consists of, from the left, where `start` is a multiple of
/// the greatest of them.
fn cover(start: u64, end: u64) -> Vec<Coordinate> {
    let mut parts = vec![];
    let mut at = start;
    while at < end {
        let level = (end - at).ilog2();
        parts.push(Coordinate { level: level.to_le_bytes()[0], index: at >> level });
        at += 1 << level;
    }
    parts
}

/// Perfect subtrees, from the left, into the root over all of them.
fn fold(hashes: impl DoubleEndedIterator<Item = Digest>) -> Option<Digest> {
    hashes.rev().reduce(|right, left| node_hash(left, right))
}

/// The greatest power of two that is smaller than `count`, which is above 1.
fn split(count: u64) -> u64 {
    1 << (count - 1).ilog2()
}
