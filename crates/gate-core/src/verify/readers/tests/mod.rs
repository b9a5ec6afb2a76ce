//! From a test report, in any of its formats, to counts of its cases.

pub(super) mod junit;

use super::{Read, Reading};
use crate::verify::failure::Failure;
use crate::verify::marks::Marks;

/// The formats that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::verify) enum Format {
    JUnit,
}

impl Format {
    /// The format whose marks these are.
    pub(super) fn detect(marks: &Marks<'_>) -> Option<Self> {
        matches!(marks, Marks::Xml(_)).then_some(Self::JUnit)
    }

    /// Its name in facts and messages.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::JUnit => "junit",
        }
    }

    /// Normalises a document of this format.
    pub(super) fn read(self, bytes: &[u8]) -> Result<Read, Failure> {
        let text = std::str::from_utf8(bytes)
            .map_err(|error| Failure::malformed(format!("is not UTF-8: {error}")))?;
        match self {
            Self::JUnit => junit::read(text).map(|tests| Reading::Tests(tests).into()),
        }
    }
}
