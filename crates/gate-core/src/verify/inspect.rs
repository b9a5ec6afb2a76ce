//! From bytes to what Gate sees in them, before any trust: `gate evidence inspect` and the server's
//! check of uploads.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::cosign::Layer;
use super::detect::{Form, detect};
use super::envelope::{Envelope, IN_TOTO};
use super::examine::{read_document, too_large};
use super::failure::Failure;
use super::pypi;
use super::readers::{self, Read, Reading};
use super::sigstore::{Bundle, Content};
use super::statement::Statement;
use crate::evidence::Kind;
use crate::facts::{Located, Sbom};
use crate::reason::Problem;
use crate::{Digest, limits, predicates};

/// What Gate sees in a piece of evidence. Nothing in it is verified.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Inspection {
    /// Digest of the bytes.
    pub digest: Digest,
    /// The outermost form: `sigstore-bundle`, `cosign-layer`, `pypi-attestation`, `dsse-envelope`,
    /// `in-toto-statement`, or the format of a document (`cyclonedx`, `trivy`, `sarif`, `junit`, ...).
    pub form: Option<String>,
    /// What kind of evidence it is.
    pub kind: Option<Kind>,
    /// The format of what is said: `cyclonedx`, `trivy`, `junit`, `slsa-provenance`, ...
    pub format: Option<String>,
    /// The format's version.
    pub version: Option<String>,
    /// The predicate type, of statements.
    pub predicate_type: Option<String>,
    /// What the statement says that it is about, as `algorithm:digest`.
    pub subjects: Vec<String>,
    /// What each statement holds, where the bytes hold several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contents: Vec<Inspection>,
    /// The normalised facts; `null` where they cannot be read.
    pub facts: Value,
    /// What is wrong with it.
    pub problems: Vec<InspectionProblem>,
}

/// Something that keeps evidence from being read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct InspectionProblem {
    /// The stable code.
    pub code: Problem,
    /// A JSON pointer (RFC 6901) or `line N`; empty where the whole document is meant.
    pub place: String,
    /// What was found, with line and column where JSON is broken.
    pub detail: String,
}

impl Inspection {
    /// Whether the bytes are evidence that can be read. A statement with a predicate type that Gate
    /// does not know is: an environment may have an alias for it.
    pub fn is_readable(&self) -> bool {
        self.problems.iter().all(|problem| problem.code == Problem::PredicateUnsupported)
    }
}

/// Looks at evidence.
pub fn inspect(bytes: &[u8]) -> Inspection {
    let mut inspection = Inspection {
        digest: Digest::of(bytes),
        form: None,
        kind: None,
        format: None,
        version: None,
        predicate_type: None,
        subjects: vec![],
        contents: vec![],
        facts: Value::Null,
        problems: vec![],
    };
    if let Err(failure) = inspection.look(bytes) {
        inspection.kind = inspection.kind.or(failure.kind);
        inspection.problems = problems(failure);
    }
    inspection
}

/// Normalises a bill of materials that stands by itself, in whichever of its formats.
pub fn read_sbom(bytes: &[u8]) -> Result<Sbom, Vec<InspectionProblem>> {
    let read = || {
        if bytes.len() > limits::SBOM_BYTES {
            return Err(too_large(bytes.len(), limits::SBOM_BYTES));
        }
        let no_sbom = || Failure::new(Problem::EvidenceUnknown, "is no bill of materials");
        match detect(bytes)? {
            (Form::Document(format), bytes) if format.kind() == Kind::Sbom => {
                match read_document(format, bytes)?.reading {
                    Reading::Sbom(sbom) => Ok(sbom),
                    _ => Err(no_sbom()),
                }
            }
            _ => Err(no_sbom()),
        }
    };
    read().map_err(problems)
}

/// The failure with each of its places, or as a whole where it names none.
fn problems(failure: Failure) -> Vec<InspectionProblem> {
    let Failure { code, detail, places, .. } = failure;
    if places.is_empty() {
        return vec![InspectionProblem { code, place: String::new(), detail }];
    }
    let located = |it: Located| InspectionProblem { code, place: it.place, detail: it.message };
    places.into_iter().map(located).collect()
}

impl Inspection {
    fn look(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        if bytes.len() > limits::SBOM_BYTES {
            return Err(too_large(bytes.len(), limits::SBOM_BYTES));
        }
        let (form, bytes) = detect(bytes)?;
        self.form = Some(form.name().to_owned());
        match form {
            Form::Bundle => self.content(&Bundle::from_json(bytes)?),
            Form::PypiAttestation => self.content(&pypi::attestation(bytes)?),
            Form::PypiProvenance => self.content(&pypi::provenance(bytes)?),
            Form::Layer => match Layer::from_json(bytes)? {
                Layer::Statement { bundle } => self.content(&bundle),
                Layer::Signature { image, .. } => {
                    self.kind = Some(Kind::Signature);
                    self.format = Some("simple-signing".to_owned());
                    self.subjects.push(image.to_string());
                    Ok(())
                }
            },
            Form::Envelope => {
                let envelope = Envelope::from_json(bytes)?;
                self.payload(&envelope.payload_type, &envelope.payload)
            }
            Form::Statement => self.statement(bytes),
            Form::Several(container) => {
                self.several(&container.parts(bytes)?);
                Ok(())
            }
            Form::Document(format) => {
                let read = read_document(format, bytes)?;
                self.subjects.extend(read.names.iter().map(Digest::to_string));
                self.reading(&read)
            }
        }
    }

    fn content(&mut self, bundle: &Bundle) -> Result<(), Failure> {
        match bundle.content()? {
            Content::Payload { payload_type, payload } => self.payload(payload_type, payload),
            Content::Message { sha256 } => {
                self.kind = Some(Kind::Signature);
                self.format = Some("message-signature".to_owned());
                self.subjects
                    .extend(sha256.map(|digest| format!("sha256:{}", hex::encode(digest))));
                Ok(())
            }
        }
    }

    /// Looks at each part; what is told of the whole is the provenance among them, or the first.
    fn several(&mut self, parts: &[&[u8]]) {
        self.contents = parts.iter().map(|part| inspect(part)).collect();
        let leading = self
            .contents
            .iter()
            .find(|it| it.kind == Some(Kind::Provenance) && it.is_readable())
            .or_else(|| self.contents.first());
        let Some(leading) = leading.cloned() else { return };
        self.kind = leading.kind;
        self.format = leading.format;
        self.version = leading.version;
        self.predicate_type = leading.predicate_type;
        self.subjects = leading.subjects;
        self.facts = leading.facts;
        for (at, part) in self.contents.iter().enumerate() {
            self.problems.extend(part.problems.iter().map(|problem| InspectionProblem {
                place: format!("/contents/{at}{}", problem.place),
                ..problem.clone()
            }));
        }
    }

    fn payload(&mut self, payload_type: &str, payload: &[u8]) -> Result<(), Failure> {
        if payload_type != IN_TOTO {
            return Err(Failure::new(
                Problem::EvidenceUnknown,
                format!("the payload is `{payload_type}`, no in-toto statement"),
            ));
        }
        self.statement(payload)
    }

    fn statement(&mut self, payload: &[u8]) -> Result<(), Failure> {
        let statement = Statement::from_json(payload)?;
        self.predicate_type = Some(statement.predicate_type.clone());
        self.subjects.extend(statement.subjects().map(|(name, it)| format!("{name}:{it}")));
        let kind = predicates::kind(&statement.predicate_type).ok_or_else(|| {
            Failure::new(
                Problem::PredicateUnsupported,
                format!("the predicate type is `{}`", statement.predicate_type),
            )
        })?;
        self.kind = Some(kind);
        let read = readers::read(kind, &statement.predicate_type, &statement)?;
        self.reading(&read)
    }

    fn reading(&mut self, read: &Read) -> Result<(), Failure> {
        let reading = &read.reading;
        self.kind = Some(reading.kind());
        let (format, version) = match reading {
            Reading::Signature => ("cosign-signature", None),
            Reading::Provenance(it) => {
                let format = predicates::provenance_format(&it.predicate_type);
                (format, read.version.as_deref())
            }
            Reading::Sbom(sbom) => (sbom.format.as_str(), read.version.as_deref()),
            Reading::Scan { scan, .. } => (scan.format.as_str(), read.version.as_deref()),
            Reading::Analysis(runs) => {
                let format = runs.first().map_or("analysis", |run| run.format.as_str());
                (format, read.version.as_deref())
            }
            Reading::Tests(tests) => (tests.format.as_str(), read.version.as_deref()),
            Reading::Coverage(it) => (it.format.as_str(), read.version.as_deref()),
            Reading::Vex(claim) => (claim.document.format.as_str(), read.version.as_deref()),
            Reading::Approval(_) => ("gate-approval", Some("1")),
            Reading::Change(_) => ("gate-change", Some("1")),
        };
        self.format = Some(format.to_owned());
        self.version = version.map(str::to_owned);
        self.facts = match reading {
            Reading::Signature => Ok(Value::Null),
            Reading::Provenance(value) => serde_json::to_value(value),
            Reading::Sbom(value) => serde_json::to_value(value),
            Reading::Scan { scan, findings, analysis } => serde_json::to_value(
                serde_json::json!({"scan": scan, "findings": findings, "analysis": analysis}),
            ),
            Reading::Analysis(value) => serde_json::to_value(value),
            Reading::Tests(value) => serde_json::to_value(value),
            Reading::Coverage(value) => serde_json::to_value(value),
            Reading::Vex(value) => serde_json::to_value(value),
            Reading::Approval(value) => serde_json::to_value(value),
            Reading::Change(value) => serde_json::to_value(value),
        }
        .map_err(|error| Failure::malformed(format!("has no JSON form: {error}")))?;
        Ok(())
    }
}
