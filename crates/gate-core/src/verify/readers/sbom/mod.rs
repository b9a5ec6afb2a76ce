//! From a bill of materials, in any of its formats, to components.

mod cyclonedx;
mod draft;
mod licence;
mod purl;
mod rules;
mod spdx;
mod syft;
mod xml;

#[cfg(test)]
mod cyclonedx_tests;
#[cfg(test)]
mod spdx_tests;

pub(in crate::verify) use spdx::tag_value_json;

use super::Read;
use crate::verify::failure::Failure;
use crate::verify::marks::Marks;

/// The formats that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::verify) enum Format {
    CycloneDx,
    CycloneDxXml,
    Spdx(spdx::Syntax),
    Syft,
}

impl Format {
    /// The format whose marks these are.
    pub(super) fn detect(marks: &Marks<'_>) -> Option<Self> {
        match marks {
            Marks::Object(_) if marks.has("bomFormat") => Some(Self::CycloneDx),
            Marks::Object(_) if is_syft(marks) => Some(Self::Syft),
            Marks::Xml(root) if root.name == "bom" => Some(Self::CycloneDxXml),
            _ => spdx::Syntax::detect(marks).map(Self::Spdx),
        }
    }

    /// Its name in facts and messages.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::CycloneDx | Self::CycloneDxXml => "cyclonedx",
            Self::Spdx(_) => "spdx",
            Self::Syft => "syft",
        }
    }

    /// Normalises a document of this format.
    pub(super) fn read(self, bytes: &[u8]) -> Result<Read, Failure> {
        match self {
            Self::CycloneDx => cyclonedx::read_json(bytes, &cyclonedx::version_of(bytes)?),
            Self::CycloneDxXml => cyclonedx::read_xml(bytes),
            Self::Spdx(syntax) => syntax.read(bytes),
            Self::Syft => syft::read(bytes),
        }
    }
}

fn is_syft(marks: &Marks<'_>) -> bool {
    marks.has("artifacts") && marks.has("artifactRelationships") && marks.has("source")
}

/// One spelling for one package; what does not parse stays as it was given.
pub(in crate::verify) fn normalise_purl(text: &str) -> String {
    purl::normalise(text).unwrap_or_else(|_| text.to_owned())
}
