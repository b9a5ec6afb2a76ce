//! From bytes to the form they have, by their content alone: neither names nor media types count.

use super::failure::Failure;
use super::marks::Marks;
use super::readers::Format;
use crate::reason::Problem;

/// The forms of evidence that Gate reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A sigstore bundle.
    Bundle,
    /// A DSSE envelope by itself.
    Envelope,
    /// An in-toto statement without a signature.
    Statement,
    /// A document of one of the formats that are read.
    Document(Format),
}

impl Form {
    /// Its name in `gate evidence inspect`.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Bundle => "sigstore-bundle",
            Self::Envelope => "dsse-envelope",
            Self::Statement => "in-toto-statement",
            Self::Document(format) => format.name(),
        }
    }
}

/// The form of these bytes, and the bytes without a byte order mark. JSON has been checked to be
/// read alike by everybody.
pub(super) fn detect(bytes: &[u8]) -> Result<(Form, &[u8]), Failure> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let marks = Marks::of(bytes)?;
    let form = match wrapping(&marks)? {
        Some(form) => form,
        None => Form::Document(Format::detect(&marks).ok_or_else(|| unknown(&marks))?),
    };
    Ok((form, bytes))
}

/// What wraps a document: a bundle, an envelope, a statement.
fn wrapping(marks: &Marks<'_>) -> Result<Option<Form>, Failure> {
    if marks.has("verificationMaterial") {
        return if marks.has("mediaType") {
            Ok(Some(Form::Bundle))
        } else {
            Err(Failure::malformed("is a sigstore bundle without its mediaType"))
        };
    }
    if marks.has("payloadType") && marks.has("signatures") {
        return Ok(Some(Form::Envelope));
    }
    Ok(marks.has("_type").then_some(Form::Statement))
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
