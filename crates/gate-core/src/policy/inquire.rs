//! Evaluates until rules ask nothing of registries that is not known: what an evaluation noted is
//! asked of the source, and the rules are asked again with the answers. Evaluation itself stays pure,
//! and the answers are part of the facts, so a replay finds them.

use std::collections::BTreeMap;
use std::sync::Arc;

use gate_rego::Value;
use gate_rego::outside::{Need, Outside, function};

use super::{Outcome, evaluate};
use crate::effects::{Clock, EvidenceSource, GateError};
use crate::environment::Environment;
use crate::facts::{Facts, FactsDocument, Inquiry};
use crate::limits::INQUIRY_ROUNDS;
use crate::reason::ErrorCode;
use crate::request::Request;

/// The outcome, and the facts with everything that was asked for it.
pub fn settle(
    request: &Request,
    mut facts: Facts,
    environment: &Environment,
    source: &dyn EvidenceSource,
    clock: &dyn Clock,
) -> Result<(Facts, Outcome), GateError> {
    for _ in 0..INQUIRY_ROUNDS {
        let outside = Arc::new(Outside::new(answers(facts.document())?));
        let outcome = evaluate(request, &facts, environment, &outside, clock)?;
        let needs = outside.needs();
        if needs.is_empty() {
            return Ok((facts, outcome));
        }
        let found = source.inquire(&needs, root(environment))?.ok_or_else(|| {
            let asked: Vec<_> = needs.iter().take(3).map(|need| need.function).collect();
            let what = "rules ask what no registry was named to answer";
            GateError::new(ErrorCode::CollectFailed, format!("{what}: {}", asked.join(", ")))
        })?;
        let more = found.into_iter().map(|(need, answer)| inquiry(&need, answer.as_ref()));
        facts = facts.with_inquiries(more.collect()).map_err(|error| {
            GateError::new(ErrorCode::Internal, "the facts have no canonical form").caused_by(error)
        })?;
    }
    let message = format!("rules ask registries more than {INQUIRY_ROUNDS} times in a row");
    Err(GateError::new(ErrorCode::CollectFailed, message))
}

/// What facts hold of registries' answers.
pub fn answers(facts: &FactsDocument) -> Result<BTreeMap<Need, Option<Value>>, GateError> {
    let unread = |error: gate_rego::value::ValueError| {
        GateError::new(ErrorCode::Internal, "an answer has no form in Rego").caused_by(error)
    };
    let mut known = BTreeMap::new();
    for inquiry in &facts.inquiries {
        // An older Gate may have asked what this one has no name for.
        let Some(function) = function(&inquiry.function) else { continue };
        let operands = inquiry.operands.iter().map(gate_rego::value::from);
        let operands = operands.collect::<Result<_, _>>().map_err(unread)?;
        let answer = gate_rego::value::from(&inquiry.answer).map_err(unread)?;
        known.insert(Need { function, operands }, inquiry.defined.then_some(answer));
    }
    Ok(known)
}

fn inquiry(need: &Need, answer: Option<&Value>) -> Inquiry {
    Inquiry {
        function: need.function.to_owned(),
        operands: need.operands.iter().map(gate_rego::value::to_json).collect(),
        defined: answer.is_some(),
        answer: answer.map_or(serde_json::Value::Null, gate_rego::value::to_json),
    }
}

/// The environment's trusted root, where it has one and no other.
fn root(environment: &Environment) -> Option<&[u8]> {
    let mut named = environment.document().roots.values();
    let only = named.next().filter(|_| named.next().is_none())?;
    environment.roots().get(only).map(|bytes| &**bytes)
}

/// Nobody answers: what rules ask must be among the recorded facts.
pub(crate) struct Nobody;

impl EvidenceSource for Nobody {
    fn collect(&self, _: &Request) -> Result<crate::evidence::Collected, GateError> {
        Ok(crate::evidence::Collected::default())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::collections::BTreeSet;
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::evidence::Collected;
    use crate::request::{Asker, Subject, SubjectKind};
    use crate::{Digest, Timestamp};

    struct Still;

    impl Clock for Still {
        fn now(&self) -> Timestamp {
            Timestamp::from_second(0).unwrap()
        }
        fn steady(&self) -> Duration {
            Duration::ZERO
        }
    }

    /// Says of every blob what stands in it: the name of the next one.
    struct Chain(Cell<usize>);

    impl EvidenceSource for Chain {
        fn collect(&self, _: &Request) -> Result<Collected, GateError> {
            Ok(Collected::default())
        }

        fn inquire(
            &self,
            needs: &BTreeSet<Need>,
            _: Option<&[u8]>,
        ) -> Result<Option<BTreeMap<Need, Option<Value>>>, GateError> {
            self.0.set(self.0.get() + 1);
            let answer = |need: &Need| {
                let name = need.operands[0].as_str().unwrap();
                let next = (name != "c").then(|| Value::from(format!("{name}'s")));
                (need.clone(), next)
            };
            Ok(Some(needs.iter().map(answer).collect()))
        }
    }

    fn environment(policy: &str) -> Environment {
        let bundle =
            super::super::Bundle::load(vec![("p.rego".into(), policy.into())], json!({})).unwrap();
        let document = json!({
            "name": "production", "mode": "enforce",
            "policy": {"digest": bundle.digest(), "uri": "https://gate.example/p"},
            "signers": {}, "trust": {}, "people": {}, "allow_unsigned": [],
            "predicate_aliases": {}, "roots": {}, "exceptions": [],
            "limits": {"rule_ms": 60_000, "decision_ms": 60_000},
            "verifier_id": "https://gate.example", "resource_uri": null,
        });
        let document = serde_json::from_value(document).unwrap();
        Environment::compile(document, BTreeMap::new(), Arc::new(bundle)).unwrap()
    }

    fn settled(policy: &str, source: &dyn EvidenceSource) -> Result<(Facts, Outcome), GateError> {
        let request = Request {
            subject: Subject { digest: Digest::of(b"subject"), kind: SubjectKind::Artifact },
            asker: Asker { requester: "ci".into(), admission: None },
            now: "2026-11-23T08:00:00Z".parse().unwrap(),
            object: None,
        };
        let facts = Facts::verified(FactsDocument::empty(&request)).unwrap();
        settle(&request, facts, &environment(policy), source, &Still)
    }

    fn messages(outcome: &Outcome) -> Vec<String> {
        outcome.rules.iter().map(|finding| finding.message.clone()).collect()
    }

    #[test]
    fn answers_are_asked_for_until_nothing_is_unknown_and_kept_in_the_facts() {
        let policy = r#"package p
deny contains sprintf("%s, %s", [a, b]) if {
	a := ec.oci.blob("a")
	b := ec.oci.blob(a)
}
deny contains "nothing in c" if not ec.oci.blob("c")
"#;
        let chain = Chain(Cell::new(0));
        let (facts, outcome) = settled(policy, &chain).unwrap();
        assert_eq!(messages(&outcome), ["a's, a's's", "nothing in c"]);
        assert_eq!(chain.0.get(), 2);
        let asked = facts.document().inquiries.iter();
        let asked: Vec<_> = asked.map(|it| (it.operands[0].clone(), it.defined)).collect();
        assert_eq!(asked, [(json!("a"), true), (json!("c"), false), (json!("a's"), true)]);
        // A replay asks nobody.
        let bytes = facts.bytes().to_vec();
        let recorded = Facts::recorded(bytes, facts.digest()).unwrap();
        let request = Request {
            subject: Subject { digest: Digest::of(b"subject"), kind: SubjectKind::Artifact },
            asker: Asker { requester: "ci".into(), admission: None },
            now: "2026-11-23T08:00:00Z".parse().unwrap(),
            object: None,
        };
        let environment = environment(policy);
        let (_, again) = settle(&request, recorded, &environment, &Nobody, &Still).unwrap();
        assert_eq!(messages(&again), messages(&outcome));
    }

    #[test]
    fn what_nobody_answers_and_what_never_ends_is_no_verdict() {
        let policy = "package p\ndeny contains \"x\" if ec.oci.blob(\"a\")\n";
        let code = |result: Result<_, GateError>| result.map(|_| ()).unwrap_err().code;
        assert_eq!(code(settled(policy, &Nobody)), ErrorCode::CollectFailed);
        let names: Vec<_> = (0..=INQUIRY_ROUNDS).map(|at| format!("b{at}")).collect();
        let mut endless =
            "package p\ndeny contains \"x\" if {\n\tb0 := ec.oci.blob(\"a\")\n".to_owned();
        for pair in names.windows(2) {
            endless += "\t";
            endless += &pair[1];
            endless += " := ec.oci.blob(";
            endless += &pair[0];
            endless += ")\n";
        }
        endless.push_str("}\n");
        assert_eq!(code(settled(&endless, &Chain(Cell::new(0)))), ErrorCode::CollectFailed);
    }
}
