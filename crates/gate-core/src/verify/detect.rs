//! From bytes to the form they have, by their content alone: neither names nor media types count.

use super::container::Container;
use super::failure::Failure;
use super::marks::Marks;
use super::readers::Format;
use crate::reason::Problem;

/// The forms of evidence that Gate reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A sigstore bundle.
    Bundle,
    /// A layer of cosign 2 with the annotations that sign it.
    Layer,
    /// An attestation of a Python package (PEP 740).
    PypiAttestation,
    /// What a Python index answers, around such an attestation.
    PypiProvenance,
    /// A DSSE envelope by itself.
    Envelope,
    /// An in-toto statement without a signature.
    Statement,
    /// Something that holds several of these.
    Several(Container),
    /// A document of one of the formats that are read.
    Document(Format),
}

impl Form {
    /// Its name in `gate evidence inspect`.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Bundle => "sigstore-bundle",
            Self::Layer => "cosign-layer",
            Self::PypiAttestation => "pypi-attestation",
            Self::PypiProvenance => "pypi-provenance",
            Self::Envelope => "dsse-envelope",
            Self::Statement => "in-toto-statement",
            Self::Several(container) => container.name(),
            Self::Document(format) => format.name(),
        }
    }
}

/// The form of these bytes, and the bytes without a byte order mark. JSON has been checked to be
/// read alike by everybody.
pub(super) fn detect(bytes: &[u8]) -> Result<(Form, &[u8]), Failure> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let marks = match Marks::of(bytes) {
        Ok(marks) => marks,
        Err(_) if Container::is_lines(bytes) => {
            return Ok((Form::Several(Container::Lines), bytes));
        }
        Err(failure) => return Err(failure),
    };
    let form = match wrapping(&marks)? {
        Some(form) => form,
        None => Form::Document(Format::detect(&marks).ok_or_else(|| unknown(&marks))?),
    };
    Ok((form, bytes))
}

/// What wraps a document: a bundle, an envelope, a statement.
fn wrapping(marks: &Marks<'_>) -> Result<Option<Form>, Failure> {
    if marks.has("verificationMaterial") {
        if !marks.has("mediaType") {
            return Err(Failure::malformed("is a sigstore bundle without its mediaType"));
        }
        return Ok(Some(Form::Bundle));
    }
    if marks.text("mediaType") == Some(crate::cosign::LAYER) {
        return Ok(Some(Form::Layer));
    }
    if marks.has("verification_material") && marks.has("envelope") {
        return Ok(Some(Form::PypiAttestation));
    }
    if marks.has("attestation_bundles") {
        return Ok(Some(Form::PypiProvenance));
    }
    if marks.has("payloadType") && marks.has("signatures") {
        return Ok(Some(Form::Envelope));
    }
    if marks.has("_type") {
        return Ok(Some(Form::Statement));
    }
    Ok(Container::detect(marks).map(Form::Several))
}

fn unknown(marks: &Marks<'_>) -> Failure {
    let detail = match marks {
        Marks::Object(_) => "is a JSON object, but of no format that Gate reads".to_owned(),
        Marks::Array(_) => "is a JSON array, but of no format that Gate reads".to_owned(),
        Marks::Xml(root) => {
            format!(
                "is XML with the root element `{}`, which is no format that Gate reads",
                root.name
            )
        }
        Marks::Text(_) => "is text of no format that Gate reads".to_owned(),
    };
    Failure::new(Problem::EvidenceUnknown, detail)
}
