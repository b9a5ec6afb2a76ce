//! The deprecated casts (`cast_string` and others).

use super::Declared;

pub(super) const TABLE: &[Declared] = &[];
