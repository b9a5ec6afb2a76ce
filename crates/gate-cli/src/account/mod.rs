//! A decision told to an engineer at three in the morning: verdict first, then why, then how to mend it.

mod evidence;
mod passed;
mod reasons;
#[cfg(test)]
mod tests;

use std::fmt::Write;

use gate_core::Digest;
use gate_core::decision::{AskedRule, Decision, Mode, Verdict};
use gate_core::facts::FactsDocument;

use crate::terminal::{Paint, plain};

/// What is told of a decision; what is not at hand is left out.
pub(crate) struct Account<'a> {
    /// The decision's id.
    pub(crate) id: Digest,
    /// The decision.
    pub(crate) decision: &'a Decision,
    /// How the caller named the subject.
    pub(crate) name: Option<&'a str>,
    /// The rules that were asked.
    pub(crate) asked: &'a [AskedRule],
    /// What they were asked about.
    pub(crate) facts: Option<&'a FactsDocument>,
    /// Where the record and what was written lie: a label and a text.
    pub(crate) places: &'a [(&'static str, String)],
}

impl Account<'_> {
    /// The whole account.
    pub(crate) fn text(&self, paint: Paint) -> String {
        let mut out = String::new();
        self.head(&mut out, paint);
        reasons::write(&mut out, self.decision, paint);
        let failed = self.facts.map(|facts| facts.failed.as_slice()).unwrap_or_default();
        // What explains the verdict stands nearer to it.
        if self.decision.would_deny {
            evidence::write_failed(&mut out, failed, paint);
            passed::write(&mut out, self, paint);
        } else {
            passed::write(&mut out, self, paint);
            evidence::write_failed(&mut out, failed, paint);
        }
        if !self.places.is_empty() {
            out.push('\n');
            for (label, place) in self.places {
                field(&mut out, label, &plain(place));
            }
        }
        out
    }

    fn head(&self, out: &mut String, paint: Paint) {
        let decision = self.decision;
        let verdict = match decision.verdict {
            Verdict::Allow if decision.would_deny => paint.attention("ALLOW"),
            Verdict::Allow => paint.good("ALLOW"),
            Verdict::Deny => paint.bad("DENY"),
        };
        let digest = decision.subject.digest.to_string();
        let name = self.name.map_or_else(|| digest.clone(), plain);
        line(
            out,
            &format!("{verdict}  {} for {}", paint.strong(name), plain(&decision.environment)),
        );
        if decision.verdict == Verdict::Allow && decision.would_deny {
            line(out, &format!("  let in by mode {}: enforce would deny", mode(decision.mode)));
        }
        field(out, "subject", &digest);
        let environment =
            format!("{} (mode {})", plain(&decision.environment), mode(decision.mode));
        field(out, "environment", &environment);
        field(out, "decided at", &decision.now.to_string());
        field(out, "decision", &self.id.to_string());
        field(out, "policy", &decision.policy.to_string());
        field(out, "dialect", decision.dialect.name());
    }
}

/// One line for a stderr whose stdout goes elsewhere.
pub(crate) fn summary(decision: &Decision) -> String {
    let verdict = match decision.verdict {
        Verdict::Allow => "ALLOW",
        Verdict::Deny => "DENY",
    };
    format!("{verdict}  {} for {}", decision.subject.digest, plain(&decision.environment))
}

fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Enforce => "enforce",
        Mode::Warn => "warn",
        Mode::Audit => "audit",
    }
}

/// Writing to a string does not fail.
fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

fn field(out: &mut String, label: &str, text: &str) {
    let _ = writeln!(out, "  {label:<12} {text}");
}

fn deeper(out: &mut String, label: &str, text: &str) {
    let _ = writeln!(out, "      {label:<6} {text}");
}

/// `1 rule`, `2 rules`.
fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
