//! Registries as a source of evidence for the spine.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use gate_core::effects::{EvidenceSource, GateError};
use gate_core::evidence::Collected;
use gate_core::request::Request;
use gate_rego::Value;
use gate_rego::outside::Need;

use super::{Pinned, Registry};
use crate::needs::Collector;

/// A registry's evidence about one image. It waits on the thread that asks for it.
#[derive(Debug)]
pub struct RegistrySource<'a> {
    registry: &'a Registry,
    pinned: &'a Pinned,
    until: Option<Instant>,
}

impl<'a> RegistrySource<'a> {
    /// The evidence about this image; what is not collected when `until` comes is a failure.
    pub fn new(registry: &'a Registry, pinned: &'a Pinned, until: Option<Instant>) -> Self {
        Self { registry, pinned, until }
    }
}

impl EvidenceSource for RegistrySource<'_> {
    fn collect(&self, request: &Request) -> Result<Collected, GateError> {
        // Evidence of one image is none of another.
        if request.object.is_some() || request.subject.digest != self.pinned.digest {
            return Ok(Collected::default());
        }
        self.registry.collect(self.pinned, self.until)
    }

    fn inquire(
        &self,
        needs: &BTreeSet<Need>,
        root: Option<&[u8]>,
    ) -> Result<Option<BTreeMap<Need, Option<Value>>>, GateError> {
        let root = root.map(Arc::from);
        Collector { registry: self.registry, root, until: self.until }.answer(needs).map(Some)
    }
}
