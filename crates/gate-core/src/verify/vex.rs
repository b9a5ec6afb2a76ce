//! From VEX documents and findings to findings that carry the newest statement about them. Findings
//! are never dropped: what excuses one stands beside it.

use std::collections::BTreeMap;

use super::failure::Failure;
use super::join::Failed;
use super::readers::vex::product::{Package, Subject};
use super::readers::vex::{Claim, Flaw, Statement};
use crate::Timestamp;
use crate::evidence::Kind;
use crate::facts::{Fact, FactsDocument, FindingVex, Source, Vulnerability};
use crate::reason::Problem;

/// Puts the newest statement about each finding beside it, and the documents among the facts.
/// Returns the statements about findings that do not count: one failure a document and reason.
pub(super) fn judge(
    document: &mut FactsDocument,
    claims: Vec<(Source, Claim)>,
    now: Timestamp,
) -> Vec<Failed> {
    let findings = &document.vulnerabilities.findings;
    let by_id = index(findings);
    let subject = subject(document);
    let mut newest: Vec<Option<FindingVex>> = vec![None; findings.len()];
    let mut failed = vec![];
    for (source, claim) in &claims {
        let mut ignored = Ignored::default();
        for statement in &claim.statements {
            let about = about(statement, &by_id);
            if about.is_empty() {
                continue;
            }
            let said = match counts(statement, now) {
                Ok(timestamp) => said(statement, timestamp, source),
                Err(problem) => {
                    ignored.add(problem, statement);
                    continue;
                }
            };
            let covered = |at: &usize| covers(statement, &subject, &findings[*at]);
            let covered: Vec<usize> = about.into_iter().filter(covered).collect();
            if covered.is_empty() {
                ignored.add(Problem::VexUnrelated, statement);
            }
            for at in covered {
                let known = newest[at].take();
                newest[at] = known.into_iter().chain([said.clone()]).max_by(older);
            }
        }
        failed.extend(ignored.into_failures().map(|failure| (source.clone(), failure)));
    }
    for (source, claim) in claims {
        let mut value = claim.document;
        let decides = newest.iter().flatten().filter(|it| it.evidence == source.evidence);
        value.decides = decides.count() as u64;
        document.vex.push(Fact { source, value });
    }
    for (finding, vex) in document.vulnerabilities.findings.iter_mut().zip(newest) {
        finding.vex = vex;
    }
    failed
}

/// The newer of two statements counts; of two of one moment the graver one, so that nobody's word
/// excuses what somebody else's does not.
fn older(one: &FindingVex, other: &FindingVex) -> std::cmp::Ordering {
    let rank = |it: &FindingVex| (it.timestamp, it.status);
    rank(one).cmp(&rank(other)).then_with(|| one.cmp(other))
}

/// The ids by which a finding is known.
fn ids(finding: &Vulnerability) -> impl Iterator<Item = &str> {
    std::iter::once(&finding.id).chain(&finding.aliases).map(String::as_str)
}

fn index(findings: &[Vulnerability]) -> BTreeMap<String, Vec<usize>> {
    let mut by_id: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, finding) in findings.iter().enumerate() {
        for id in ids(finding) {
            by_id.entry(id.to_lowercase()).or_default().push(at);
        }
    }
    by_id
}

/// The findings whose vulnerability a statement names, each once.
fn about(statement: &Statement, by_id: &BTreeMap<String, Vec<usize>>) -> Vec<usize> {
    let named = statement.ids.iter().filter_map(|id| by_id.get(&id.to_lowercase()));
    let mut found: Vec<usize> = named.flatten().copied().collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// The subject by its digests and by the names that signed bills of materials give it.
fn subject(document: &FactsDocument) -> Subject<'_> {
    let digests = std::iter::once(document.subject.digest)
        .chain(document.subject.platforms.iter().map(|platform| platform.digest));
    let signed = document.sbom.iter().filter(|fact| fact.source.signer.is_some());
    Subject {
        digests: digests.collect(),
        purls: signed.filter_map(|fact| fact.value.main.as_ref()?.purl.as_deref()).collect(),
    }
}

/// When the statement was made, or why it does not count whatever it says.
fn counts(statement: &Statement, now: Timestamp) -> Result<Timestamp, Problem> {
    match (statement.flaw, statement.timestamp) {
        (Some(Flaw::Unjustified), _) => Err(Problem::VexUnjustified),
        (Some(Flaw::Undated), _) | (None, None) => Err(Problem::VexUndated),
        // Decisions are timed to the second: a statement made within it was made before.
        (None, Some(timestamp)) if timestamp.to_second() > now => Err(Problem::VexNotYetValid),
        (None, Some(timestamp)) => Ok(timestamp),
    }
}

fn covers(statement: &Statement, subject: &Subject<'_>, finding: &Vulnerability) -> bool {
    let package = Package { purl: finding.purl.as_deref(), version: &finding.installed };
    statement.products.iter().any(|product| product.covers(subject, package))
}

fn said(statement: &Statement, timestamp: Timestamp, source: &Source) -> FindingVex {
    FindingVex {
        status: statement.status,
        justification: statement.justification.clone(),
        impact: statement.impact.clone(),
        action: statement.action.clone(),
        timestamp,
        evidence: source.evidence,
        signer: source.signer.clone(),
    }
}

/// Statements of one document that do not count: how many for each reason, and the first.
#[derive(Default)]
struct Ignored(BTreeMap<Problem, (u64, String)>);

impl Ignored {
    fn add(&mut self, problem: Problem, statement: &Statement) {
        let id = statement.ids.first().map_or("", String::as_str);
        let first = || (0, format!("{}: the statement about {id} does not count", statement.place));
        self.0.entry(problem).or_insert_with(first).0 += 1;
    }

    fn into_failures(self) -> impl Iterator<Item = Failure> {
        self.0.into_iter().map(|(problem, (count, first))| {
            let detail = match count {
                1 => first,
                count => format!("{first}, nor do {} others of this document", count - 1),
            };
            Failure::new(problem, detail).of(Kind::Vex)
        })
    }
}

#[cfg(test)]
mod tests;
