//! `time.*`.

use super::Declared;

pub(super) const TABLE: &[Declared] = &[];
