//! What a subject consists of.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Timestamp;

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
