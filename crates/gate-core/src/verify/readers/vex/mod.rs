//! From a VEX document, in any of its formats, to statements about vulnerabilities in products.

mod csaf;
mod cyclonedx;
mod document;
mod openvex;
pub(in crate::verify) mod product;

pub(in crate::verify) use document::{Claim, Flaw, Statement};

use super::{Read, Reading};
use crate::Digest;
use crate::limits;
use crate::reason::Problem;
use crate::verify::failure::Failure;
use crate::verify::json;
use crate::verify::marks::Marks;

/// The formats that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::verify) enum Format {
    OpenVex,
    /// OpenVEX in YAML, as its first tools wrote it.
    OpenVexYaml,
    Csaf,
    /// CycloneDX that is promised to be VEX; by itself it is told in [`instead`].
    CycloneDx,
}

impl Format {
    /// The format whose marks these are.
    pub(super) fn detect(marks: &Marks<'_>) -> Option<Self> {
        if let Marks::Text(text) = marks {
            return openvex::is_yaml(text).then_some(Self::OpenVexYaml);
        }
        if marks.text("@context").is_some_and(openvex::is_context) {
            return Some(Self::OpenVex);
        }
        csaf::is_csaf(marks).then_some(Self::Csaf)
    }

    /// The format of a document that is VEX by what wraps it: there CycloneDX may list components.
    pub(super) fn promised(marks: &Marks<'_>) -> Option<Self> {
        Self::detect(marks).or(marks.has("bomFormat").then_some(Self::CycloneDx))
    }

    /// Its name in facts and messages.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::OpenVex | Self::OpenVexYaml => "openvex",
            Self::Csaf => "csaf",
            Self::CycloneDx => "cyclonedx-vex",
        }
    }

    /// Normalises a document of this format.
    pub(super) fn read(self, bytes: &[u8]) -> Result<Read, Failure> {
        let claim = match self {
            Self::OpenVex => openvex::read(json::parse(bytes)?),
            Self::OpenVexYaml => openvex::read(openvex::parse_yaml(bytes)?),
            Self::Csaf => csaf::read(bytes),
            Self::CycloneDx => cyclonedx::read(json::read(bytes)?)?
                .ok_or_else(|| Failure::malformed("holds no analysis of a vulnerability")),
        }?;
        Self::read_claim(claim)
    }

    fn read_claim(claim: Claim) -> Result<Read, Failure> {
        let products: usize = claim.statements.iter().map(|it| it.products.len().max(1)).sum();
        if products > limits::VEX_PRODUCTS {
            return Err(Failure::new(
                Problem::EvidenceTooLarge,
                format!("the document names more than {} products", limits::VEX_PRODUCTS),
            ));
        }
        let names = artifacts(&claim);
        let version = claim.document.version.clone();
        Ok(Read { names, version, ..Reading::Vex(claim).into() })
    }
}

/// A bill of materials that lists no components but analyses of vulnerabilities is VEX instead.
pub(super) fn instead(read: Read, bytes: &[u8]) -> Result<Read, Failure> {
    let Reading::Sbom(sbom) = &read.reading else { return Ok(read) };
    let json = bytes.trim_ascii_start().starts_with(b"{");
    if sbom.format != "cyclonedx" || !sbom.components.is_empty() || !json {
        return Ok(read);
    }
    match cyclonedx::read(json::parse(bytes)?)? {
        Some(claim) => Format::read_claim(claim),
        // Vulnerabilities without an analysis are found, not judged.
        None => Ok(read),
    }
}

/// The artifacts that a document is about, where it is about nothing else: a document about packages
/// speaks of whatever holds them.
fn artifacts(claim: &Claim) -> Vec<Digest> {
    let mut artifacts = vec![];
    for product in claim.statements.iter().flat_map(|statement| &statement.products) {
        if product.digests.is_empty() {
            return vec![];
        }
        artifacts.extend(product.digests.iter().copied());
    }
    artifacts.sort_unstable();
    artifacts.dedup();
    artifacts
}

#[cfg(test)]
mod tests;
