//! The effective configuration of one environment, with keys and people written out and roots and
//! policy by digest: enough, with those blobs, to judge again years later.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Digest;
use crate::decision::{Exception, Mode};
use crate::evidence::Kind;

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
