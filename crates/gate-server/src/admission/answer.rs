//! AdmissionReview v1 as it goes: verdicts and failures in the words of an API server.

use std::collections::BTreeMap;
use std::sync::Arc;

use gate_core::decision::{Effect, Finding, Verdict};
use gate_core::spine::Decided;
use schemars::JsonSchema;
use serde::Serialize;

use super::review::{API_VERSION, KIND};
use crate::problem::Problem;

/// The longest warning: API servers cut longer ones.
const WARNING_CHARS: usize = 120;
/// The most warnings; all of them travel in headers, which have 4 KiB.
const WARNINGS: usize = 20;
/// The longest message.
const MESSAGE_CHARS: usize = 4_000;
/// Decision ids in the audit annotations.
const AUDITED: usize = 20;

/// The whole answer.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReviewAnswer {
    /// `admission.k8s.io/v1`.
    pub api_version: &'static str,
    /// `AdmissionReview`.
    pub kind: &'static str,
    /// The answer itself.
    pub response: ReviewResponse,
}

/// The answer itself.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReviewResponse {
    /// The request's uid.
    pub uid: String,
    /// Whether the object is let in.
    pub allowed: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// What the person at `kubectl` is shown.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// What the cluster's audit log keeps.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub audit_annotations: BTreeMap<&'static str, String>,
}

/// `metav1.Status`, as far as a refusal needs it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Status {
    /// An HTTP status.
    pub code: u16,
    /// `Failure`.
    #[serde(rename = "status")]
    pub outcome: &'static str,
    /// Each reason: its code, what was found, how to mend it.
    pub message: String,
}

impl ReviewAnswer {
    fn new(uid: String, allowed: bool) -> Self {
        let response = ReviewResponse {
            uid,
            allowed,
            status: None,
            warnings: Vec::new(),
            audit_annotations: BTreeMap::new(),
        };
        Self { api_version: API_VERSION, kind: KIND, response }
    }

    /// Nothing new would run.
    pub(super) fn passed(uid: String, why: &'static str) -> Self {
        let mut answer = Self::new(uid, true);
        answer.response.audit_annotations.insert("passed", why.to_owned());
        answer
    }

    /// The verdicts on the object and its images: allowed only if all allow.
    pub(super) fn judged(uid: String, decisions: &[Arc<Decided>]) -> Self {
        let allowed = decisions.iter().all(|decided| decided.decision.verdict == Verdict::Allow);
        let mut answer = Self::new(uid, allowed);
        let response = &mut answer.response;
        if !allowed {
            response.status =
                Some(Status { code: 403, outcome: "Failure", message: reasons(decisions) });
        }
        response.warnings = warnings(decisions);
        let annotations = &mut response.audit_annotations;
        let ids = decisions.iter().take(AUDITED).map(|decided| decided.id.to_string());
        annotations.insert("decisions", ids.collect::<Vec<_>>().join(","));
        annotations.insert("verdict", if allowed { "allow" } else { "deny" }.to_owned());
        if allowed && decisions.iter().any(|decided| decided.decision.would_deny) {
            annotations.insert("would-deny", "true".to_owned());
        }
        answer
    }

    /// No verdict: the object is refused, with the code of what went wrong.
    pub(super) fn failed(uid: String, problem: &Problem) -> Self {
        let mut answer = Self::new(uid, false);
        // A refusal that a caller of the API would see as 4xx is a refusal here too.
        let code = problem.status.as_u16();
        let code = if matches!(code, 429 | 500..) { code } else { 403 };
        let message = format!("{}: {}. {}", problem.code, problem.detail, problem.solution);
        answer.response.status =
            Some(Status { code, outcome: "Failure", message: cut(&message, MESSAGE_CHARS) });
        answer.response.audit_annotations.insert("error", problem.code.to_owned());
        answer
    }
}

/// Every finding that denies, where the verdict is a deny.
fn reasons(decisions: &[Arc<Decided>]) -> String {
    let denied = decisions.iter().filter(|decided| decided.decision.verdict == Verdict::Deny);
    let lines = denied.flat_map(|decided| {
        let subject = decided.decision.subject.digest;
        let findings = decided.decision.findings.iter();
        findings.filter(|finding| finding.effect == Effect::Denies).map(move |finding| {
            let stop = if finding.message.ends_with('.') { "" } else { "." };
            let solution = finding.solution.as_deref().unwrap_or_default();
            format!("{} ({subject}): {}{stop} {solution}", finding.code, finding.message)
        })
    });
    let mut message = String::new();
    for line in lines {
        if message.len() > MESSAGE_CHARS {
            break;
        }
        if !message.is_empty() {
            message.push_str("; ");
        }
        message.push_str(line.trim_end());
    }
    cut(&message, MESSAGE_CHARS)
}

/// What a person is shown beside the verdict: warnings, and denials that the mode lets in.
fn warnings(decisions: &[Arc<Decided>]) -> Vec<String> {
    let shown = |decided: &Decided, finding: &Finding| match finding.effect {
        Effect::Warns => true,
        Effect::Denies => decided.decision.verdict == Verdict::Allow,
        Effect::NotYetEffective | Effect::Excused => false,
    };
    let mut warnings: Vec<String> = Vec::new();
    for decided in decisions {
        for finding in decided.decision.findings.iter().filter(|found| shown(decided, found)) {
            let warning = cut(&format!("{}: {}", finding.code, finding.message), WARNING_CHARS);
            if warnings.len() < WARNINGS && !warnings.contains(&warning) {
                warnings.push(warning);
            }
        }
    }
    warnings
}

/// At most this many characters, in one line.
fn cut(text: &str, most: usize) -> String {
    let line = |c: char| if c.is_control() { ' ' } else { c };
    if text.chars().count() <= most {
        return text.chars().map(line).collect();
    }
    let mut short: String = text.chars().take(most - 3).map(line).collect();
    short.push_str("...");
    short
}
