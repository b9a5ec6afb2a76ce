//! Instants of RFC 3339.

use std::cmp::Ordering;

use crate::Timestamp;

/// Compares instants, whatever their offsets.
pub(in crate::vers) fn compare(left: &str, right: &str) -> Option<Ordering> {
    let instant = |text: &str| text.parse::<Timestamp>().ok();
    Some(instant(left)?.cmp(&instant(right)?))
}
