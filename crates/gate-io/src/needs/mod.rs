//! Answers what Conforma's builtins ask of registries: needs that an evaluation noted become values
//! that the next one finds.
//!
//! What is not there, or is named by what names nothing, is undefined, as in Conforma. A registry that
//! gives no answer that counts is an error: there undefined would read as "not there".

mod files;
mod oci;
mod sigstore;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use gate_core::effects::{EvidenceSource, GateError};
use gate_core::evidence::Collected;
use gate_core::request::Request;
use gate_rego::Value;
use gate_rego::outside::Need;

use crate::registry::Registry;

/// Who answers needs.
pub struct Collector<'a> {
    /// The registries.
    pub registry: &'a Registry,
    /// The trusted root of keyless signatures; without one the public-good instance's counts.
    pub root: Option<Arc<[u8]>>,
    /// When the answers must be there.
    pub until: Option<Instant>,
}

impl Collector<'_> {
    /// The answers: `None` for a call that has none.
    pub fn answer(
        &self,
        needs: &BTreeSet<Need>,
    ) -> Result<BTreeMap<Need, Option<Value>>, GateError> {
        needs.iter().map(|need| Ok((need.clone(), self.one(need)?))).collect()
    }

    fn one(&self, need: &Need) -> Result<Option<Value>, GateError> {
        let Some(reference) = need.operands.first().and_then(Value::as_str) else {
            return Ok(None);
        };
        let more = need.operands.get(1);
        match need.function {
            "ec.oci.blob" => self.blob(reference),
            "ec.oci.blob_files" => self.blob_files(reference, more),
            "ec.oci.descriptor" => self.descriptor(reference),
            "ec.oci.image_files" => self.image_files(reference, more),
            "ec.oci.image_index" => self.image_index(reference),
            "ec.oci.image_manifest" => self.image_manifest(reference),
            "ec.oci.image_referrers" => self.image_referrers(reference),
            "ec.oci.image_tag_refs" => self.image_tag_refs(reference),
            "ec.sigstore.verify_attestation" => self.verify_attestation(reference, more).map(Some),
            "ec.sigstore.verify_image" => self.verify_image(reference, more).map(Some),
            _ => Ok(None),
        }
    }
}

/// Registries that are asked by rules alone: a source without evidence.
pub struct Answering<'a>(pub &'a Registry);

impl EvidenceSource for Answering<'_> {
    fn collect(&self, _: &Request) -> Result<Collected, GateError> {
        Ok(Collected::default())
    }

    fn inquire(
        &self,
        needs: &BTreeSet<Need>,
        root: Option<&[u8]>,
    ) -> Result<Option<BTreeMap<Need, Option<Value>>>, GateError> {
        let root = root.map(Arc::from);
        Collector { registry: self.0, root, until: None }.answer(needs).map(Some)
    }
}
