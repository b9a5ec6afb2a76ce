//! From a scanner's report, in any of its formats, to a scan and its findings.

pub(super) mod trivy;

use super::Read;
use crate::verify::failure::Failure;
use crate::verify::json;
use crate::verify::marks::Marks;

/// The formats that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::verify) enum Format {
    Trivy,
}

impl Format {
    /// The format whose marks these are.
    pub(super) fn detect(marks: &Marks<'_>) -> Option<Self> {
        marks.has("SchemaVersion").then_some(Self::Trivy)
    }

    /// Its name in facts and messages.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Trivy => "trivy",
        }
    }

    /// Normalises a document of this format.
    pub(super) fn read(self, bytes: &[u8]) -> Result<Read, Failure> {
        match self {
            Self::Trivy => trivy::read(json::parse(bytes)?),
        }
    }
}
