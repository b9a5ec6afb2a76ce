//! Digests and message authentication codes.

use super::Declared;

pub(super) const TABLE: &[Declared] = &[];
