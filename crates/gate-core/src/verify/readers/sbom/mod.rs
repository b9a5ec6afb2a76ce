//! From a bill of materials, in any of its formats, to components.

mod cyclonedx;
mod draft;
mod licence;
mod purl;
mod rules;

use super::{Read, Reading};
use crate::verify::failure::Failure;
use crate::verify::marks::Marks;

/// The formats that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::verify) enum Format {
    CycloneDx,
}

impl Format {
    /// The format whose marks these are.
    pub(super) fn detect(marks: &Marks<'_>) -> Option<Self> {
        marks.has("bomFormat").then_some(Self::CycloneDx)
    }

    /// Its name in facts and messages.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::CycloneDx => "cyclonedx",
        }
    }

    /// Normalises a document of this format.
    pub(super) fn read(self, bytes: &[u8]) -> Result<Read, Failure> {
        match self {
            Self::CycloneDx => cyclonedx::read_json(bytes, &cyclonedx::version_of(bytes)?),
        }
    }
}

/// One spelling for one package; what does not parse stays as it was given.
pub(in crate::verify) fn normalise_purl(text: &str) -> String {
    purl::normalise(text).unwrap_or_else(|_| text.to_owned())
}
