//! `gate.yaml` as it is written.

use std::collections::{BTreeMap, BTreeSet};

use gate_core::Timestamp;
use gate_core::decision::{Exception, Mode};
use gate_core::environment::{Requirement, RootRules};
use gate_core::evidence::Kind;
use gate_core::policy::{Dialect, Reading};
use gate_core::structured::conftest::Parser;
use schemars::JsonSchema;
use serde::Deserialize;

use super::registries::Registries;

/// `gate.yaml`. Paths are relative to the file.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    /// Version of this form: 1.
    pub version: u32,
    /// The SQLite store.
    pub store: Option<String>,
    /// Folder that keeps policies which came over HTTPS, so that they are fetched when they change.
    pub policy_cache: Option<String>,
    /// PKCS#8 PEM key that signs attestations.
    pub signing_key: Option<String>,
    /// The ledger's own key and name.
    pub ledger: Option<Ledger>,
    /// `verifier.id` of attestations.
    #[serde(default = "default_verifier")]
    pub verifier_id: String,
    /// OCI layout folders in which subjects are found by digest.
    #[serde(default)]
    pub layouts: Vec<String>,
    /// How registries are asked.
    #[serde(default)]
    pub registries: Registries,
    /// Trusted roots: a `trusted_root.json`, `embedded` for the public-good instance or
    /// `embedded-github` for GitHub's own; or one of these with what the root must prove.
    #[serde(default)]
    pub roots: BTreeMap<String, Root>,
    /// Who signs.
    #[serde(default)]
    pub signers: BTreeMap<String, Signer>,
    /// The persons behind signers and commit authors.
    #[serde(default)]
    pub people: BTreeMap<String, Person>,
    /// Other names of Gate's own predicate types.
    #[serde(default)]
    pub predicate_aliases: BTreeMap<String, String>,
    /// Public feeds that findings are joined with.
    #[serde(default)]
    pub feeds: Feeds,
    /// The places that subjects are let into.
    pub environments: BTreeMap<String, Environment>,
    /// Policies and data for callers of OPA's REST API.
    pub opa: Option<super::opa::Section>,
    /// How `gate-server` listens and whom it answers.
    #[serde(default)]
    pub server: Server,
}

fn default_verifier() -> String {
    "https://gate.example/gate".to_owned()
}

/// The ledger's identity.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Ledger {
    /// PKCS#8 PEM Ed25519 key.
    pub key: String,
    /// The log's origin, which is also its key's name.
    pub origin: String,
}

/// A trusted root, with or without demands of its own.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Root {
    /// Path of the root, `embedded` or `embedded-github`.
    File(String),
    /// The same with what it must prove.
    Ruled(RuledRoot),
}

/// A trusted root with what it must prove.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RuledRoot {
    /// Path of the root, `embedded` or `embedded-github`.
    pub file: String,
    /// In how many different transparency logs a signature must stand (default 1).
    pub logs: Option<usize>,
    /// Whether each log entry must come with a proof of inclusion (default false: the log's promise
    /// is enough where the form knows no more).
    pub inclusion_proof: Option<bool>,
    /// Whether a timestamp of an authority must be there (default false).
    pub timestamp: Option<bool>,
    /// Whether the certificate must carry a signed certificate timestamp (default true).
    pub sct: Option<bool>,
}

impl Root {
    /// The path.
    pub(super) fn file(&self) -> &str {
        match self {
            Self::File(file) => file,
            Self::Ruled(root) => &root.file,
        }
    }

    /// What it must prove, where it says so.
    pub(super) fn rules(&self) -> Option<RootRules> {
        let Self::Ruled(root) = self else { return None };
        let default = RootRules::default();
        Some(RootRules {
            logs: root.logs.unwrap_or(default.logs),
            inclusion_proof: root.inclusion_proof.unwrap_or(default.inclusion_proof),
            timestamp: root.timestamp.unwrap_or(default.timestamp),
            sct: root.sct.unwrap_or(default.sct),
        })
    }
}

/// Somebody or something that signs: a public key, or a certificate identity under a root.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Signer {
    /// Path of a PEM public key, or the PEM itself.
    pub key: Option<String>,
    /// Exact certificate identity.
    pub identity: Option<String>,
    /// Certificate identity as a regular expression, anchored at both ends.
    pub identity_regexp: Option<String>,
    /// Exact OIDC issuer.
    pub issuer: Option<String>,
    /// OIDC issuer as a regular expression, anchored at both ends.
    pub issuer_regexp: Option<String>,
    /// Name of a root.
    pub root: Option<String>,
    /// When the key came into use.
    pub valid_from: Option<Timestamp>,
    /// When the key went out of use.
    pub valid_until: Option<Timestamp>,
    /// What the certificate must say about the workload: claim to exact value.
    #[serde(default)]
    pub claims: BTreeMap<String, String>,
    /// The same as regular expressions, anchored at both ends.
    #[serde(default)]
    pub claims_regexp: BTreeMap<String, String>,
}

/// A person.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Person {
    /// Signers of this person.
    #[serde(default)]
    pub signers: Vec<String>,
    /// Names of this person in change statements.
    #[serde(default)]
    pub names: Vec<String>,
}

/// Public feeds that findings are joined with.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Feeds {
    /// FIRST's exploit prediction scores: the daily table, packed or not, or an answer of the API.
    pub epss: Option<Feed>,
    /// CISA's known exploited vulnerabilities, as JSON or CSV.
    pub kev: Option<Feed>,
}

/// One feed.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Feed {
    /// Its file.
    pub path: String,
    /// Days after which it says nothing any more.
    pub maximum_age_days: u32,
}

/// A policy on its way into force.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Candidate {
    /// Policy folders, modules or bundles.
    pub policy: Vec<String>,
    /// Rule data: files or folders.
    #[serde(default)]
    pub data: Vec<String>,
    /// Percent of subjects that it judges, chosen by their digest. Without it, it is only asked:
    /// where it would have decided otherwise is noted.
    #[serde(default)]
    pub share: u8,
    /// File to which differences are appended, a line of JSON each; the log has them anyway.
    pub differences: Option<String>,
}

/// An environment.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Environment {
    /// What it does with a deny.
    #[serde(default)]
    pub mode: Mode,
    /// Policy folders, modules or bundles: also packed (`.tar.gz`), `https://` and `oci://`.
    pub policy: Vec<String>,
    /// Signers (with keys) one of whom must have signed each policy; then rule data is refused, which
    /// nobody signs.
    #[serde(default)]
    pub policy_signers: Vec<String>,
    /// Rule data: files or folders, later ones over earlier ones.
    #[serde(default)]
    pub data: Vec<String>,
    /// Whose rules the policy is written in; what its files show where it is not given.
    pub dialect: Option<Dialect>,
    /// Whether the policy is written in Rego v0.
    #[serde(default)]
    pub v0_compatible: bool,
    /// Conftest's namespaces that are asked; `main` where none is given.
    #[serde(default)]
    pub namespaces: Vec<String>,
    /// Whether Conftest's rules of every namespace are asked.
    #[serde(default)]
    pub all_namespaces: bool,
    /// Whether Conftest's rules are asked once about all files together.
    #[serde(default)]
    pub combine: bool,
    /// Conftest's parser that reads every file, whatever its name.
    pub parser: Option<Parser>,
    /// A policy on its way into force.
    pub candidate: Option<Candidate>,
    /// `policy.uri` of attestations.
    pub policy_uri: Option<String>,
    /// Who may sign which kind.
    #[serde(default)]
    pub trust: BTreeMap<Kind, Vec<String>>,
    /// Who must have signed beyond one trusted signer, by repository and kind.
    #[serde(default)]
    pub require: Vec<Requirement>,
    /// Kinds whose unsigned or caller-bound evidence counts.
    #[serde(default)]
    pub allow_unsigned: BTreeSet<Kind>,
    /// What is excused, until when.
    #[serde(default)]
    pub exceptions: Vec<Exception>,
    /// Time limits.
    pub limits: Option<Limits>,
    /// `resourceUri` of attestations.
    pub resource_uri: Option<String>,
}

impl Environment {
    /// How its policy is read and asked.
    pub(super) fn reading(&self) -> Reading {
        Reading {
            dialect: self.dialect,
            v0: self.v0_compatible,
            namespaces: self.namespaces.clone(),
            all_namespaces: self.all_namespaces,
            combine: self.combine,
            parser: self.parser,
        }
    }
}

/// Time limits of policy evaluation, in milliseconds.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Limits {
    /// For one rule.
    pub rule_ms: Option<u64>,
    /// For all rules of a decision.
    pub decision_ms: Option<u64>,
}

/// How the server listens and whom it answers.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// Address, as `127.0.0.1:8080`.
    pub listen: Option<String>,
    /// TLS.
    pub tls: Option<Tls>,
    /// Bearer tokens.
    pub tokens: Vec<Client>,
    /// Client certificates.
    pub clients: Vec<Client>,
    /// Limits.
    pub limits: ServerLimits,
    /// Seconds after which policies behind `https://` and `oci://` are asked for again (at least 5);
    /// without it only on SIGHUP, or when a file of the configuration changes.
    pub policy_refresh_seconds: Option<u64>,
}

/// TLS files, read again when they change.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// PEM certificate chain.
    pub certificate: String,
    /// PEM private key.
    pub key: String,
    /// PEM authorities of client certificates.
    pub client_ca: Option<String>,
}

/// What a token or client certificate may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Right {
    /// Ask for decisions, admission included, and look them up.
    Read,
    /// Upload evidence.
    Evidence,
    /// Promote.
    Promote,
    /// Ask documents and queries of OPA's REST API.
    Query,
    /// Change policies and data of OPA's REST API, where the configuration lets anybody.
    Data,
}

/// A token or a client certificate, by its hash.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// The requester's name in records.
    pub name: String,
    /// 64 hexadecimal digits: SHA-256 of the token, or of the certificate's DER.
    pub sha256: String,
    /// Environments that it may ask about.
    pub environments: BTreeSet<String>,
    /// What it may do.
    pub rights: BTreeSet<Right>,
    /// When it ends.
    pub until: Timestamp,
}

/// Limits of the server.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ServerLimits {
    /// Requests in work at once.
    pub concurrent: usize,
    /// Bytes of a request body; evidence uploads have their own limit.
    pub body_bytes: usize,
    /// Seconds until a request is given up.
    pub request_seconds: u64,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self { concurrent: 256, body_bytes: 8 << 20, request_seconds: 30 }
    }
}
