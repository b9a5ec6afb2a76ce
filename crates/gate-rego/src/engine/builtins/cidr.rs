//! `net.cidr_*`: networks and addresses.

use super::Declared;

pub(super) const TABLE: &[Declared] = &[];
