//! CSAF as it is written, as far as the mandatory tests and the statements need it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::facts::VexStatus;

#[derive(Deserialize)]
pub(super) struct Csaf {
    pub(super) document: Document,
    pub(super) product_tree: Option<ProductTree>,
    pub(super) vulnerabilities: Option<Vec<Vulnerability>>,
}

impl Csaf {
    pub(super) fn vulnerabilities(&self) -> &[Vulnerability] {
        self.vulnerabilities.as_deref().unwrap_or_default()
    }
}

#[derive(Deserialize)]
pub(super) struct Document {
    pub(super) category: String,
    pub(super) csaf_version: String,
    pub(super) lang: Option<String>,
    pub(super) source_lang: Option<String>,
    pub(super) publisher: Publisher,
    pub(super) tracking: Tracking,
    pub(super) notes: Option<Vec<Note>>,
    pub(super) references: Option<Vec<Reference>>,
    #[serde(rename = "title")]
    _title: String,
}

#[derive(Deserialize)]
pub(super) struct Publisher {
    pub(super) category: String,
    pub(super) name: String,
}

#[derive(Deserialize)]
pub(super) struct Tracking {
    pub(super) id: String,
    pub(super) status: String,
    pub(super) version: String,
    pub(super) current_release_date: String,
    #[serde(rename = "initial_release_date")]
    _initial_release_date: String,
    pub(super) revision_history: Vec<Revision>,
}

#[derive(Deserialize)]
pub(super) struct Revision {
    pub(super) date: String,
    pub(super) number: String,
}

#[derive(Deserialize)]
pub(super) struct Note {
    pub(super) category: String,
}

#[derive(Deserialize)]
pub(super) struct Reference {
    pub(super) category: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct ProductTree {
    pub(super) branches: Option<Vec<Branch>>,
    pub(super) full_product_names: Option<Vec<FullProduct>>,
    pub(super) product_groups: Option<Vec<Group>>,
    pub(super) relationships: Option<Vec<Relationship>>,
}

#[derive(Deserialize)]
pub(super) struct Branch {
    pub(super) category: String,
    pub(super) name: String,
    pub(super) branches: Option<Vec<Branch>>,
    pub(super) product: Option<FullProduct>,
}

#[derive(Deserialize)]
pub(super) struct FullProduct {
    pub(super) product_id: String,
    pub(super) product_identification_helper: Option<Helper>,
}

#[derive(Deserialize)]
pub(super) struct Helper {
    pub(super) cpe: Option<String>,
    pub(super) hashes: Option<Vec<FileHashes>>,
    pub(super) purl: Option<String>,
    /// 2.1.
    pub(super) purls: Option<Vec<String>>,
}

#[derive(Deserialize)]
pub(super) struct FileHashes {
    pub(super) file_hashes: Vec<FileHash>,
}

#[derive(Deserialize)]
pub(super) struct FileHash {
    pub(super) algorithm: String,
    pub(super) value: String,
}

#[derive(Deserialize)]
pub(super) struct Group {
    pub(super) group_id: String,
    pub(super) product_ids: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct Relationship {
    pub(super) full_product_name: FullProduct,
    pub(super) product_reference: String,
    pub(super) relates_to_product_reference: String,
}

#[derive(Deserialize)]
pub(super) struct Vulnerability {
    pub(super) cve: Option<String>,
    pub(super) cwe: Option<Cwe>,
    /// 2.1.
    pub(super) cwes: Option<Vec<Cwe>>,
    pub(super) ids: Option<Vec<Id>>,
    pub(super) notes: Option<Vec<Note>>,
    pub(super) involvements: Option<Vec<Involvement>>,
    pub(super) product_status: Option<Status>,
    pub(super) flags: Option<Vec<Flag>>,
    pub(super) threats: Option<Vec<Threat>>,
    pub(super) remediations: Option<Vec<Remediation>>,
    pub(super) scores: Option<Vec<Score>>,
    /// 2.1.
    pub(super) metrics: Option<Vec<Metric>>,
}

#[derive(Deserialize)]
pub(super) struct Cwe {
    pub(super) id: String,
    pub(super) name: String,
}

#[derive(Deserialize)]
pub(super) struct Id {
    pub(super) text: String,
}

#[derive(Deserialize)]
pub(super) struct Involvement {
    pub(super) party: String,
    pub(super) date: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Status {
    pub(super) first_affected: Option<Vec<String>>,
    pub(super) first_fixed: Option<Vec<String>>,
    pub(super) fixed: Option<Vec<String>>,
    pub(super) known_affected: Option<Vec<String>>,
    pub(super) known_not_affected: Option<Vec<String>>,
    pub(super) last_affected: Option<Vec<String>>,
    pub(super) recommended: Option<Vec<String>>,
    pub(super) under_investigation: Option<Vec<String>>,
    /// 2.1.
    pub(super) unknown: Option<Vec<String>>,
}

impl Status {
    /// The lists that are there with the standing that each gives its products.
    pub(super) fn lists(&self) -> impl Iterator<Item = (&'static str, VexStatus, &Vec<String>)> {
        [
            ("first_affected", VexStatus::Affected, &self.first_affected),
            ("first_fixed", VexStatus::Fixed, &self.first_fixed),
            ("fixed", VexStatus::Fixed, &self.fixed),
            ("known_affected", VexStatus::Affected, &self.known_affected),
            ("known_not_affected", VexStatus::NotAffected, &self.known_not_affected),
            ("last_affected", VexStatus::Affected, &self.last_affected),
            ("under_investigation", VexStatus::UnderInvestigation, &self.under_investigation),
            ("unknown", VexStatus::UnderInvestigation, &self.unknown),
        ]
        .into_iter()
        .filter_map(|(name, status, list)| Some((name, status, list.as_ref()?)))
    }
}

#[derive(Deserialize)]
pub(super) struct Flag {
    pub(super) label: String,
    pub(super) product_ids: Option<Vec<String>>,
    pub(super) group_ids: Option<Vec<String>>,
}

#[derive(Deserialize)]
pub(super) struct Threat {
    pub(super) category: String,
    pub(super) details: String,
    pub(super) product_ids: Option<Vec<String>>,
    pub(super) group_ids: Option<Vec<String>>,
}

#[derive(Deserialize)]
pub(super) struct Remediation {
    pub(super) details: String,
    pub(super) product_ids: Option<Vec<String>>,
    pub(super) group_ids: Option<Vec<String>>,
}

#[derive(Deserialize)]
pub(super) struct Score {
    pub(super) products: Vec<String>,
    pub(super) cvss_v2: Option<Cvss>,
    pub(super) cvss_v3: Option<Cvss>,
}

#[derive(Deserialize)]
pub(super) struct Metric {
    pub(super) products: Vec<String>,
    pub(super) content: Content,
    pub(super) source: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Content {
    #[serde(rename = "cvss_v2")]
    pub(super) v2: Option<Cvss>,
    #[serde(rename = "cvss_v3")]
    pub(super) v3: Option<Cvss>,
    #[serde(rename = "cvss_v4")]
    pub(super) v4: Option<Cvss>,
}

/// A CVSS object by the names of its JSON schema.
pub(super) type Cvss = BTreeMap<String, Value>;
