//! Verify: from evidence to facts. The only maker of [`Facts`].
//!
//! Each piece of evidence is told by its content (`detect`), authenticated (`authenticate`), bound
//! to the subject and read (`examine`, `readers`); what belongs together is joined (`join`,
//! `merge`). `sigstore` is the one module that touches the sigstore crates.

mod authenticate;
mod builder;
pub mod bundle;
mod container;
mod cosign;
mod detect;
mod envelope;
mod examine;
pub(crate) mod failure;
mod files;
mod inspect;
mod join;
pub(crate) mod json;
mod marks;
mod merge;
mod people;
mod pypi;
mod quorum;
mod readers;
mod sigstore;
mod statement;
mod statements;
mod subject;
mod trust;
mod vex;

#[cfg(test)]
mod approval_tests;
#[cfg(test)]
mod build_evidence_tests;
#[cfg(test)]
mod evidence_tests;
#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod scan_tests;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod trust_tests;

use std::collections::BTreeMap;

pub use inspect::{Inspection, InspectionProblem, inspect, read_sbom};
pub use sigstore::{GITHUB_ROOT, PUBLIC_GOOD_ROOT};
pub use trust::Trust;

use crate::effects::GateError;
use crate::environment::Environment;
use crate::evidence::{Collected, Evidence, Kind, Origin};
use crate::facts::{Analysis, Attestation, Fact, Facts, FactsDocument, FailedFact, Source, Tests};
use crate::policy::Dialect;
use crate::reason::{ErrorCode, Problem};
use crate::request::Request;
use crate::{Digest, limits};

use examine::{Context, Examined, examine_each};
use failure::Failure;
use join::{Conditions, approvals, changes};
use merge::Findings;
use readers::{Reading, approval, change};
use sigstore::Artifact;

/// SPDX's `Tag: value` lines in the shape of its JSON, for rules about files.
pub(crate) fn spdx_tag_value(text: &str) -> Result<serde_json::Value, String> {
    readers::tag_value_json(text)
}

/// Turns what was collected into facts. What proves nothing becomes a failed fact; an error is only
/// a source that served other bytes than those asked for.
///
/// The facts depend on the evidence's bytes alone, not on its order, and where it is signed not on
/// where it came from: the same bytes give the same facts through every door.
pub fn verify(
    request: &Request,
    collected: &Collected,
    environment: &Environment,
) -> Result<Facts, GateError> {
    let mut document =
        facts(request, collected, &environment.document().name, environment.trust())?;
    let dialect = environment.policy().dialect();
    let file = collected.unverified_file.as_ref().filter(|_| dialect.judges_facts());
    document.object = subject::object(request, file)?;
    document.files = files::read(request, collected, environment.policy())?;
    if dialect == Dialect::Conforma {
        document.statements = statements::of(&document.attestations, collected);
    }
    let findings = &mut document.vulnerabilities.findings;
    document.feeds = environment.feeds().join(findings, request.now);
    Facts::verified(document).map_err(|error| {
        GateError::new(ErrorCode::Internal, "the facts have no canonical form").caused_by(error)
    })
}

fn facts(
    request: &Request,
    collected: &Collected,
    environment: &str,
    trust: &Trust,
) -> Result<FactsDocument, GateError> {
    let mut document = FactsDocument::empty(request);
    subject::describe(&mut document.subject, collected)?;
    let context = Context {
        trust,
        subject: request.subject.digest,
        artifact: collected
            .unverified_manifest
            .as_deref()
            .map_or(Artifact::Digest(request.subject.digest), Artifact::Bytes),
        platforms: document.subject.platforms.iter().map(|platform| platform.digest).collect(),
        requester: &request.asker.requester,
        now: request.now,
    };
    document.subject.repository.clone_from(&collected.repository);
    let mut held = vec![];
    for (at, piece) in pieces(collected).into_iter().enumerate() {
        let examined = match &piece.problem {
            _ if at >= limits::EVIDENCE_COUNT => vec![Err(one_too_many())],
            Some((problem, detail)) => vec![Err(Failure::new(*problem, detail.clone()))],
            None => examine_each(piece, &context),
        };
        for examined in examined {
            match examined {
                Ok(examined) => held.push((piece, examined)),
                Err(failure) => document.failed.push(failed(piece, failure)),
            }
        }
    }
    let mut sorted = Sorted::default();
    let repository = collected.repository.as_deref();
    for (piece, counted) in counted(held, repository, trust) {
        match counted {
            Ok(examined) => sorted.add(&mut document, examined),
            Err(failure) => document.failed.push(failed(piece, failure)),
        }
    }
    sorted.join(&mut document, environment, request, trust);
    order(&mut document);
    Ok(document)
}

/// Of evidence that holds, what enough signers signed. What is not signed never meets a requirement.
fn counted<'a>(
    held: Vec<(&'a Evidence, Examined)>,
    repository: Option<&str>,
    trust: &Trust,
) -> Vec<(&'a Evidence, Result<Examined, Failure>)> {
    let mut unmet = BTreeMap::new();
    for kind in Kind::ALL {
        let of_kind = held.iter().filter(|(_, it)| it.reading.kind() == kind);
        let signers = of_kind.filter_map(|(_, it)| it.source.signer.as_deref()).collect();
        if let Some(failure) = trust.requirements.unmet(kind, repository, &signers, &trust.people) {
            unmet.insert(kind, failure);
        }
    }
    held.into_iter()
        .map(|(piece, examined)| match unmet.get(&examined.reading.kind()) {
            None => (piece, Ok(examined)),
            Some(failure) => {
                let signer = examined.source.signer;
                (piece, Err(Failure { signer, ..failure.clone() }))
            }
        })
        .collect()
}

/// Every digest once, what the caller answers for first, then by digest: so no flood of referrers
/// pushes out what was named, and no order of arrival changes anything.
fn pieces(collected: &Collected) -> Vec<&Evidence> {
    let rank = |origin: &Origin| match origin {
        Origin::Named { .. } => 0,
        Origin::Uploaded { .. } => 1,
        Origin::Beside { .. } => 2,
    };
    // Of two sources the one that could hand over the bytes counts, then the first by name.
    let order = |piece: &Evidence| {
        let by = match &piece.origin {
            Origin::Uploaded { by } => by.clone(),
            Origin::Named { .. } | Origin::Beside { .. } => String::new(),
        };
        (rank(&piece.origin), piece.problem.is_some(), by)
    };
    let mut once: BTreeMap<Digest, &Evidence> = BTreeMap::new();
    for piece in &collected.evidence {
        let known = once.entry(piece.digest).or_insert(piece);
        if order(piece) < order(known) {
            *known = piece;
        }
    }
    let mut pieces: Vec<_> = once.into_values().collect();
    pieces.sort_by_key(|piece| (rank(&piece.origin), piece.digest));
    pieces
}

fn one_too_many() -> Failure {
    Failure::new(
        Problem::EvidenceTooLarge,
        format!("the subject has more than {} pieces of evidence", limits::EVIDENCE_COUNT),
    )
}

/// Whoever names evidence answers for it: what they name and nobody can read denies.
fn failed(piece: &Evidence, failure: Failure) -> FailedFact {
    let named = !matches!(piece.origin, Origin::Beside { .. });
    FailedFact {
        evidence: piece.digest,
        denies: named && failure.is_unreadable(),
        kind: failure.kind,
        code: failure.code,
        detail: failure.detail,
        signer: failure.signer,
    }
}

/// What waits until all evidence is read.
#[derive(Default)]
struct Sorted {
    findings: Findings,
    approvals: Vec<(Source, approval::Claim)>,
    changes: Vec<(Source, change::Claim)>,
    vex: Vec<(Source, readers::vex::Claim)>,
}

impl Sorted {
    fn add(&mut self, document: &mut FactsDocument, examined: Examined) {
        let Examined { source, reading, signature, predicate_type } = examined;
        if let Some(predicate_type) = predicate_type {
            let value = Attestation { predicate_type, kind: reading.kind() };
            document.attestations.push(Fact { source: source.clone(), value });
        }
        match reading {
            Reading::Signature => {
                document.signatures.extend(signature.map(|value| Fact { source, value }));
            }
            Reading::Provenance(value) => {
                let value = builder::judge(value, &source);
                document.provenance.push(Fact { source, value });
            }
            Reading::Sbom(value) => document.sbom.push(Fact { source, value }),
            Reading::Scan { scan, findings, analysis } => {
                self.findings.add(source.evidence, findings);
                document.analysis.extend(facts_of(&source, analysis));
                document.vulnerabilities.scans.push(Fact { source, value: scan });
            }
            Reading::Analysis(analysis) => document.analysis.extend(facts_of(&source, analysis)),
            Reading::Tests(value) => document.tests.push(Fact::<Tests> { source, value }),
            Reading::Coverage(value) => document.coverage.push(Fact { source, value }),
            Reading::Vex(claim) => self.vex.push((source, claim)),
            Reading::Approval(claim) => self.approvals.push((source, claim)),
            Reading::Change(claim) => self.changes.push((source, claim)),
        }
    }

    fn join(
        self,
        document: &mut FactsDocument,
        environment: &str,
        request: &Request,
        trust: &Trust,
    ) {
        document.vulnerabilities.findings = self.findings.into_list();
        let ignored = vex::judge(document, self.vex, request.now);
        let (joined, unrelated, authors) =
            changes(&document.provenance, self.changes, &trust.people);
        let conditions =
            Conditions { environment, now: request.now, people: &trust.people, authors: &authors };
        let (counted, refused) = approvals(self.approvals, &conditions);
        document.changes = joined;
        document.approvals = counted;
        let failed = unrelated.into_iter().chain(refused).chain(ignored);
        document.failed.extend(failed.map(|(source, failure)| FailedFact {
            evidence: source.evidence,
            kind: failure.kind,
            code: failure.code,
            detail: failure.detail,
            signer: failure.signer,
            denies: false,
        }));
    }
}

/// One fact a run, all of one piece of evidence.
fn facts_of(source: &Source, runs: Vec<Analysis>) -> impl Iterator<Item = Fact<Analysis>> {
    runs.into_iter().map(|value| Fact { source: source.clone(), value })
}

/// Facts by the digest of their evidence, and where that holds several statements or runs in its
/// order.
fn order(document: &mut FactsDocument) {
    document.signatures.sort_by_key(|fact| fact.source.evidence);
    document.attestations.sort_by_key(|fact| fact.source.evidence);
    document.provenance.sort_by_key(|fact| fact.source.evidence);
    document.sbom.sort_by_key(|fact| fact.source.evidence);
    document.vulnerabilities.scans.sort_by_key(|fact| fact.source.evidence);
    document.tests.sort_by_key(|fact| fact.source.evidence);
    document.coverage.sort_by_key(|fact| fact.source.evidence);
    document.analysis.sort_by_key(|fact| fact.source.evidence);
    document.changes.sort_by_key(|fact| fact.source.evidence);
    document.vex.sort_by_key(|fact| fact.source.evidence);
    document.failed.sort();
}
