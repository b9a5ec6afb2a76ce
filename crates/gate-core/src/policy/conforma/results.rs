//! The results of Conforma's rules as findings: what counts, how grave it is, from when on.

use std::collections::BTreeSet;

use gate_rego::{Answer, EvaluationError};
use serde_json::{Map, Value, json};

use super::criteria::{Criteria, Word};
use super::rules::{Entry, Info, Rules, severity};
use crate::Timestamp;
use crate::decision::Severity;
use crate::policy::words::shortened;
use crate::policy::{GateFinding, Outcome, RuleFinding};
use crate::reason::GateCode;

/// The findings of one decision in the making.
pub(super) struct Results<'a> {
    rules: &'a Rules,
    criteria: &'a Criteria,
    now: Timestamp,
    found: Vec<Found>,
    gate: Vec<GateFinding>,
}

struct Found {
    finding: RuleFinding,
    depends_on: Vec<String>,
}

impl<'a> Results<'a> {
    pub(super) fn new(rules: &'a Rules, criteria: &'a Criteria, now: Timestamp) -> Self {
        Self { rules, criteria, now, found: vec![], gate: vec![] }
    }

    pub(super) fn count(&self) -> usize {
        self.found.len()
    }

    /// Adds one rule's answer.
    pub(super) fn add(&mut self, entry: &Entry, answer: &Answer) {
        let value = match answer {
            Ok(None) => return,
            Ok(Some(value)) => gate_rego::value::to_json(value),
            Err(EvaluationError::Engine { place, message }) => {
                let at = place.as_ref().map(|at| format!("{at}: ")).unwrap_or_default();
                return self.error(&format!("{}.{}: {at}{message}", entry.package, entry.name));
            }
            Err(error @ EvaluationError::Timeout { .. }) => return self.error(&error.to_string()),
        };
        let Value::Array(results) = value else {
            let rule = format!("{}.{}", entry.package, entry.name);
            return self.error(&format!("{rule}: the rule is no set: write `contains`"));
        };
        for result in results {
            match result {
                Value::String(message) => self.result(entry, message, Map::new()),
                Value::Object(mut fields) => match fields.remove("msg") {
                    Some(Value::String(message)) => self.result(entry, message, fields),
                    _ => {
                        let rule = format!("{}.{}", entry.package, entry.name);
                        self.error(&format!("{rule}: a result has no `msg` that is text"));
                    }
                },
                _ => {
                    let rule = format!("{}.{}", entry.package, entry.name);
                    self.error(&format!("{rule}: a result is neither an object nor text"));
                }
            }
        }
    }

    fn result(&mut self, entry: &Entry, message: String, mut fields: Map<String, Value>) {
        let given = fields.remove("code").and_then(|code| code.as_str().map(str::to_owned));
        let code = given.clone().unwrap_or_else(|| format!("{}.{}", entry.package, entry.name));
        let none = Info::default();
        let info = given.as_ref().and_then(|code| self.rules.infos.get(code)).unwrap_or(&none);
        let terms = texts(fields.get("term"));
        let own = fields.remove("collections").map(|it| texts(Some(&it))).unwrap_or_default();
        let collections = if info.collections.is_empty() { own } else { info.collections.clone() };
        if !self.criteria.intends(&info.intentions) {
            return;
        }
        // A result without a code is only in what covers everything.
        let word = self.criteria.judge(given.as_deref().unwrap_or_default(), &terms, &collections);
        if word == Word::Unasked {
            return;
        }
        let text = |value: Option<Value>| value.and_then(|it| it.as_str().map(str::to_owned));
        let own_time = text(fields.remove("effective_on")).and_then(|time| time.parse().ok());
        let own_severity = text(fields.remove("severity"));
        let named = if entry.name == "warn" { Severity::Warn } else { Severity::Deny };
        let severity = info.severity.or_else(|| own_severity.as_deref().and_then(severity));
        let title = info.title.clone().or_else(|| text(fields.remove("title")));
        let solution = info.solution.clone().or_else(|| text(fields.remove("solution")));
        let mut detail = Value::Object(fields);
        if !collections.is_empty() {
            detail["collections"] = json!(collections);
        }
        let finding = RuleFinding {
            package: entry.package.clone(),
            severity: severity.unwrap_or(named),
            title: title.unwrap_or_else(|| code.clone()),
            message: shortened(message),
            solution,
            detail,
            effective_on: info.effective_on.or(own_time).filter(|time| *time > self.now),
            excused: word == Word::Excluded,
            code,
        };
        self.found.push(Found { finding, depends_on: info.depends_on.clone() });
    }

    /// The findings, without those of rules that depend on one which was found itself.
    pub(super) fn outcome(mut self) -> Outcome {
        let counts = |found: &&Found| !found.finding.excused;
        let reported: BTreeSet<String> =
            self.found.iter().filter(counts).map(|found| found.finding.code.clone()).collect();
        self.found.retain(|found| {
            found.depends_on.is_empty()
                || found.depends_on.iter().any(|code| !reported.contains(code))
        });
        let asked = self.rules.infos.iter().any(|(code, info)| {
            self.criteria.intends(&info.intentions)
                && self.criteria.judge(code, &[], &info.collections) == Word::Included
        });
        if !asked && !self.found.iter().any(|found| !found.finding.excused) {
            let code = GateCode::PolicyEmpty;
            let message = "the policy's criteria leave no rule that is asked".to_owned();
            self.gate.push(GateFinding { code, message, detail: json!({}) });
        }
        let known = self.rules.infos.iter();
        let known = known.map(|(code, info)| (code.as_str(), info.collections.as_slice()));
        let unmatched = self.criteria.unmatched(known).into_iter().map(unmatched);
        let rules = self.found.into_iter().map(|found| found.finding).chain(unmatched).collect();
        Outcome { rules, gate: self.gate }
    }

    pub(super) fn error(&mut self, message: &str) {
        let code = GateCode::PolicyError;
        let message = shortened(message.to_owned());
        self.gate.push(GateFinding { code, message, detail: json!({}) });
    }
}

/// An inclusion that nothing answers to is a mistake in the policy.
fn unmatched(word: &str) -> RuleFinding {
    RuleFinding {
        package: "policy".to_owned(),
        code: "policy.include_unmatched".to_owned(),
        severity: Severity::Warn,
        title: "An inclusion is without effect".to_owned(),
        message: format!("Include criterion '{word}' doesn't match any policy rule"),
        solution: Some("Take it out of the policy, or mend its name.".to_owned()),
        detail: json!({}),
        effective_on: None,
        excused: false,
    }
}

/// A text or a list of texts.
fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(many)) => {
            many.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        }
        _ => vec![],
    }
}
