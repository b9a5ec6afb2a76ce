//! A candidate judges its share of subjects, the same ones each time, and has no effect beyond it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;

use super::*;
use crate::Timestamp;
use crate::decision::Verdict;
use crate::effects::{Clock, EvidenceSource, GateError};
use crate::evidence::Collected;
use crate::request::{Asker, Request, Subject, SubjectKind};
use crate::spine;

struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(0).unwrap()
    }
    fn steady(&self) -> Duration {
        Duration::ZERO
    }
}

struct Nothing;

impl EvidenceSource for Nothing {
    fn collect(&self, _: &Request) -> Result<Collected, GateError> {
        Ok(Collected::default())
    }
}

fn environment(rule: &str) -> Environment {
    let source = format!("package p\n\n{rule}\n");
    let bundle = Bundle::load(vec![("p.rego".into(), source)], json!({})).unwrap();
    let document = serde_json::from_value(json!({
        "name": "production", "mode": "enforce",
        "policy": {"digest": bundle.digest(), "uri": "u"},
        "signers": {}, "trust": {}, "people": {}, "allow_unsigned": [], "predicate_aliases": {},
        "roots": {}, "exceptions": [], "limits": {"rule_ms": 1000, "decision_ms": 5000},
        "verifier_id": "v", "resource_uri": null,
    }));
    Environment::compile(document.unwrap(), BTreeMap::new(), Arc::new(bundle)).unwrap()
}

fn request(number: u32) -> Request {
    Request {
        subject: Subject { digest: Digest::of(&number.to_le_bytes()), kind: SubjectKind::Artifact },
        asker: Asker { requester: "ci".into(), admission: None },
        now: Timestamp::from_second(0).unwrap(),
        object: None,
    }
}

const ALLOWS: &str = "deny contains \"no\" if input.subject.kind == \"object\"";
const DENIES: &str = "deny contains \"new\" if input.subject.kind == \"artifact\"";

/// How many of 200 subjects a candidate of this share denies, and how many differences are told.
fn denied(candidate: &str, share: u8) -> (usize, Vec<Difference>) {
    let told = Arc::new(Mutex::new(vec![]));
    let teller = told.clone();
    let observer: Observer =
        Arc::new(move |one: &Difference| teller.lock().unwrap().push(one.clone()));
    let other = Candidate::new(Arc::new(environment(candidate)), share, observer).unwrap();
    let environment = environment(ALLOWS).with_candidate(other);
    let denied = (0..200).filter(|number| {
        let decided = spine::check(&request(*number), &environment, &Nothing, &Still).unwrap();
        let entry = decided.entry(&request(*number), &environment, None);
        assert_eq!(
            entry.leaf.policy, decided.decision.policy,
            "the policy that judged is recorded"
        );
        decided.decision.verdict == Verdict::Deny
    });
    let denied = denied.count();
    let told = told.lock().unwrap().clone();
    (denied, told)
}

#[test]
fn in_shadow_nothing_changes_and_every_difference_is_told() {
    let (count, told) = denied(DENIES, 0);
    assert_eq!((count, told.len()), (0, 200));
    assert_eq!(told[0].only_there, ["p.deny"]);
    assert_eq!(told[0].other_verdict, Some(Verdict::Deny));
}

#[test]
fn a_share_of_subjects_is_judged_and_grows_by_whom_it_judged_before() {
    let (half, told) = denied(DENIES, 50);
    assert!((70..130).contains(&half), "{half} of 200");
    assert_eq!(told.len(), 200, "the other policy is asked either way");
    assert_eq!(denied(DENIES, 100).0, 200);
    let judges = |share: u8, number: u32| {
        let observer: Observer = Arc::new(|_| {});
        let other = Candidate::new(Arc::new(environment(DENIES)), share, observer).unwrap();
        other.judges(request(number).subject.digest)
    };
    for number in 0..50 {
        assert!(!judges(20, number) || judges(40, number));
    }
}

#[test]
fn a_candidate_that_errs_or_agrees_stops_nothing() {
    let (count, told) = denied("deny contains \"x\" if 1 / 0 == 1", 0);
    assert_eq!(count, 0, "its error is a word of its own");
    assert_eq!(told[0].only_there, ["policy-error"]);
    assert_eq!(denied(ALLOWS, 0).1, []);
}

#[test]
fn a_share_beyond_everything_is_refused() {
    let observer: Observer = Arc::new(|_| {});
    assert!(Candidate::new(Arc::new(environment(ALLOWS)), 101, observer).is_err());
}
