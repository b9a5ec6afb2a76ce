//! A policy on its way into force: evaluated beside the one in force, then for a share of subjects.

use std::sync::Arc;

use serde::Serialize;

use super::{Environment, EnvironmentError};
use crate::Digest;
use crate::decision::{Decision, Verdict};
use crate::effects::GateError;

/// What is told of a decision that the other policy would have made otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The environment.
    pub environment: String,
    /// The subject.
    pub subject: Digest,
    /// The policy that decided.
    pub policy: Digest,
    /// The one that was only asked.
    pub other: Digest,
    /// What was decided.
    pub verdict: Verdict,
    /// What the other would have said; none where it ended in an error.
    pub other_verdict: Option<Verdict>,
    /// Codes of findings that only the policy in force has, each once.
    pub only_here: Vec<String>,
    /// Codes of findings that only the other has.
    pub only_there: Vec<String>,
    /// The error that the other ended in.
    pub error: Option<String>,
}

/// Is told of differences: no part of any decision.
pub type Observer = Arc<dyn Fn(&Difference) + Send + Sync>;

/// The environment as it would be with the candidate, and whom it judges already.
#[derive(Clone)]
pub struct Candidate {
    environment: Arc<Environment>,
    share: u8,
    observer: Observer,
}

impl Candidate {
    /// A candidate that judges this share of subjects, in percent; 0 judges none and is only asked.
    pub fn new(
        environment: Arc<Environment>,
        share: u8,
        observer: Observer,
    ) -> Result<Self, EnvironmentError> {
        if share > 100 {
            let message = format!("{share} is no share in percent");
            return Err(EnvironmentError::new("candidate.share", message));
        }
        Ok(Self { environment, share, observer })
    }

    /// The environment with the candidate.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// The share of subjects that it judges, in percent.
    pub fn share(&self) -> u8 {
        self.share
    }

    /// Whether it judges a subject: its digest says so, the same each time and at each door, and a
    /// subject that it judges it goes on judging when the share grows.
    pub(super) fn judges(&self, subject: Digest) -> bool {
        let hex = subject.to_hex();
        let number = hex.get(..8).and_then(|head| u64::from_str_radix(head, 16).ok());
        number.unwrap_or(u64::MAX) * 100 < u64::from(self.share) << 32
    }

    /// Tells the observer where the other policy would have decided otherwise.
    pub(crate) fn compare(
        &self,
        decision: &Decision,
        other: &Environment,
        would: Result<Decision, GateError>,
    ) {
        let mut difference = Difference {
            environment: decision.environment.clone(),
            subject: decision.subject.digest,
            policy: decision.policy,
            other: other.policy().digest(),
            verdict: decision.verdict,
            other_verdict: None,
            only_here: vec![],
            only_there: vec![],
            error: None,
        };
        match would {
            Err(error) => difference.error = Some(error.to_string()),
            Ok(would) => {
                let without = |some: &Decision, others: &Decision| {
                    let mut codes: Vec<String> = some
                        .findings
                        .iter()
                        .filter(|finding| !others.findings.contains(finding))
                        .map(|finding| finding.code.clone())
                        .collect();
                    codes.sort();
                    codes.dedup();
                    codes
                };
                difference.only_here = without(decision, &would);
                difference.only_there = without(&would, decision);
                difference.other_verdict = Some(would.verdict);
                if would.verdict == decision.verdict
                    && difference.only_here.is_empty()
                    && difference.only_there.is_empty()
                {
                    return;
                }
            }
        }
        (self.observer)(&difference);
    }
}
