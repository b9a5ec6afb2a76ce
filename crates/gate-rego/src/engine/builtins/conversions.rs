//! `to_number` and `format_int`.

use super::Declared;

pub(super) const TABLE: &[Declared] = &[];
