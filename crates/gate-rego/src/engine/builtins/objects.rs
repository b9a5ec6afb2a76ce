//! Functions over objects.

use super::Declared;

pub(super) const TABLE: &[Declared] = &[];
