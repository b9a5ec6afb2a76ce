//! `crypto.x509.*` and private keys.

use super::Declared;

pub(super) const TABLE: &[Declared] = &[];
