//! Facts: typed, normalised statements about a subject. Only `verify` makes them, and a replay reads
//! back those that `verify` made and the ledger kept.
//!
//! The types here are those of the input document, field by field: what rules read is what is
//! hashed, recorded and replayed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
    /// OIDC issuer.
    pub issuer: String,
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
    /// `message` or `statement`.
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

/// How the subject was built.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Provenance {
    /// SLSA predicate type.
    pub predicate_type: String,
    /// `runDetails.builder.id`.
    pub builder: String,
    /// `buildDefinition.buildType`.
    pub build_type: String,
    /// The source that was built; `source` is where the fact itself comes from.
    #[serde(rename = "built_from")]
    pub source: Option<ProvenanceSource>,
    /// `buildDefinition.externalParameters` as given.
    pub parameters: serde_json::Value,
    /// Resolved dependencies.
    pub materials: Vec<Material>,
    /// Invocation id.
    pub invocation: Option<String>,
    /// When the build started.
    pub started_at: Option<Timestamp>,
    /// When the build finished.
    pub finished_at: Option<Timestamp>,
}

/// Repository and commit that a build was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProvenanceSource {
    /// Repository URI without ref.
    pub repository: String,
    /// Ref, where the URI names one.
    pub r#ref: Option<String>,
    /// Commit, lower-case hexadecimal.
    pub commit: Option<String>,
}

/// Something that a build consumed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Material {
    /// URI.
    pub uri: Option<String>,
    /// Digests by algorithm.
    pub digest: std::collections::BTreeMap<String, String>,
}

/// A software bill of materials.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sbom {
    /// `cyclonedx`.
    pub format: String,
    /// Version of the format.
    pub version: String,
    /// Serial number or namespace.
    pub serial: Option<String>,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// Tools that made it.
    pub tools: Vec<String>,
    /// The thing described.
    pub main: Option<Component>,
    /// Components, flattened, in document order.
    pub components: Vec<Component>,
    /// Dependency relations as the document gives them.
    pub dependencies: u64,
}

/// A component of an SBOM.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// Component type as the format names it.
    pub r#type: String,
    /// Name.
    pub name: String,
    /// Group or namespace.
    pub group: Option<String>,
    /// Version.
    pub version: Option<String>,
    /// Package URL, normalised; as given where it does not parse.
    pub purl: Option<String>,
    /// Licence ids, names and expressions.
    pub licences: Vec<String>,
    /// Supplier's name.
    pub supplier: Option<String>,
    /// Digests by algorithm (`sha-256`).
    pub hashes: std::collections::BTreeMap<String, String>,
    /// `required`, `optional` or `excluded`.
    pub scope: Option<String>,
}

/// Everything that scanners said.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Vulnerabilities {
    /// One entry a scan, findings or none: a clean scan is not an absent scan.
    pub scans: Vec<Fact<Scan>>,
    /// One entry a vulnerability and package, over all scans.
    pub findings: Vec<Vulnerability>,
}

/// A scanner's run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Scan {
    /// `trivy`.
    pub format: String,
    /// Scanner's version, where the report says.
    pub scanner_version: Option<String>,
    /// When it ran, where the report says.
    pub scanned_at: Option<Timestamp>,
    /// What it scanned, in its own words.
    pub target: String,
    /// Findings in it.
    pub findings: u64,
}

/// One vulnerability in one package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Vulnerability {
    /// CVE or the scanner's id.
    pub id: String,
    /// Package name.
    pub package: String,
    /// Package URL.
    pub purl: Option<String>,
    /// Installed version.
    pub installed: String,
    /// Versions that mend it; empty where there is no fix.
    pub fixed: Vec<String>,
    /// `critical`, `high`, `medium`, `low`, `negligible` or `unknown`.
    pub severity: String,
    /// Title.
    pub title: Option<String>,
    /// Where it lies, in the scanner's words.
    pub location: Option<String>,
    /// Digests of the scans that found it.
    pub scans: Vec<Digest>,
}

/// A test run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tests {
    /// `junit`.
    pub format: String,
    /// Name of the run or its first suite.
    pub name: String,
    /// Test cases, counted in the report, not as its header claims.
    pub total: u64,
    /// Cases that passed.
    pub passed: u64,
    /// Cases with a failure.
    pub failed: u64,
    /// Cases with an error.
    pub errors: u64,
    /// Cases skipped.
    pub skipped: u64,
    /// Names of the first failing cases, at most 20.
    pub failing: Vec<String>,
}

/// An approval that counts. Those that do not are failed facts with their reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Approval {
    /// The person, from configuration, that the signer is mapped to.
    pub person: String,
    /// When it was given.
    pub approved_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// Why, in the approver's words.
    pub reason: Option<String>,
}

/// Who made the change that the subject was built from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// Commit.
    pub commit: String,
    /// Repository, where the statement says.
    pub repository: Option<String>,
    /// Authors as the statement names them.
    pub authors: Vec<String>,
    /// Committer as the statement names them.
    pub committer: Option<String>,
    /// The persons of the configuration that these are, committer included.
    pub people: Vec<String>,
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
    /// Static analysis; none is read yet.
    pub analysis: Vec<serde_json::Value>,
    /// Approvals that count.
    pub approvals: Vec<Fact<Approval>>,
    /// Changes joined to the provenance.
    pub changes: Vec<Fact<Change>>,
    /// Earlier promotions; none is joined yet.
    pub promotions: Vec<serde_json::Value>,
    /// Deployments; none is joined yet.
    pub deployments: Vec<serde_json::Value>,
    /// The Kubernetes object under admission.
    pub object: Option<serde_json::Value>,
    /// Evidence that proves nothing, and why.
    pub failed: Vec<FailedFact>,
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
            },
            signatures: vec![],
            attestations: vec![],
            provenance: vec![],
            sbom: vec![],
            vulnerabilities: Vulnerabilities::default(),
            tests: vec![],
            analysis: vec![],
            approvals: vec![],
            changes: vec![],
            promotions: vec![],
            deployments: vec![],
            object: None,
            failed: vec![],
        }
    }
}

/// Verified facts with their canonical bytes and digest. `verify` makes them; [`Facts::recorded`]
/// reads back what it made.
#[derive(Debug, Clone)]
pub struct Facts {
    document: FactsDocument,
    bytes: Vec<u8>,
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
        Ok(Self { document, bytes, digest })
    }

    /// Facts that `verify` made earlier, read back from the record that holds them.
    pub fn recorded(bytes: Vec<u8>, expected: Digest) -> Result<Self, RecordedFactsError> {
        let found = Digest::of(&bytes);
        if found != expected {
            return Err(RecordedFactsError::Digest { expected, found });
        }
        let document = serde_json::from_slice(&bytes).map_err(RecordedFactsError::Malformed)?;
        Ok(Self { document, bytes, digest: expected })
    }

    /// The facts.
    pub fn document(&self) -> &FactsDocument {
        &self.document
    }

    /// Their RFC 8785 form.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Digest of that form.
    pub fn digest(&self) -> Digest {
        self.digest
    }
}
