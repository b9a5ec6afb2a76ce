//! The decision document: the verdict on a subject for an environment at a time, with its findings.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::canonical::{self, CanonicalError};
use crate::evidence::Kind;
use crate::facts::FailedFact;
use crate::policy::Dialect;
use crate::request::{Subject, SubjectKind};
use crate::{Digest, Timestamp};

/// Whether the subject is let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Let in.
    Allow,
    /// Stopped.
    Deny,
}

/// What an environment does with the policy's result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// A deny stops the subject.
    #[default]
    Enforce,
    /// A deny lets the subject in and warns.
    Warn,
    /// A deny lets the subject in and is recorded.
    Audit,
}

/// How grave a finding is by itself.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// It asks to stop the subject.
    Deny,
    /// It asks for attention.
    Warn,
}

/// Who found it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Author {
    /// Gate itself; no exception excuses it.
    Gate,
    /// A rule of the policy bundle.
    Rule,
}

/// What a finding did to the verdict.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// It denies.
    Denies,
    /// It warns.
    Warns,
    /// It would deny, but its `effective_on` lies after the decision.
    NotYetEffective,
    /// It would deny or warn, but an exception excuses it, or the policy itself: an `exception` of
    /// Conftest's rules, a constraint of Gatekeeper that is not enforced.
    Excused,
}

/// One rule's word on the subject.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// Stable code: the rule's id, or one of Gate's own.
    pub code: String,
    /// Who found it.
    pub author: Author,
    /// How grave it is.
    pub severity: Severity,
    /// What it did to the verdict.
    pub effect: Effect,
    /// Package of the rule, without `data.`.
    pub package: Option<String>,
    /// What the rule is about.
    pub title: String,
    /// What was found, in words.
    pub message: String,
    /// How to mend it.
    pub solution: Option<String>,
    /// What was found, as data.
    pub detail: serde_json::Value,
    /// From when on it denies.
    pub effective_on: Option<Timestamp>,
    /// Index of the exception in the environment's configuration that excuses it.
    pub exception: Option<u32>,
}

/// What an exception excuses: every part that is given must match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// A vulnerability id (`detail.vulnerability` of a finding).
    #[serde(default)]
    pub cve: Option<String>,
    /// A rule's code.
    #[serde(default)]
    pub rule: Option<String>,
    /// A package (`detail.purl` without or with version, or `detail.package`).
    #[serde(default)]
    pub package: Option<String>,
    /// The subject's digest, or `any`.
    pub subject: String,
    /// Who granted it.
    pub author: String,
    /// Why.
    pub reason: String,
    /// When it ends; it excuses nothing from this moment on.
    pub until: Timestamp,
}

/// What became of the environment's exceptions in a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExceptionUse {
    /// Its index in the environment's configuration.
    pub index: u32,
    /// The exception.
    #[serde(flatten)]
    pub exception: Exception,
    /// How many findings it excused.
    pub excused: u32,
}

/// The decision document. Its RFC 8785 form is what is signed and recorded; who asked, the record
/// and the signature stand outside it, so that every door gives the same bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// Version of this document's form: 1.
    pub version: u32,
    /// What was judged.
    pub subject: Subject,
    /// Where to.
    pub environment: String,
    /// What the environment does with a deny.
    pub mode: Mode,
    /// When.
    pub now: Timestamp,
    /// Digest of the policy manifest: modules and rule data.
    pub policy: Digest,
    /// The dialect of the policy, where it is not Gate's own.
    #[serde(default, skip_serializing_if = "Dialect::is_gate")]
    pub dialect: Dialect,
    /// Digest of the facts.
    pub facts: Digest,
    /// Findings, sorted by effect, code and detail.
    pub findings: Vec<Finding>,
    /// Exceptions that excused a finding.
    pub exceptions: Vec<ExceptionUse>,
    /// The verdict.
    pub verdict: Verdict,
    /// Whether an unexcused deny stood, whatever the mode made of it.
    pub would_deny: bool,
}

impl Decision {
    /// The RFC 8785 form and the decision's id, its digest.
    pub fn canonical(&self) -> Result<(Vec<u8>, Digest), CanonicalError> {
        canonical::with_digest(self)
    }
}

/// A rule that was asked and the kind of word it says: for explanations, outside the decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AskedRule {
    /// Its code (`short_name`), or package and rule name where it has no metadata.
    pub code: String,
    /// Its package.
    pub package: String,
    /// Title from its metadata.
    pub title: Option<String>,
    /// Kinds of evidence it is about, from `custom.evidence`; empty where it does not say.
    pub evidence: Vec<Kind>,
    /// What it judges, from `custom.subject`; `null` where it does not say.
    pub subject: Option<SubjectKind>,
}

/// The answer of a check, the same from the command line and over HTTP: the decision, and beside it
/// what explains it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The decision's id.
    pub id: Digest,
    /// The decision.
    pub decision: Decision,
    /// The rules that were asked.
    pub asked: Vec<AskedRule>,
    /// Evidence that proves nothing, and why.
    pub failed: Vec<FailedFact>,
}
