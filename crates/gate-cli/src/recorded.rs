//! A decision as the store holds it, with what it was made from, told like a fresh one.

use std::fmt::Write as _;

use gate_core::Digest;
use gate_core::decision::{Answer, AskedRule};
use gate_core::effects::GateError;
use gate_core::facts::FactsDocument;
use gate_core::policy::Bundle;
use gate_core::reason::ErrorCode;
use gate_core::record::Leaf;
use gate_io::store::{Found, Reader};
use gate_rego::explain::{Detail, Explanation};
use serde::Serialize;

use crate::account::Account;
use crate::terminal::{Paint, plain};

/// A decision with its record.
#[derive(Debug, Serialize)]
pub(crate) struct Recorded {
    /// The decision with what explains it.
    #[serde(flatten)]
    pub(crate) answer: Answer,
    /// Its place in the ledger; `null` for a decision that is kept outside.
    index: Option<u64>,
    /// Everything behind it, by digest.
    leaf: Leaf,
    /// What it was decided on.
    facts: FactsDocument,
    /// Why each rule said what it said, where it was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    rules: Option<serde_json::Value>,
    #[serde(skip)]
    rules_text: String,
}

impl Recorded {
    /// Reads a decision with its facts and rules.
    pub(crate) fn read(store: &Reader, id: Digest) -> Result<Self, GateError> {
        let Found { decision, leaf, index } = store.decision(id)?;
        let facts: FactsDocument = serde_json::from_slice(&store.facts(&leaf)?)
            .map_err(|error| invalid("facts").caused_by(error))?;
        let asked = asked(store, &leaf)?;
        let answer = Answer { id, decision, asked, failed: facts.failed.clone() };
        Ok(Self { answer, index, leaf, facts, rules: None, rules_text: String::new() })
    }

    /// Adds why each rule said what it said.
    pub(crate) fn add_rules(&mut self, told: Vec<(String, Explanation)>, detail: Detail) {
        let mut rules = serde_json::Map::new();
        for (name, explanation) in told {
            let _ = writeln!(self.rules_text, "\n{}", plain(&name));
            for line in explanation.text(detail).lines() {
                let _ = writeln!(self.rules_text, "{}", plain(line));
            }
            rules.insert(name, explanation.json(detail));
        }
        self.rules = Some(serde_json::Value::Object(rules));
    }

    /// The decision in words.
    pub(crate) fn text(&self, paint: Paint) -> String {
        let place = match self.index {
            Some(index) => format!("entry {index} of the ledger"),
            None => "outside the ledger".to_owned(),
        };
        let places = [
            ("asked by", self.leaf.asker.requester.clone()),
            ("recorded as", place),
            ("evidence", format!("{} recorded", self.leaf.evidence.len())),
            ("by gate", self.leaf.gate.clone()),
        ];
        let account = Account {
            id: self.answer.id,
            decision: &self.answer.decision,
            name: None,
            asked: &self.answer.asked,
            facts: Some(&self.facts),
            places: &places,
        };
        account.text(paint) + &self.rules_text
    }
}

/// The rules that were asked then: those of the recorded policy, not of today's.
fn asked(store: &Reader, leaf: &Leaf) -> Result<Vec<AskedRule>, GateError> {
    let manifest = store.blob(leaf.policy)?;
    let bundle = Bundle::recorded(&manifest, &store.blob(leaf.modules)?, &store.blob(leaf.data)?)
        .map_err(|error| invalid("policy").caused_by(error))?;
    Ok(bundle.asked().to_vec())
}

fn invalid(what: &str) -> GateError {
    GateError::new(ErrorCode::StoreInvalid, format!("the recorded {what} cannot be read"))
}
