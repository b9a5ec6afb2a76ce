//! `providers.*`: requests signed as a cloud wants them.

use super::Declared;

pub(super) const TABLE: &[Declared] = &[];
