//! The spine: request, collect, verify, evaluate, decide, attest, record, receipt.

use crate::attest::{Attestation, attest};
use std::sync::Arc;

use crate::canonical::CanonicalError;
use crate::decide::decide;
use crate::decision::{Answer, Decision};
use crate::effects::{Clock, Effects, EvidenceSource, GateError, Signer};
use crate::environment::Environment;
use crate::evidence::Collected;
use crate::facts::Facts;
use crate::policy::{Nobody, settle};
use crate::reason::ErrorCode;
use crate::record::{Blob, Entry, Leaf, Receipt, RecordedEvidence};
use crate::request::Request;
use crate::verify::verify;
use crate::{Digest, canonical};

/// Judges a request, signs the decision and makes it durable; the receipt is the proof of all three.
///
/// A deny is a receipt too. An error means that nothing was decided, or that what was decided could
/// not be signed or recorded, and then no verdict leaves.
pub fn promote(
    request: &Request,
    environment: &Environment,
    effects: &Effects<'_>,
) -> Result<Receipt, GateError> {
    effects.recorder.ready()?;
    let evidence = effects.source.collect(request)?;
    let decided = judge(request, evidence, environment, effects.source, effects.clock)?;
    let attestation = decided.attest(environment, effects.signer)?;
    let entry = decided.entry(request, environment, Some(&attestation));
    let recorded = effects.recorder.record(entry)?;
    receipt(decided, &attestation, recorded)
}

/// Judges a request and neither signs nor records.
pub fn check(
    request: &Request,
    environment: &Environment,
    source: &dyn EvidenceSource,
    clock: &dyn Clock,
) -> Result<Decided, GateError> {
    judge(request, source.collect(request)?, environment, source, clock)
}

/// Judges a request by what was collected for it. The same of everything gives the same decision; the
/// source is asked what rules ask of registries, and the clock is only for the limits on time.
pub fn judge(
    request: &Request,
    evidence: Collected,
    environment: &Environment,
    source: &dyn EvidenceSource,
    clock: &dyn Clock,
) -> Result<Decided, GateError> {
    let subject = request.subject.digest;
    let judging = environment.judging(subject);
    let facts = verify(request, &evidence, judging)?;
    let (facts, outcome) = settle(request, facts, judging, source, clock)?;
    let decided = decide(request, &facts, outcome, judging);
    // Where there is another policy on its way into force, or out of it, that is asked too: its words
    // have no effect, and are told where they differ.
    if let Some((candidate, other)) = environment.beside(subject) {
        let told = settle(request, facts.clone(), other, source, clock)
            .map(|(facts, outcome)| decide(request, &facts, outcome, other));
        candidate.compare(&decided, other, told);
    }
    Decided::new(decided, evidence, facts)
}

/// Judges recorded facts again: no evidence, no cryptography.
pub fn replay(
    request: &Request,
    facts: Facts,
    environment: &Environment,
    clock: &dyn Clock,
) -> Result<Decided, GateError> {
    let (facts, outcome) = settle(request, facts, environment, &Nobody, clock)?;
    Decided::new(decide(request, &facts, outcome, environment), Collected::default(), facts)
}

/// A decision with its canonical bytes and everything that it was made from.
#[derive(Debug, Clone)]
pub struct Decided {
    /// The decision.
    pub decision: Decision,
    /// Its id: the digest of `bytes`.
    pub id: Digest,
    /// Its RFC 8785 form.
    pub bytes: Arc<[u8]>,
    /// The facts.
    pub facts: Facts,
    /// What was collected.
    pub evidence: Collected,
}

impl Decided {
    fn new(decision: Decision, evidence: Collected, facts: Facts) -> Result<Self, GateError> {
        let (bytes, id) = decision.canonical().map_err(not_canonical)?;
        Ok(Self { decision, id, bytes: bytes.into(), facts, evidence })
    }

    /// The environment that judged: the candidate's, where that was its subject.
    fn judging<'a>(&self, environment: &'a Environment) -> &'a Environment {
        environment.judging(self.decision.subject.digest)
    }

    /// The decision with what explains it.
    pub fn answer(&self, environment: &Environment) -> Answer {
        Answer {
            id: self.id,
            decision: self.decision.clone(),
            asked: self.judging(environment).policy().asked().to_vec(),
            failed: self.facts.document().failed.clone(),
        }
    }

    /// Signs the decision.
    pub fn attest(
        &self,
        environment: &Environment,
        signer: &dyn Signer,
    ) -> Result<Attestation, GateError> {
        let environment = self.judging(environment);
        attest(&self.decision, self.id, &self.facts, environment, signer)
    }

    /// The decision as a ledger entry, with every blob that it names.
    pub fn entry(
        &self,
        request: &Request,
        environment: &Environment,
        attestation: Option<&Attestation>,
    ) -> Entry {
        let environment = self.judging(environment);
        // What every decision of the environment shares was hashed when it was loaded.
        let [manifest, modules, data] = environment.policy().blobs();
        let mut blobs = vec![
            Blob { digest: self.id, bytes: self.bytes.clone() },
            Blob { digest: self.facts.digest(), bytes: self.facts.shared_bytes() },
            manifest.clone(),
            modules.clone(),
            data.clone(),
            environment.blob().clone(),
        ];
        let [decision, facts, policy, modules, data, configuration] =
            [0, 1, 2, 3, 4, 5].map(|at: usize| blobs[at].digest);
        let mut add = |bytes: &[u8]| {
            let blob = Blob::new(bytes);
            let digest = blob.digest;
            blobs.push(blob);
            digest
        };
        let attestation = attestation.map(|signed| add(&signed.bundle));
        let manifest = self.evidence.unverified_manifest.as_deref().map(&mut add);
        let config = self.evidence.unverified_config.as_deref().map(&mut add);
        let mut evidence: Vec<_> = self
            .evidence
            .evidence
            .iter()
            .map(|piece| RecordedEvidence {
                digest: add(&piece.unverified_bytes),
                origin: piece.origin.clone(),
            })
            .collect();
        evidence.sort_by_key(|piece| piece.digest);
        for (digest, bytes) in environment.roots() {
            blobs.push(Blob { digest: *digest, bytes: bytes.clone() });
        }
        let leaf = Leaf {
            version: 1,
            decision,
            attestation,
            facts,
            evidence,
            manifest,
            config,
            policy,
            modules,
            data,
            configuration,
            roots: environment.roots().keys().copied().collect(),
            asker: request.asker.clone(),
            gate: env!("CARGO_PKG_VERSION").to_owned(),
        };
        Entry { leaf, decision: self.decision.clone(), blobs }
    }
}

fn receipt(
    decided: Decided,
    attestation: &Attestation,
    recorded: crate::record::Recorded,
) -> Result<Receipt, GateError> {
    let json = |bytes: &[u8]| {
        serde_json::from_slice(bytes).map_err(|error| {
            GateError::new(ErrorCode::Internal, "what Gate wrote is no JSON").caused_by(error)
        })
    };
    Ok(Receipt {
        version: 1,
        id: decided.id,
        attestation: json(&attestation.bundle)?,
        leaf: json(&recorded.leaf)?,
        proof: recorded.proof,
        decision: decided.decision,
    })
}

fn not_canonical(error: CanonicalError) -> GateError {
    GateError::new(ErrorCode::Internal, "the decision has no canonical form").caused_by(error)
}

/// The canonical bytes of a leaf: what the tree hashes.
pub fn leaf_bytes(leaf: &Leaf) -> Result<Vec<u8>, GateError> {
    canonical::to_vec(leaf).map_err(not_canonical)
}
