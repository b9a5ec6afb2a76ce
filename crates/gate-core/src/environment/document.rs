//! The effective configuration of one environment, with keys and people written out and roots and
//! policy by digest: enough, with those blobs, to judge again years later.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::decision::{Exception, Mode};
use crate::evidence::Kind;
use crate::policy::Dialect;
use crate::{Digest, Timestamp};

/// One environment, self-contained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EnvironmentDocument {
    /// Its name.
    pub name: String,
    /// What it does with a deny.
    pub mode: Mode,
    /// Its policy bundle.
    pub policy: PolicyDocument,
    /// The signers that `trust` and `people` name.
    pub signers: BTreeMap<String, SignerDocument>,
    /// Who may sign which kind.
    pub trust: BTreeMap<Kind, Vec<String>>,
    /// The persons behind signers and commit authors.
    pub people: BTreeMap<String, PersonDocument>,
    /// Kinds whose unsigned or caller-bound evidence counts.
    pub allow_unsigned: BTreeSet<Kind>,
    /// Other names of Gate's own predicate types: alias to type.
    pub predicate_aliases: BTreeMap<String, String>,
    /// Trusted roots by the name that signers use.
    pub roots: BTreeMap<String, Digest>,
    /// What roots must prove, where it is not the default.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub root_rules: BTreeMap<String, RootRules>,
    /// Who must have signed beyond one trusted signer, by repository and kind.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub require: Vec<Requirement>,
    /// What is excused, until when.
    pub exceptions: Vec<Exception>,
    /// Time limits.
    pub limits: LimitsDocument,
    /// `verifier.id` of attestations.
    pub verifier_id: String,
    /// `resourceUri` of attestations; `null` stands for the subject's digest as a URI.
    pub resource_uri: Option<String>,
    /// Public feeds that findings are joined with.
    #[serde(default, skip_serializing_if = "FeedsDocument::is_empty")]
    pub feeds: FeedsDocument,
}

/// Public feeds that findings are joined with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FeedsDocument {
    /// FIRST's exploit prediction scores.
    pub epss: Option<FeedDocument>,
    /// CISA's known exploited vulnerabilities.
    pub kev: Option<FeedDocument>,
}

impl FeedsDocument {
    /// Whether no feed is named.
    pub fn is_empty(&self) -> bool {
        self.epss.is_none() && self.kev.is_none()
    }
}

/// One feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FeedDocument {
    /// Digest of its file.
    pub digest: Digest,
    /// Days after which it says nothing any more.
    pub maximum_age_days: u32,
}

/// Which policy bundle judges.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyDocument {
    /// Digest of the policy manifest.
    pub digest: Digest,
    /// `policy.uri` of attestations.
    pub uri: String,
    /// Its dialect, where it is not Gate's own.
    #[serde(default, skip_serializing_if = "Dialect::is_gate")]
    pub dialect: Dialect,
}

/// Somebody or something that signs: a public key, or a certificate identity under a root.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignerDocument {
    /// PEM public key (SubjectPublicKeyInfo).
    pub key: Option<String>,
    /// Exact certificate identity (e-mail or URI).
    pub identity: Option<String>,
    /// Certificate identity as a regular expression, anchored at both ends.
    pub identity_regexp: Option<String>,
    /// Exact OIDC issuer.
    pub issuer: Option<String>,
    /// OIDC issuer as a regular expression, anchored at both ends.
    pub issuer_regexp: Option<String>,
    /// Name of the trusted root: required for identities; with a key, log entries must verify under it.
    pub root: Option<String>,
    /// When the key came into use: signatures before do not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Timestamp>,
    /// When the key went out of use: signatures from then on do not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
    /// What the certificate must say about the workload: claim to exact value.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub claims: BTreeMap<String, String>,
    /// The same as regular expressions, anchored at both ends.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub claims_regexp: BTreeMap<String, String>,
}

/// What a trusted root must prove about a signature. The default asks for what the public instance
/// gives; only configuration asks for less, and says so root by root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RootRules {
    /// In how many different transparency logs it must stand. 0 for instances without a log, whose
    /// signatures then need a timestamp.
    pub logs: usize,
    /// Whether each log entry must come with a proof of inclusion, the log's promise not being enough.
    pub inclusion_proof: bool,
    /// Whether a timestamp of an authority must be there beside the log.
    pub timestamp: bool,
    /// Whether the certificate must carry a signed certificate timestamp.
    pub sct: bool,
}

impl Default for RootRules {
    fn default() -> Self {
        Self { logs: 1, inclusion_proof: false, timestamp: false, sct: true }
    }
}

/// Who must have signed evidence of a kind for it to count. Of several that name the subject's
/// repository the most specific holds; where the repository is not known, all of them hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// Repositories, as `registry.example/shop/*`: `*` stands for one part of a path, `**` for any
    /// number of them. Empty: every subject.
    #[serde(default)]
    pub repositories: Vec<String>,
    /// The kind of evidence.
    pub kind: Kind,
    /// Alternatives, of which one must be met.
    pub any_of: Vec<Quorum>,
}

/// One way to meet a requirement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Quorum {
    /// Signers who must all have signed.
    #[serde(default)]
    pub required: Vec<String>,
    /// How many of `of` must have signed.
    #[serde(default)]
    pub at_least: usize,
    /// The signers that `at_least` counts, each person and each signer once.
    #[serde(default)]
    pub of: Vec<String>,
}

/// A person: the signers that are theirs and the names that commits give them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonDocument {
    /// Signers of this person.
    pub signers: Vec<String>,
    /// Names of this person in change statements, compared without regard to case.
    pub names: Vec<String>,
}

/// Time limits of policy evaluation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitsDocument {
    /// Milliseconds for one rule (one package's `deny` or `warn`).
    pub rule_ms: u64,
    /// Milliseconds for all rules of one decision.
    pub decision_ms: u64,
}

impl Default for LimitsDocument {
    fn default() -> Self {
        Self { rule_ms: 1_000, decision_ms: 5_000 }
    }
}
