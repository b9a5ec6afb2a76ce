//! From a bill of materials, in any of its formats, to components.

pub(super) mod cyclonedx;

use super::{Read, Reading};
use crate::verify::failure::Failure;
use crate::verify::json;
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
            Self::CycloneDx => {
                let (sbom, names) = cyclonedx::read(json::parse(bytes)?)?;
                let version = Some(sbom.version.clone());
                Ok(Read { names, version, ..Reading::Sbom(sbom).into() })
            }
        }
    }
}
