//! The spine with the server's effects: layouts and uploads as sources, the store as recorder.

use gate_core::Digest;
use gate_core::effects::{Effects, EvidenceSource, GateError, Recorder};
use gate_core::environment::Environment;
use gate_core::evidence::Collected;
use gate_core::record::{Entry, Receipt, Recorded};
use gate_core::request::{Asker, Request, Subject, SubjectKind};
use gate_core::spine::{self, Decided};
use gate_io::source::Sources;
use gate_io::store::{Claim, Store};

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
    gate: &Gate,
    force: &InForce,
    environment: &Environment,
    request: &Request,
) -> Result<Decided, GateError> {
    let uploads = Uploads(&gate.store);
    let sources = Sources(vec![&force.layouts, &uploads]);
    spine::check(request, environment, &sources, &*gate.clock)
}

/// Judges, signs and records.
pub fn promote(
    gate: &Gate,
    force: &InForce,
    environment: &Environment,
    request: &Request,
    turn: &Turn,
    claim: Option<&Claim<'_>>,
) -> Result<Receipt, GateError> {
    let uploads = Uploads(&gate.store);
    let sources = Sources(vec![&force.layouts, &uploads]);
    let recorder = gate.store.recorder(claim);
    let effects = Effects {
        source: &sources,
        signer: &*force.signer,
        recorder: &Patient { recorder: &recorder, turn },
        clock: &*gate.clock,
    };
    spine::promote(request, environment, &effects)
}
