//! base64, hexadecimal digits and URL queries.

use super::Declared;

pub(super) const TABLE: &[Declared] = &[];
