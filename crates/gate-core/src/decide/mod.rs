//! Decide: findings, effective dates, exceptions and mode folded into a verdict.

mod exceptions;
#[cfg(test)]
mod tests;

use serde_json::{Value, json};

use crate::decision::{Author, Decision, Effect, Finding, Mode, Severity, Verdict};
use crate::environment::{Environment, EnvironmentDocument};
use crate::facts::{Facts, FactsDocument};
use crate::object;
use crate::policy::{GateFinding, Outcome, RuleFinding};
use crate::reason::GateCode;
use crate::request::{Request, SubjectKind};
use crate::{Digest, Timestamp};

/// The verdict on a request, from its facts and what the rules said of them.
pub fn decide(
    request: &Request,
    facts: &Facts,
    outcome: Outcome,
    environment: &Environment,
) -> Decision {
    fold(request, facts.document(), facts.digest(), outcome, environment.document())
}

/// The same over documents: one pure function.
fn fold(
    request: &Request,
    facts: &FactsDocument,
    facts_digest: Digest,
    outcome: Outcome,
    environment: &EnvironmentDocument,
) -> Decision {
    let mut findings: Vec<_> = outcome
        .rules
        .into_iter()
        .map(|found| {
            let exception = exceptions::excusing(
                &environment.exceptions,
                &request.subject,
                request.now,
                &found,
            );
            rule_finding(found, exception, request.now)
        })
        .collect();
    let own = outcome.gate.into_iter().chain(unreadable(facts)).chain(unpinned(facts, environment));
    findings.extend(own.map(|found| own_finding(found, Severity::Deny)));
    let (used, reports) = exceptions::account(&environment.exceptions, request, &findings);
    findings.extend(reports.into_iter().map(|found| own_finding(found, Severity::Warn)));
    findings.sort_by_cached_key(|found| {
        (found.effect, found.code.clone(), found.package.clone(), found.detail.to_string())
    });
    findings.dedup();

    let would_deny = findings.iter().any(|found| found.effect == Effect::Denies);
    let verdict = match environment.mode {
        Mode::Enforce if would_deny => Verdict::Deny,
        Mode::Enforce | Mode::Warn | Mode::Audit => Verdict::Allow,
    };
    Decision {
        version: 1,
        dialect: environment.policy.dialect,
        subject: request.subject.clone(),
        environment: environment.name.clone(),
        mode: environment.mode,
        now: request.now,
        policy: environment.policy.digest,
        facts: facts_digest,
        findings,
        exceptions: used,
        verdict,
        would_deny,
    }
}

fn rule_finding(found: RuleFinding, exception: Option<u32>, now: Timestamp) -> Finding {
    let effect = match (exception, found.severity) {
        _ if found.excused => Effect::Excused,
        (Some(_), _) => Effect::Excused,
        (None, Severity::Warn) => Effect::Warns,
        (None, Severity::Deny) if found.effective_on.is_some_and(|start| now < start) => {
            Effect::NotYetEffective
        }
        (None, Severity::Deny) => Effect::Denies,
    };
    Finding {
        code: found.code,
        author: Author::Rule,
        severity: found.severity,
        effect,
        package: Some(found.package),
        title: found.title,
        message: found.message,
        solution: found.solution,
        detail: found.detail,
        effective_on: found.effective_on,
        exception,
    }
}

fn own_finding(found: GateFinding, severity: Severity) -> Finding {
    Finding {
        code: found.code.code().to_owned(),
        author: Author::Gate,
        severity,
        effect: match severity {
            Severity::Deny => Effect::Denies,
            Severity::Warn => Effect::Warns,
        },
        package: None,
        title: found.code.description().to_owned(),
        message: found.message,
        solution: Some(found.code.solution().to_owned()),
        detail: found.detail,
        effective_on: None,
        exception: None,
    }
}

/// Evidence that the caller named and nobody can read.
fn unreadable(facts: &FactsDocument) -> impl Iterator<Item = GateFinding> {
    facts.failed.iter().filter(|failed| failed.denies).map(|failed| GateFinding {
        code: GateCode::EvidenceMalformed,
        message: format!("{}: {}", failed.evidence, failed.detail),
        detail: json!({"evidence": failed.evidence, "problem": failed.code, "kind": failed.kind}),
    })
}

/// Image references of an object under admission that name no digest, so that nobody can say what they
/// will run. A file is not run as it is: what must hold of it is for rules to say. Nor is an image
/// judged where the policy is another tool's, whose rules are about objects alone.
fn unpinned(facts: &FactsDocument, environment: &EnvironmentDocument) -> Vec<GateFinding> {
    if facts.subject.kind != SubjectKind::Object || !environment.policy.dialect.judges_facts() {
        return vec![];
    }
    let images = match facts.object.as_deref().map(object::images) {
        None => return vec![],
        Some(Ok(images)) => images,
        Some(Err(error)) => {
            return vec![GateFinding {
                code: GateCode::ObjectUnreadable,
                message: error.to_string(),
                detail: json!({"place": error.place}),
            }];
        }
    };
    let unpinned = images.into_iter().filter(|image| image.digest.is_none());
    unpinned
        .map(|image| GateFinding {
            code: GateCode::ImageNotPinned,
            message: format!("`{}` at {} names no sha256 digest.", image.reference, image.place),
            detail: json!({"image": image.reference, "place": image.place}),
        })
        .collect()
}

/// A string of a finding's detail.
fn detail<'a>(found: &'a Value, key: &str) -> Option<&'a str> {
    found.get(key).and_then(Value::as_str)
}
