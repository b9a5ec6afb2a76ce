//! `io.jwt.*`.

use super::Declared;

pub(super) const TABLE: &[Declared] = &[];
