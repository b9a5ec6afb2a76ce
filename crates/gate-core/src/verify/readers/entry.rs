//! An entry of a family's table of formats: how a format is told from others, and its reader.

use super::Read;
use crate::verify::failure::Failure;
use crate::verify::marks::Marks;

/// A format that is read.
#[derive(Debug, Clone, Copy)]
pub(in crate::verify) struct Entry {
    /// Its name in facts and messages.
    pub(super) name: &'static str,
    /// Whether these are its marks. No two formats have marks in common.
    pub(super) detect: fn(&Marks<'_>) -> bool,
    /// Normalises a document of this format.
    pub(super) read: fn(&[u8]) -> Result<Read, Failure>,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Entry {}
