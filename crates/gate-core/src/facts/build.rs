//! How a subject was built.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Timestamp;

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
