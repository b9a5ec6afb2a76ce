//! `is_*` and `type_name`.

use super::Declared;

pub(super) const TABLE: &[Declared] = &[];
