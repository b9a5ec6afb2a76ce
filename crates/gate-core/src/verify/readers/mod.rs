//! From one format each to the normalised model. Readers judge nothing: whose document it is and
//! whether it counts is decided elsewhere.

pub(super) mod approval;
pub(super) mod change;
pub(super) mod cyclonedx;
pub(super) mod junit;
pub(super) mod provenance;
pub(super) mod trivy;

use serde::Deserialize;
use serde_json::Value;

use super::failure::Failure;
use super::statement::Statement;
use crate::Digest;
use crate::evidence::Kind;
use crate::facts::{Provenance, Sbom, Scan, Tests, Vulnerability};
use crate::predicates;

/// What a document says, normalised.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Reading {
    Signature,
    Provenance(Provenance),
    Sbom(Sbom),
    Scan { scan: Scan, findings: Vec<Vulnerability> },
    Tests(Tests),
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
            Self::Tests(_) => Kind::Test,
            Self::Approval(_) => Kind::Approval,
            Self::Change(_) => Kind::Change,
        }
    }
}

/// A reading with the artifact digests that the document itself names.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Read {
    pub(super) reading: Reading,
    pub(super) names: Vec<Digest>,
}

impl From<Reading> for Read {
    fn from(reading: Reading) -> Self {
        Self { reading, names: vec![] }
    }
}

/// The predicate of Gate's own test statements.
#[derive(Deserialize)]
struct TestPredicate {
    format: String,
    report: String,
}

/// cosign's vulnerability predicate.
#[derive(Deserialize)]
struct CosignVuln {
    scanner: CosignScanner,
}

#[derive(Deserialize)]
struct CosignScanner {
    result: trivy::Report,
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
            let value: Value = statement.predicate()?;
            provenance::read(predicate_type, value).map(|it| Reading::Provenance(it).into())
        }
        // The signed statement says what the BOM is about; a hash of its main component may be
        // that of a file within the subject.
        Kind::Sbom => {
            cyclonedx::read(statement.predicate()?).map(|(sbom, _)| Reading::Sbom(sbom).into())
        }
        Kind::Scan if predicate_type == predicates::COSIGN_VULN => {
            trivy::read(statement.predicate::<CosignVuln>()?.scanner.result)
        }
        Kind::Scan => trivy::read(statement.predicate()?),
        Kind::Test => {
            let predicate: TestPredicate = statement.predicate()?;
            if predicate.format != "junit" {
                return Err(Failure::malformed(format!(
                    "`{}` is no test format that Gate reads: write junit",
                    predicate.format
                )));
            }
            junit::read(&predicate.report).map(|tests| Reading::Tests(tests).into())
        }
        Kind::Approval => approval::read(statement).map(|it| Reading::Approval(it).into()),
        Kind::Change => change::read(statement).map(|it| Reading::Change(it).into()),
    }
}
