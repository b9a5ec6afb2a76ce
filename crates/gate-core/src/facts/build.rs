//! How a subject was built.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// How the subject was built.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Provenance {
    /// Predicate type: of SLSA provenance 0.1, 0.2 or 1, or of a witness collection.
    pub predicate_type: String,
    /// The builder's id, as the statement claims it; empty where it names none. What speaks for the
    /// claim stands in `builder_bound_by`.
    pub builder: String,
    /// The build type; `recipe.type` of SLSA 0.1.
    pub build_type: String,
    /// The file or job that was run: a workflow's path, a pipeline's configuration, a Dockerfile.
    pub entry_point: Option<String>,
    /// The source that was built; `source` is where the fact itself comes from.
    #[serde(rename = "built_from")]
    pub source: Option<ProvenanceSource>,
    /// What the build was asked for, as given: `externalParameters`, `invocation.parameters` or
    /// `recipe.arguments`.
    pub parameters: serde_json::Value,
    /// Resolved dependencies, or materials.
    pub materials: Vec<Material>,
    /// Invocation id.
    pub invocation: Option<String>,
    /// When the build started.
    pub started_at: Option<Timestamp>,
    /// When the build finished.
    pub finished_at: Option<Timestamp>,
    /// What of the signer's certificate shows that the builder is the one that the statement names;
    /// `null` where nothing does.
    pub builder_bound_by: Option<BuilderBinding>,
    /// The SLSA build level that the evidence supports, whatever the statement claims.
    #[serde(default = "BuildLevel::unproven")] // older records have none
    pub build_level: BuildLevel,
}

/// What shows that a statement comes from the builder that it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BuilderBinding {
    /// The certificate is of the builder itself: its subject is the builder's id.
    Subject,
    /// The certificate is of slsa-github-generator's delegator, which signs for the workflow that
    /// called it and names that workflow by the token it got.
    Delegator,
    /// The builder is a run or runner of the very project whose workflow the certificate names.
    Project,
    /// The builder is the CI system as a whole, and the certificate's issuer is that system.
    Issuer,
}

/// A level of SLSA's build track, as derived from evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BuildLevel {
    /// 0 to 3.
    pub level: u8,
    /// Why it is that level and no higher.
    pub reason: String,
}

impl BuildLevel {
    /// The level of a statement of which nothing is verified.
    pub(crate) fn unproven() -> Self {
        Self { level: 0, reason: "nothing about the statement is verified".to_owned() }
    }
}

/// Repository and commit that a build was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProvenanceSource {
    /// The repository in one spelling, `https://host/path`, whichever way it was written; as given
    /// where it is no URI, and empty where only the commit is known.
    pub repository: String,
    /// Ref, where one is named.
    pub r#ref: Option<String>,
    /// Commit, lower-case hexadecimal.
    pub commit: Option<String>,
}

/// Something that a build consumed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Material {
    /// URI, as given.
    pub uri: Option<String>,
    /// Digests by algorithm.
    pub digest: std::collections::BTreeMap<String, String>,
}
