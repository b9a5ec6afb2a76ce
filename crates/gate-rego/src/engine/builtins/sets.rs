//! Functions over sets.

use super::Declared;

pub(super) const TABLE: &[Declared] = &[];
