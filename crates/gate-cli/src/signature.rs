//! One signature in words: who, when, which log, what was checked; or the check that failed.

use std::fmt::Write;

use gate_core::verify::bundle::{Accepted, Check, Rejected};
use serde::Serialize;

use crate::terminal::{Paint, plain};

/// What became of a signature.
#[derive(Debug, Serialize)]
pub(crate) struct Outcome {
    /// Whether it counts.
    pub(crate) accepted: bool,
    /// What was proven.
    #[serde(flatten)]
    pub(crate) proof: Option<Accepted>,
    /// Why it does not count.
    pub(crate) problem: Option<Rejected>,
}

impl From<Result<Accepted, Rejected>> for Outcome {
    fn from(result: Result<Accepted, Rejected>) -> Self {
        match result {
            Ok(proof) => Self { accepted: true, proof: Some(proof), problem: None },
            Err(problem) => Self { accepted: false, proof: None, problem: Some(problem) },
        }
    }
}

impl Outcome {
    /// The outcome with one fact a line.
    pub(crate) fn text(&self, paint: Paint) -> String {
        match (&self.proof, &self.problem) {
            (Some(proof), _) => accepted(proof, paint),
            (None, Some(problem)) => rejected(problem, paint),
            (None, None) => String::new(),
        }
    }
}

fn accepted(proof: &Accepted, paint: Paint) -> String {
    let mut out = format!("{}\n", paint.good("ACCEPTED"));
    let mut field = |label: &str, text: &str| line(&mut out, label, text);
    match &proof.identity {
        Some(identity) => {
            field("signed by", &identity.subject);
            field("issuer", &identity.issuer);
            for (claim, value) in &identity.claims {
                field("claim", &format!("{claim} {value}"));
            }
        }
        None => field("signed by", "the given key"),
    }
    match proof.signed_at {
        Some(at) => field("signed at", &at.to_string()),
        None => field("signed at", "a time that nothing proves"),
    }
    if proof.logs.is_empty() {
        field("log entry", "none");
    }
    for entry in &proof.logs {
        let how = if entry.inclusion_proven { "inclusion proven" } else { "promised by the log" };
        field("log entry", &format!("{} index {} ({how})", entry.log, entry.index));
    }
    if proof.timestamps > 0 {
        field("timestamps", &format!("{} verified", proof.timestamps));
    }
    if let Some(predicate_type) = &proof.predicate_type {
        field("predicate", predicate_type);
    }
    field("form", proof.media_type.as_deref().unwrap_or(proof.form));
    let checks: Vec<_> = proof.checks.iter().map(|check| check.name()).collect();
    field("checked", &checks.join(", "));
    out
}

fn rejected(problem: &Rejected, paint: Paint) -> String {
    let verdict = paint.bad("NOT ACCEPTED");
    let mut out = format!("{verdict}  {}: {}\n", problem.code, plain(&problem.detail));
    if let Some(check) = problem.check {
        line(&mut out, "failed", Check::name(check));
    }
    line(&mut out, "to mend it", problem.solution);
    out
}

/// Writing to a string does not fail.
fn line(out: &mut String, label: &str, text: &str) {
    let _ = writeln!(out, "  {label:<12} {}", plain(text));
}
