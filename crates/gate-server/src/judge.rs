//! The spine with the server's effects: layouts, uploads and registries as sources, the store as recorder.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use gate_core::Digest;
use gate_core::effects::{Effects, EvidenceSource, GateError, Recorder};
use gate_core::environment::Environment;
use gate_core::evidence::Collected;
use gate_core::record::{Entry, Receipt, Recorded};
use gate_core::request::{Asker, Request, Subject, SubjectKind};
use gate_core::spine::{self, Decided};
use gate_io::needs::Collector;
use gate_io::registry::{Pinned, RegistrySource};
use gate_io::source::Sources;
use gate_io::store::{Claim, Store};
use gate_rego::Value;
use gate_rego::outside::Need;

use crate::force::InForce;
use crate::gate::Gate;
use crate::pool::Turn;

/// Evidence uploaded for an artifact; objects under admission have none.
struct Uploads<'a>(&'a Store);

impl EvidenceSource for Uploads<'_> {
    fn collect(&self, request: &Request) -> Result<Collected, GateError> {
        if request.object.is_some() {
            return Ok(Collected::default());
        }
        let evidence = self.0.uploads(request.subject.digest)?;
        Ok(Collected { evidence, ..Collected::default() })
    }
}

/// A recorder that lets others compute while it waits for the disk, so that one commit serves many.
struct Patient<'a> {
    recorder: &'a dyn Recorder,
    turn: &'a Turn,
}

impl Recorder for Patient<'_> {
    fn record(&self, entry: Entry) -> Result<Recorded, GateError> {
        self.turn.give_up();
        self.recorder.record(entry)
    }

    fn ready(&self) -> Result<(), GateError> {
        self.recorder.ready()
    }
}

/// Where a job judges.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// The server.
    pub gate: &'a Gate,
    /// The configuration in force when the request came.
    pub force: &'a InForce,
    /// The job's turn.
    pub turn: &'a Turn,
    /// When the answer must be ready.
    pub until: Instant,
}

/// Layouts, uploads, and the registries of these images; others compute while registries are asked.
struct Everywhere<'a> {
    place: &'a Place<'a>,
    images: &'a [Pinned],
}

impl EvidenceSource for Everywhere<'_> {
    fn collect(&self, request: &Request) -> Result<Collected, GateError> {
        let Place { gate, force, turn, until } = *self.place;
        let uploads = Uploads(&gate.store);
        let here = Sources(vec![&force.layouts, &uploads]);
        if self.images.is_empty() || request.object.is_some() {
            return here.collect(request);
        }
        let registries: Vec<_> = self
            .images
            .iter()
            .map(|image| RegistrySource::new(&force.registry, image, Some(until)))
            .collect();
        let mut sources: Vec<&dyn EvidenceSource> = vec![&here];
        sources.extend(registries.iter().map(|source| source as &dyn EvidenceSource));
        turn.pause(|| Sources(sources).collect(request))
    }

    fn inquire(
        &self,
        needs: &BTreeSet<Need>,
        root: Option<&[u8]>,
    ) -> Result<Option<BTreeMap<Need, Option<Value>>>, GateError> {
        let Place { force, turn, until, .. } = *self.place;
        let collector =
            Collector { registry: &force.registry, root: root.map(Arc::from), until: Some(until) };
        turn.pause(|| collector.answer(needs)).map(Some)
    }
}

/// A request about an artifact, at the server's time.
pub fn artifact(gate: &Gate, requester: &str, digest: Digest) -> Request {
    Request {
        subject: Subject { digest, kind: SubjectKind::Artifact },
        asker: Asker { requester: requester.to_owned(), admission: None },
        now: gate.clock.now().to_second(),
        object: None,
    }
}

/// Judges and records nothing.
pub fn check(
    place: &Place<'_>,
    environment: &Environment,
    request: &Request,
    images: &[Pinned],
) -> Result<Arc<Decided>, GateError> {
    let everywhere = Everywhere { place, images };
    let collected = everywhere.collect(request)?;
    let judge =
        |collected| spine::judge(request, collected, environment, &everywhere, &*place.gate.clock);
    place.force.recent.decide(&environment.document().name, request, collected, judge)
}

/// Judges, signs and records.
pub fn promote(
    place: &Place<'_>,
    environment: &Environment,
    request: &Request,
    images: &[Pinned],
    claim: Option<&Claim<'_>>,
) -> Result<Receipt, GateError> {
    let Place { gate, force, turn, .. } = *place;
    let sources = Everywhere { place, images };
    let recorder = gate.store.recorder(claim);
    let effects = Effects {
        source: &sources,
        signer: &*force.signer,
        recorder: &Patient { recorder: &recorder, turn },
        clock: &*gate.clock,
    };
    spine::promote(request, environment, &effects)
}
