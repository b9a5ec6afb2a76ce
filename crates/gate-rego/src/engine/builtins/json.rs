//! `json.*` apart from the text forms of other languages.

use super::Declared;

pub(super) const TABLE: &[Declared] = &[];
