//! Sources of evidence on disk, and what callers call their subjects.

mod append;
mod archive;
mod files;
mod folder;
mod layout;
mod subject;
mod tree;

use std::collections::{BTreeMap, BTreeSet};

pub use files::Files;
use gate_core::effects::{EvidenceSource, GateError};
use gate_core::evidence::Collected;
use gate_core::request::Request;
use gate_rego::Value;
use gate_rego::outside::Need;
pub use layout::{Layout, Layouts};
pub use subject::{Named, SubjectBytes, hash_path, image, resolve, resolve_files};
pub use tree::{SubjectTree, Tree};

/// Several sources asked in turn: their evidence is joined, the first manifest counts.
pub struct Sources<'a>(pub Vec<&'a dyn EvidenceSource>);

impl EvidenceSource for Sources<'_> {
    fn collect(&self, request: &Request) -> Result<Collected, GateError> {
        let mut all = Collected::default();
        for source in &self.0 {
            let found = source.collect(request)?;
            if all.unverified_manifest.is_none() {
                all.unverified_manifest = found.unverified_manifest;
                all.unverified_config = found.unverified_config;
            }
            all.repository = all.repository.or(found.repository);
            if all.unverified_file.is_none() {
                all.unverified_file = found.unverified_file;
            }
            if all.unverified_files.is_none() {
                all.unverified_files = found.unverified_files;
            }
            all.evidence.extend(found.evidence);
        }
        Ok(all)
    }

    fn inquire(
        &self,
        needs: &BTreeSet<Need>,
        root: Option<&[u8]>,
    ) -> Result<Option<BTreeMap<Need, Option<Value>>>, GateError> {
        for source in &self.0 {
            if let Some(answers) = source.inquire(needs, root)? {
                return Ok(Some(answers));
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests;
