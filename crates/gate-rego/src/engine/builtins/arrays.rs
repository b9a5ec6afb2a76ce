//! Functions over arrays.

use super::Declared;

pub(super) const TABLE: &[Declared] = &[];
