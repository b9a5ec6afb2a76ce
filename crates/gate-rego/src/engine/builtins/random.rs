//! `rand.*` and what else needs the world outside.

use super::Declared;

pub(super) const TABLE: &[Declared] = &[];
