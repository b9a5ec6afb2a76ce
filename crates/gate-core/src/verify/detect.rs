//! From bytes to the form they have, by their content alone: neither names nor media types count.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::failure::Failure;
use super::json;
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
    /// A CycloneDX BOM.
    CycloneDx,
    /// A Trivy report.
    Trivy,
    /// A JUnit report.
    JUnit,
}

impl Form {
    /// Its name in `gate evidence inspect`.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Bundle => "sigstore-bundle",
            Self::Envelope => "dsse-envelope",
            Self::Statement => "in-toto-statement",
            Self::CycloneDx => "cyclonedx",
            Self::Trivy => "trivy",
            Self::JUnit => "junit",
        }
    }
}

/// The keys by which forms are told apart; JSON that passed [`json::check`] has each once.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Marks {
    media_type: Option<IgnoredAny>,
    verification_material: Option<IgnoredAny>,
    payload_type: Option<IgnoredAny>,
    signatures: Option<IgnoredAny>,
    #[serde(rename = "_type")]
    statement_type: Option<IgnoredAny>,
    bom_format: Option<IgnoredAny>,
    #[serde(rename = "SchemaVersion")]
    schema_version: Option<IgnoredAny>,
}

/// The form of these bytes, and the bytes without a byte order mark. JSON has been checked to be
/// read alike by everybody.
pub(super) fn detect(bytes: &[u8]) -> Result<(Form, &[u8]), Failure> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
        None => Err(Failure::malformed("is empty")),
        Some(b'<') => Ok((Form::JUnit, bytes)),
        Some(b'{') => {
            json::check(bytes)?;
            form(&json::parse(bytes)?).map(|form| (form, bytes))
        }
        Some(b'[') => {
            json::check(bytes)?;
            Err(unknown(
                "is a JSON array (Trivy's schema 1 was one: use a Trivy that writes schema 2)",
            ))
        }
        Some(_) if std::str::from_utf8(bytes).is_err() => {
            Err(Failure::malformed("is neither JSON nor XML, and not UTF-8"))
        }
        Some(_) => Err(unknown("is neither JSON nor XML")),
    }
}

fn form(marks: &Marks) -> Result<Form, Failure> {
    match marks {
        Marks { verification_material: Some(_), media_type: Some(_), .. } => Ok(Form::Bundle),
        Marks { verification_material: Some(_), .. } => {
            Err(Failure::malformed("is a sigstore bundle without its mediaType"))
        }
        Marks { payload_type: Some(_), signatures: Some(_), .. } => Ok(Form::Envelope),
        Marks { statement_type: Some(_), .. } => Ok(Form::Statement),
        Marks { bom_format: Some(_), .. } => Ok(Form::CycloneDx),
        Marks { schema_version: Some(_), .. } => Ok(Form::Trivy),
        _ => Err(unknown(
            "is JSON, but no sigstore bundle, DSSE envelope, in-toto statement, CycloneDX BOM or Trivy report",
        )),
    }
}

fn unknown(detail: &str) -> Failure {
    Failure::new(Problem::EvidenceUnknown, detail)
}
