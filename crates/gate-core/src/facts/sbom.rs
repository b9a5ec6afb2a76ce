//! What a subject consists of.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Located;
use crate::Timestamp;

/// A software bill of materials.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sbom {
    /// `cyclonedx`, `spdx` or `syft`.
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
    /// What depends on or contains what, as far as both ends are components.
    pub dependencies: Vec<Dependency>,
    /// What the document says but nobody can read: licence expressions, package URLs, times,
    /// dependencies on what is not there. The first are kept.
    pub problems: Vec<Located>,
}

/// A component of an SBOM.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// What the document calls it (`bom-ref`, `SPDXID`).
    pub id: Option<String>,
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
    pub hashes: Hashes,
    /// `required`, `optional` or `excluded`.
    pub scope: Option<String>,
}

/// What one component depends on or contains. Components are named by their place in `components`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dependency {
    /// The component; `null` is the main one.
    pub of: Option<u32>,
    /// What it depends on or contains.
    pub on: Vec<u32>,
}

/// Digests by algorithm, in lower case. An SBOM has very many of them with one or two entries each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hashes(Vec<(Cow<'static, str>, String)>);

impl Hashes {
    /// The digest by this algorithm (`sha-256`).
    pub fn get(&self, algorithm: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == algorithm).map(|(_, digest)| digest.as_str())
    }

    /// Adds a digest; a later one by the same algorithm replaces the earlier.
    pub(crate) fn insert(&mut self, algorithm: &str, digest: String) {
        const USUAL: [(&str, &str); 6] = [
            ("SHA-256", "sha-256"),
            ("SHA256", "sha-256"),
            ("SHA-1", "sha-1"),
            ("SHA1", "sha-1"),
            ("MD5", "md5"),
            ("SHA-512", "sha-512"),
        ];
        let name = USUAL.iter().find(|(name, _)| *name == algorithm);
        let name = match name {
            Some((_, name)) => Cow::Borrowed(*name),
            None => Cow::Owned(hyphenated(&algorithm.to_lowercase())),
        };
        match self.0.binary_search_by(|(known, _)| known.cmp(&name)) {
            Ok(at) => self.0[at].1 = digest,
            Err(at) => {
                self.0.reserve_exact(1);
                self.0.insert(at, (name, digest));
            }
        }
    }
}

/// One spelling for the names of the SHA family, which SPDX writes without a hyphen.
fn hyphenated(name: &str) -> String {
    match name.strip_prefix("sha") {
        Some(rest) if rest.starts_with(|it: char| it.is_ascii_digit()) && !rest.contains('-') => {
            format!("sha-{rest}")
        }
        _ => name.replace('_', "-"),
    }
}

impl Serialize for Hashes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, digest)| (name, digest)))
    }
}

impl<'de> Deserialize<'de> for Hashes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let map = BTreeMap::<String, String>::deserialize(deserializer)?;
        Ok(Self(map.into_iter().map(|(name, digest)| (Cow::Owned(name), digest)).collect()))
    }
}

impl JsonSchema for Hashes {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Hashes".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        BTreeMap::<String, String>::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn algorithms_have_one_spelling_and_digests_come_back_from_their_json() {
        let mut hashes = Hashes::default();
        for (algorithm, digest) in
            [("SHA256", "a"), ("SHA3-256", "b"), ("SHA-256", "c"), ("SHA224", "d"), ("MD5", "e")]
        {
            hashes.insert(algorithm, digest.to_owned());
        }
        let json = serde_json::to_string(&hashes).unwrap();
        assert_eq!(json, r#"{"md5":"e","sha-224":"d","sha-256":"c","sha3-256":"b"}"#);
        assert_eq!(serde_json::from_str::<Hashes>(&json).unwrap(), hashes);
        assert_eq!((hashes.get("sha-256"), hashes.get("sha-1")), (Some("c"), None));
    }
}
