//! Functions over the bits of integers.

use super::Declared;

pub(super) const TABLE: &[Declared] = &[];
