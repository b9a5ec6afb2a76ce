//! Facts: typed, normalised statements about a subject. Only `verify` makes them, and a replay reads
//! back those that `verify` made and the ledger kept.
//!
//! The types here are those of the input document, field by field: what rules read is what is
//! hashed, recorded and replayed.

mod analysis;
mod build;
mod coverage;
mod file;
mod inquiry;
mod people;
mod sbom;
mod scan;
mod severity;
mod statement;
mod test_run;
mod vex;

pub use analysis::{
    Analysis, AnalysisFinding, AnalysisStatus, Baseline, Category, GateCondition, GateStatus,
    QualityGate,
};
pub use build::{BuildLevel, BuilderBinding, Material, Provenance, ProvenanceSource};
pub use coverage::{Counted, Coverage};
pub use file::ConfigurationFile;
pub use inquiry::Inquiry;
pub use people::{Approval, Change};
pub use sbom::{Component, Dependency, Hashes, Sbom};
pub use scan::{
    Cvss, FindingStatus, ReportedEpss, ReportedKev, Scan, Vulnerabilities, Vulnerability,
};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
pub use severity::Severity;
pub use statement::SignedStatement;
pub use test_run::Tests;
pub use vex::{Epss, FeedState, Feeds, FindingVex, Fraction, Kev, Vex, VexStatus};

use crate::canonical::{self, CanonicalError};
use crate::evidence::Kind;
use crate::reason::Problem;
use crate::request::{Request, SubjectKind};
use crate::{Digest, Timestamp};

/// How a fact is bound to the subject.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Binding {
    /// Signed by a trusted signer, and the signed bytes name the subject's digest.
    Statement,
    /// Not signed; the document (or the referrer that holds it) names the subject's digest.
    Content,
    /// Only the caller says that it is about the subject.
    Caller,
}

/// Where a fact comes from and how far it can be trusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Digest of the evidence bytes.
    pub evidence: Digest,
    /// How it is bound to the subject.
    pub binding: Binding,
    /// Name of the configured signer; `null` where unsigned.
    pub signer: Option<String>,
    /// The certificate's identity, for keyless signatures.
    pub identity: Option<Identity>,
    /// Name of the caller, for caller-bound evidence.
    pub caller: Option<String>,
}

/// The identity that a certificate authority vouched for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// Subject alternative name: an e-mail address or workflow URI.
    pub subject: String,
    /// OIDC issuer; empty where the certificate names none.
    pub issuer: String,
    /// What else the certificate says about the workload, by Fulcio's names (`source_repository_uri`,
    /// `source_repository_ref`, `build_config_uri`, `runner_environment`, `build_trigger`, ...);
    /// empty where it says nothing.
    #[serde(default)]
    pub claims: std::collections::BTreeMap<String, String>,
}

/// A place in a document and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Located {
    /// A JSON pointer (RFC 6901), or `line N`; empty where the whole document is meant.
    pub place: String,
    /// What is wrong.
    pub message: String,
}

impl std::fmt::Display for Located {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.place.as_str() {
            "" => f.write_str(&self.message),
            place => write!(f, "{place}: {}", self.message),
        }
    }
}

/// A fact with its source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fact<T> {
    /// Where it comes from.
    pub source: Source,
    /// What it says.
    #[serde(flatten)]
    pub value: T,
}

/// The subject as far as its own bytes tell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SubjectFacts {
    /// Digest.
    pub digest: Digest,
    /// Artifact or object.
    pub kind: SubjectKind,
    /// The manifest's media type, where the manifest was at hand.
    pub media_type: Option<String>,
    /// The manifest's annotations (unauthenticated beyond the digest).
    pub annotations: std::collections::BTreeMap<String, String>,
    /// The image's configuration, where it was at hand and its digest fits.
    pub config: Option<ImageConfig>,
    /// Platform manifests under an index.
    pub platforms: Vec<Platform>,
    /// The repository that the source found it in, as `registry.example/shop/app`; `null` where it
    /// came from no registry.
    #[serde(default)]
    pub repository: Option<String>,
}

/// What rules may ask of an image's configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImageConfig {
    /// The user that the image runs as; empty means root.
    pub user: String,
    /// CPU architecture.
    pub architecture: String,
    /// Operating system.
    pub os: String,
    /// When the image says that it was created.
    pub created: Option<Timestamp>,
    /// Ports, as `8080/tcp`.
    pub exposed_ports: Vec<String>,
    /// Names of environment variables (values may be secrets and stay out).
    pub env_names: Vec<String>,
    /// Entry point.
    pub entrypoint: Vec<String>,
    /// Command.
    pub cmd: Vec<String>,
    /// Labels.
    pub labels: std::collections::BTreeMap<String, String>,
}

/// A platform manifest under an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Platform {
    /// Its digest.
    pub digest: Digest,
    /// `os/architecture[/variant]`.
    pub platform: String,
}

/// A signature over the subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Signature {
    /// `message`, `statement` or `simple-signing`.
    pub form: String,
    /// When it was made, where a log or timestamp authority proves it.
    pub signed_at: Option<Timestamp>,
    /// Whether a transparency log entry was verified.
    pub logged: bool,
}

/// A verified statement, of any kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Attestation {
    /// Predicate type.
    pub predicate_type: String,
    /// The kind it was read as.
    pub kind: Kind,
}

/// Evidence that proves nothing, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FailedFact {
    /// Digest of the evidence bytes.
    pub evidence: Digest,
    /// What it would have been, where that much could be told.
    pub kind: Option<Kind>,
    /// Why it counts for nothing.
    pub code: Problem,
    /// What exactly was found, for people.
    pub detail: String,
    /// The signer or person, where known.
    pub signer: Option<String>,
    /// Whether it denies by itself: named by the caller and unreadable.
    pub denies: bool,
}

/// The facts as rules, records and replays see them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FactsDocument {
    /// The subject itself.
    pub subject: SubjectFacts,
    /// Signatures over the subject by trusted signers.
    pub signatures: Vec<Fact<Signature>>,
    /// Every verified statement about the subject.
    pub attestations: Vec<Fact<Attestation>>,
    /// Builds.
    pub provenance: Vec<Fact<Provenance>>,
    /// Bills of materials.
    pub sbom: Vec<Fact<Sbom>>,
    /// Scans and what they found.
    pub vulnerabilities: Vulnerabilities,
    /// Test runs.
    pub tests: Vec<Fact<Tests>>,
    /// How much of the code test runs reached.
    #[serde(default)] // older records have none
    pub coverage: Vec<Fact<Coverage>>,
    /// Analyses of code, configuration and secrets, one entry a tool's run.
    pub analysis: Vec<Fact<Analysis>>,
    /// Approvals that count.
    pub approvals: Vec<Fact<Approval>>,
    /// Changes joined to the provenance.
    pub changes: Vec<Fact<Change>>,
    /// Earlier promotions; none is joined yet.
    pub promotions: Vec<serde_json::Value>,
    /// Deployments; none is joined yet.
    pub deployments: Vec<serde_json::Value>,
    /// The Kubernetes object under admission, or what the subject holds where it is a configuration
    /// file.
    pub object: Option<Arc<serde_json::Value>>,
    /// The configuration files of the subject, where the policy is written for another tool that
    /// judges files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<ConfigurationFile>,
    /// Evidence that proves nothing, and why.
    pub failed: Vec<FailedFact>,
    /// VEX documents that count.
    #[serde(default)] // older records have none
    pub vex: Vec<Fact<Vex>>,
    /// The feeds that findings were joined with.
    #[serde(default)] // older records have none
    pub feeds: Feeds,
    /// The statements behind `attestations`, where the policy is written for a tool that reads them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statements: Vec<Fact<SignedStatement>>,
    /// What rules asked of registries, and what these answered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inquiries: Vec<Inquiry>,
}

impl FactsDocument {
    /// A document about a request whose subject nothing is known of yet; `verify` adds the object
    /// under admission, so that a replay needs nothing else.
    pub(crate) fn empty(request: &Request) -> Self {
        let subject = &request.subject;
        Self {
            subject: SubjectFacts {
                digest: subject.digest,
                kind: subject.kind,
                media_type: None,
                annotations: std::collections::BTreeMap::new(),
                config: None,
                platforms: vec![],
                repository: None,
            },
            signatures: vec![],
            attestations: vec![],
            provenance: vec![],
            sbom: vec![],
            vulnerabilities: Vulnerabilities::default(),
            tests: vec![],
            coverage: vec![],
            analysis: vec![],
            approvals: vec![],
            changes: vec![],
            promotions: vec![],
            deployments: vec![],
            object: None,
            files: vec![],
            failed: vec![],
            vex: vec![],
            feeds: Feeds::default(),
            statements: vec![],
            inquiries: vec![],
        }
    }
}

/// Verified facts with their canonical bytes and digest. `verify` makes them; [`Facts::recorded`]
/// reads back what it made.
#[derive(Debug, Clone)]
pub struct Facts {
    document: FactsDocument,
    bytes: Arc<[u8]>,
    digest: Digest,
}

/// Recorded facts that are not those that were recorded.
#[derive(Debug, thiserror::Error)]
pub enum RecordedFactsError {
    /// The bytes have another digest.
    #[error("the recorded facts have digest {found}, not {expected}")]
    Digest {
        /// The digest that the decision names.
        expected: Digest,
        /// The digest that the bytes have.
        found: Digest,
    },
    /// The bytes are no facts document.
    #[error("the recorded facts cannot be read")]
    Malformed(#[source] serde_json::Error),
}

impl Facts {
    /// For `verify` alone.
    pub(crate) fn verified(document: FactsDocument) -> Result<Self, CanonicalError> {
        let (bytes, digest) = canonical::with_digest(&document)?;
        Ok(Self { document, bytes: bytes.into(), digest })
    }

    /// The same facts with more of what registries answered.
    pub(crate) fn with_inquiries(self, more: Vec<Inquiry>) -> Result<Self, CanonicalError> {
        let mut document = self.document;
        document.inquiries.extend(more);
        Self::verified(document)
    }

    /// Facts that `verify` made earlier, read back from the record that holds them.
    pub fn recorded(bytes: Vec<u8>, expected: Digest) -> Result<Self, RecordedFactsError> {
        let found = Digest::of(&bytes);
        if found != expected {
            return Err(RecordedFactsError::Digest { expected, found });
        }
        let document = serde_json::from_slice(&bytes).map_err(RecordedFactsError::Malformed)?;
        Ok(Self { document, bytes: bytes.into(), digest: expected })
    }

    /// The facts.
    pub fn document(&self) -> &FactsDocument {
        &self.document
    }

    /// Their RFC 8785 form.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The same, shared.
    pub(crate) fn shared_bytes(&self) -> Arc<[u8]> {
        self.bytes.clone()
    }

    /// Digest of that form.
    pub fn digest(&self) -> Digest {
        self.digest
    }
}
