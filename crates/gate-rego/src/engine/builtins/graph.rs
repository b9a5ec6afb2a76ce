//! `graph.*`: what can be reached.

use super::Declared;

pub(super) const TABLE: &[Declared] = &[];
