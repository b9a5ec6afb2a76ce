//! Kept decisions, many in one row: each with its leaf and facts, one behind the other, and compressed
//! together, since most of one decision is in the next one too. A row each costs three times the work.

use std::collections::HashSet;

use gate_core::Digest;
use gate_core::effects::GateError;
use gate_core::reason::ErrorCode;
use gate_core::record::{Blob, Entry};
use gate_core::spine::leaf_bytes;

/// Bytes after which a pack is full: what has to be read for one decision.
const FULL: usize = 512 << 10;
/// LZ4 makes no more of a byte than this many.
const RATIO: usize = 255;

/// Decisions on their way into a row.
#[derive(Debug, Default)]
pub(super) struct Pack {
    /// Their ids, in order.
    pub(super) ids: Vec<Digest>,
    /// Bytes before compression.
    pub(super) size: usize,
    /// One LZ4 block.
    pub(super) bytes: Vec<u8>,
}

/// Packs and the blobs that their decisions name beside what is packed.
#[derive(Debug, Default)]
pub(super) struct Packs {
    pub(super) packs: Vec<Pack>,
    pub(super) blobs: Vec<Blob>,
}

/// One decision of a pack: the bytes of its leaf, of itself, and of its facts.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Packed<'a> {
    pub(super) leaf: &'a [u8],
    pub(super) decision: &'a [u8],
    pub(super) facts: &'a [u8],
}

/// Packs entries, each decision once.
pub(super) fn pack(entries: Vec<Entry>) -> Result<Packs, GateError> {
    let mut seen = HashSet::new();
    let mut packs = Packs::default();
    let (mut ids, mut whole) = (vec![], vec![]);
    for entry in entries.into_iter().filter(|entry| seen.insert(entry.leaf.decision)) {
        let leaf = leaf_bytes(&entry.leaf)?;
        let part = |digest: Digest| {
            let blob = entry.blobs.iter().find(|blob| blob.digest == digest);
            blob.ok_or_else(|| GateError::new(ErrorCode::Internal, "an entry lacks its own blobs"))
        };
        for part in
            [leaf.as_slice(), &part(entry.leaf.decision)?.bytes, &part(entry.leaf.facts)?.bytes]
        {
            let length = u32::try_from(part.len()).map_err(|_| {
                GateError::new(ErrorCode::RecordFailed, "a decision has more than 4 GiB")
            })?;
            whole.extend_from_slice(&length.to_le_bytes());
            whole.extend_from_slice(part);
        }
        let beside = [entry.leaf.decision, entry.leaf.facts];
        ids.push(entry.leaf.decision);
        packs.blobs.extend(entry.blobs.into_iter().filter(|blob| !beside.contains(&blob.digest)));
        if whole.len() >= FULL {
            packs.packs.push(close(&mut ids, &mut whole));
        }
    }
    if !ids.is_empty() {
        packs.packs.push(close(&mut ids, &mut whole));
    }
    Ok(packs)
}

fn close(ids: &mut Vec<Digest>, whole: &mut Vec<u8>) -> Pack {
    let bytes = lz4_flex::block::compress(whole);
    let size = whole.len();
    whole.clear();
    Pack { ids: std::mem::take(ids), size, bytes }
}

/// What a row holds. `None` where it is damaged.
pub(super) fn unpack(bytes: &[u8], size: i64) -> Option<Vec<u8>> {
    let size = usize::try_from(size).ok()?;
    // A size that was changed must not take memory that no such row can need.
    if size > bytes.len().saturating_mul(RATIO) {
        return None;
    }
    lz4_flex::block::decompress(bytes, size).ok().filter(|whole| whole.len() == size)
}

/// The decisions of an unpacked row, in order; it ends before a damaged one.
pub(super) fn packed(mut rest: &[u8]) -> impl Iterator<Item = Packed<'_>> {
    std::iter::from_fn(move || {
        let mut next = || {
            let (length, behind) = rest.split_first_chunk::<4>()?;
            let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
            let (part, behind) = behind.split_at_checked(length)?;
            rest = behind;
            Some(part)
        };
        Some(Packed { leaf: next()?, decision: next()?, facts: next()? })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::entry;

    #[test]
    fn a_decision_is_packed_once_and_comes_out_as_it_was() {
        let entries = [0, 1, 0, 2].map(|number| entry(number, None));
        let Packs { packs, blobs } = pack(entries.to_vec()).unwrap();
        let [only] = packs.as_slice() else { panic!("{} packs", packs.len()) };
        let whole = unpack(&only.bytes, i64::try_from(only.size).unwrap()).unwrap();
        let found: Vec<_> = packed(&whole).collect();
        assert_eq!((found.len(), only.ids.len()), (3, 3));
        for (packed, entry) in found.iter().zip([&entries[0], &entries[1], &entries[3]]) {
            assert_eq!(packed.leaf, leaf_bytes(&entry.leaf).unwrap());
            assert_eq!(Digest::of(packed.decision), entry.leaf.decision);
            assert_eq!(Digest::of(packed.facts), entry.leaf.facts);
            assert!(entry.blobs.iter().all(|blob| {
                [entry.leaf.decision, entry.leaf.facts].contains(&blob.digest)
                    || blobs.iter().any(|beside| beside.digest == blob.digest)
            }));
        }
    }

    #[test]
    fn a_damaged_row_gives_nothing() {
        let Packs { packs, .. } = pack(vec![entry(0, None)]).unwrap();
        let Pack { bytes, size, .. } = &packs[0];
        let size = i64::try_from(*size).unwrap();
        assert_eq!(unpack(bytes, size - 1), None);
        assert_eq!(unpack(bytes, size + 1), None);
        assert_eq!(unpack(bytes, -1), None);
        assert_eq!(unpack(bytes, i64::MAX), None);
        assert_eq!(unpack(&bytes[1..], size), None);
        let whole = unpack(bytes, size).unwrap();
        assert_eq!(packed(&whole[..whole.len() - 1]).count(), 0);
        assert_eq!(packed(&[0xff; 16]).count(), 0);
    }
}
