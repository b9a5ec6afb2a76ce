//! From one format each to the normalised model. Readers judge nothing: whose document it is and
//! whether it counts is decided elsewhere.

mod analysis;
pub(super) mod approval;
pub(super) mod change;
mod coverage;
mod entry;
pub(super) mod provenance;
mod sbom;
pub(super) mod scan;
mod tests;
mod tree;
pub(super) mod vex;
mod wire;

#[cfg(test)]
mod detection_tests;

use serde::Deserialize;
use serde_json::value::RawValue;

pub(super) use sbom::{normalise_purl, tag_value_json};

use super::failure::Failure;
use super::marks::Marks;
use super::statement::Statement;
use crate::evidence::Kind;
use crate::facts::{Analysis, Coverage, Provenance, Sbom, Scan, Tests, Vulnerability};
use crate::{Digest, predicates};

/// The formats of documents, by family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Sbom(sbom::Format),
    Scan(entry::Entry),
    Analysis(entry::Entry),
    Tests(tests::Format),
    Coverage(coverage::Format),
    Vex(vex::Format),
}

impl Format {
    /// The format whose marks these are. The marks of two formats never overlap: their order here
    /// decides nothing.
    pub(super) fn detect(marks: &Marks<'_>) -> Option<Self> {
        let of = |all: &[entry::Entry]| all.iter().find(|it| (it.detect)(marks)).copied();
        (sbom::Format::detect(marks).map(Self::Sbom))
            .or_else(|| of(&scan::ALL).map(Self::Scan))
            .or_else(|| of(&analysis::ALL).map(Self::Analysis))
            .or_else(|| tests::Format::detect(marks).map(Self::Tests))
            .or_else(|| coverage::Format::detect(marks).map(Self::Coverage))
            .or_else(|| vex::Format::detect(marks).map(Self::Vex))
    }

    /// Its name in facts and messages.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Sbom(format) => format.name(),
            Self::Scan(format) | Self::Analysis(format) => format.name,
            Self::Tests(format) => format.name(),
            Self::Coverage(format) => format.name(),
            Self::Vex(format) => format.name(),
        }
    }

    /// What kind of evidence a document of this format is.
    pub(super) const fn kind(self) -> Kind {
        match self {
            Self::Sbom(_) => Kind::Sbom,
            Self::Scan(_) => Kind::Scan,
            Self::Analysis(_) => Kind::Analysis,
            Self::Tests(_) => Kind::Test,
            Self::Coverage(_) => Kind::Coverage,
            Self::Vex(_) => Kind::Vex,
        }
    }

    /// Normalises a document of this format. JSON has passed [`super::json::check`].
    pub(super) fn read(self, bytes: &[u8]) -> Result<Read, Failure> {
        match self {
            Self::Sbom(format) => vex::instead(format.read(bytes)?, bytes),
            Self::Scan(format) | Self::Analysis(format) => (format.read)(bytes),
            Self::Tests(format) => format.read(bytes),
            Self::Coverage(format) => format.read(bytes),
            Self::Vex(format) => format.read(bytes),
        }
    }
}

/// What a document says, normalised.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Reading {
    Signature,
    Provenance(Provenance),
    Sbom(Sbom),
    /// A scan, and what it found that is no vulnerability.
    Scan {
        scan: Scan,
        findings: Vec<Vulnerability>,
        analysis: Vec<Analysis>,
    },
    Analysis(Vec<Analysis>),
    Tests(Tests),
    Coverage(Coverage),
    Vex(vex::Claim),
    Approval(approval::Claim),
    Change(change::Claim),
}

impl Reading {
    pub(super) const fn kind(&self) -> Kind {
        match self {
            Self::Signature => Kind::Signature,
            Self::Provenance(_) => Kind::Provenance,
            Self::Sbom(_) => Kind::Sbom,
            Self::Scan { .. } => Kind::Scan,
            Self::Analysis(_) => Kind::Analysis,
            Self::Tests(_) => Kind::Test,
            Self::Coverage(_) => Kind::Coverage,
            Self::Vex(_) => Kind::Vex,
            Self::Approval(_) => Kind::Approval,
            Self::Change(_) => Kind::Change,
        }
    }
}

/// A reading with what the document says of itself.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Read {
    pub(super) reading: Reading,
    /// The artifact digests that the document names as what it is about.
    pub(super) names: Vec<Digest>,
    /// The version of its format, where it has one.
    pub(super) version: Option<String>,
}

impl From<Reading> for Read {
    fn from(reading: Reading) -> Self {
        Self { reading, names: vec![], version: None }
    }
}

/// The predicate of Gate's own statements about tests and coverage: a report as text.
#[derive(Deserialize)]
struct ReportPredicate {
    format: String,
    report: String,
}

/// cosign's custom predicate.
#[derive(Deserialize)]
struct CosignCustom<'a> {
    #[serde(rename = "Data", borrow)]
    data: &'a RawValue,
}

/// Reads a statement's predicate. `predicate_type` has its alias resolved.
pub(super) fn read(
    kind: Kind,
    predicate_type: &str,
    statement: &Statement<'_>,
) -> Result<Read, Failure> {
    match kind {
        // cosign's signature has an empty predicate or none: the statement is the signature.
        Kind::Signature => Ok(Reading::Signature.into()),
        Kind::Provenance => {
            let (provenance, version) = provenance::read(predicate_type, statement)?;
            let version = Some(version.to_owned());
            Ok(Read { version, ..Reading::Provenance(provenance).into() })
        }
        // The signed statement says what the BOM is about; a hash of its main component may be
        // that of a file within the subject.
        // CycloneDX without components is VEX, whatever the predicate type says of CycloneDX.
        Kind::Sbom => {
            let predicate: &RawValue = statement.predicate()?;
            // cosign's custom predicate holds what it is about in `Data`.
            let held = serde_json::from_str::<CosignCustom<'_>>(predicate.get());
            let document = held.map_or(predicate, |held| held.data);
            let read = embedded(kind, document.get().as_bytes())?;
            Ok(wrapped(read))
        }
        // in-toto's and cosign's predicates differ in what their result may be.
        Kind::Scan if predicate_type != predicates::SCAN => {
            scan::read_in_toto(statement.predicate::<scan::InTotoPredicate<'_>>()?)
        }
        Kind::Scan | Kind::Analysis => {
            embedded(kind, statement.predicate::<&RawValue>()?.get().as_bytes())
        }
        Kind::Test if predicate_type == predicates::TEST_RESULT => {
            tests::read_result(statement).map(|it| Reading::Tests(it).into())
        }
        Kind::Test | Kind::Coverage => {
            let predicate: ReportPredicate = statement.predicate()?;
            let read = embedded(kind, predicate.report.as_bytes())?;
            match &read.reading {
                Reading::Tests(Tests { format, .. })
                | Reading::Coverage(Coverage { format, .. })
                    if *format == predicate.format =>
                {
                    Ok(read)
                }
                _ => Err(Failure::malformed(format!(
                    "the predicate's report is no `{}`, as it says",
                    predicate.format
                ))),
            }
        }
        // The statement says what a document without products is about; what its products are is
        // compared statement by statement.
        Kind::Vex => {
            let bytes = statement.predicate::<&RawValue>()?.get().as_bytes();
            let format = vex::Format::promised(&Marks::of(bytes)?)
                .ok_or_else(|| Failure::malformed("the predicate holds no VEX that Gate reads"))?;
            Ok(wrapped(format.read(bytes)?))
        }
        Kind::Approval => approval::read(statement).map(|it| Reading::Approval(it).into()),
        Kind::Change => change::read(statement).map(|it| Reading::Change(it).into()),
    }
}

/// A document as a predicate: the statement says what it is about, not its own names.
fn wrapped(read: Read) -> Read {
    let reading = match read.reading {
        Reading::Vex(claim) => Reading::Vex(claim.wrapped()),
        other => other,
    };
    Read { reading, names: vec![], ..read }
}

/// Reads a document that stands in a predicate. Its format is told by its content, as by itself;
/// its kind must be the one that the predicate type promises.
fn embedded(kind: Kind, bytes: &[u8]) -> Result<Read, Failure> {
    let format = Format::detect(&Marks::of(bytes)?).ok_or_else(|| {
        Failure::malformed(format!("the predicate holds no {} that Gate reads", kind.name()))
    })?;
    let refused = || {
        Failure::malformed(format!(
            "the predicate holds {}, which is no {}",
            format.name(),
            kind.name()
        ))
    };
    // Some scanners' reports are a scan or an analysis, as they looked for the one or the other.
    if format.kind() != kind && !(format.kind() == Kind::Scan && kind == Kind::Analysis) {
        return Err(refused());
    }
    let read = format.read(bytes)?;
    match read.reading.kind() {
        // CycloneDX without components; it counts by who signs VEX, not by who signs SBOMs.
        Kind::Vex if kind == Kind::Sbom => Ok(read),
        found if found == kind => Ok(read),
        _ => Err(refused()),
    }
}
