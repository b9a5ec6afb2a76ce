//! A decision on an artifact is made once for the same evidence in the same second, and again as soon
//! as anything is another.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use gate_core::effects::{EvidenceSource, GateError};
use gate_core::evidence::Collected;
use gate_core::request::Request;
use gate_core::spine::{self, Decided};
use gate_rego::Value;
use gate_rego::outside::Need;
use gate_server::force::InForce;
use gate_server::judge;
use gate_server::recent::Recent;

use crate::testgate::{IMAGE, NOW, TestGate};

fn decide(gate: &TestGate, requester: &str) -> Arc<Decided> {
    let force = gate.gate.hold_force();
    let environment = force.environments["production"].clone();
    let request = judge::artifact(&gate.gate, requester, IMAGE.parse().unwrap());
    let held = gate.gate.clone();
    let job = move |turn: &_| {
        let until = Instant::now() + Duration::from_mins(1);
        let place = judge::Place { gate: &held, force: &force, turn, until };
        judge::check(&place, &environment, &request, &[])
    };
    gate.runtime.block_on(gate.gate.pool.run(job)).unwrap().unwrap()
}

#[test]
fn the_same_question_in_the_same_second_is_judged_once() {
    let gate = TestGate::new();
    let first = decide(&gate, "ci");
    assert!(Arc::ptr_eq(&first, &decide(&gate, "ci")));
    assert!(!Arc::ptr_eq(&first, &decide(&gate, "somebody-else")));
}

#[test]
fn evidence_that_arrives_counts_at_once() {
    let gate = TestGate::new();
    let first = decide(&gate, "ci");
    assert!(first.evidence.evidence.is_empty());
    let tests = br#"<testsuite name="unit" tests="1"><testcase name="a"/></testsuite>"#;
    assert!(gate.upload(IMAGE, tests).status.is_success());
    let second = decide(&gate, "ci");
    assert_eq!(second.evidence.evidence.len(), 1);
    assert_ne!(first.id, second.id);
}

#[test]
fn the_next_second_is_another_decision() {
    let gate = TestGate::new();
    let first = decide(&gate, "ci");
    gate.clock.set(NOW + 1);
    let second = decide(&gate, "ci");
    assert_ne!(first.id, second.id);
    assert_eq!(second.decision.now.as_second(), NOW + 1);
}

#[test]
fn another_configuration_judges_again() {
    let gate = TestGate::new();
    let first = decide(&gate, "ci");
    let (force, _) = InForce::load(&gate.path("gate.yaml")).unwrap();
    gate.gate.enforce(force);
    assert!(!Arc::ptr_eq(&first, &decide(&gate, "ci")));
}

/// A registry that has nothing.
struct Bare;

impl EvidenceSource for Bare {
    fn collect(&self, _: &Request) -> Result<Collected, GateError> {
        Ok(Collected::default())
    }

    fn inquire(
        &self,
        needs: &BTreeSet<Need>,
        _: Option<&[u8]>,
    ) -> Result<Option<BTreeMap<Need, Option<Value>>>, GateError> {
        Ok(Some(needs.iter().map(|need| (need.clone(), None)).collect()))
    }
}

#[test]
fn what_registries_told_rules_is_asked_again() {
    let gate = TestGate::new();
    let asks = "package p\n\nimport rego.v1\n\ndeny contains {\"msg\": \"unsigned\", \"code\": \"p.unsigned\"} if {\n\
        \tnot ec.oci.image_manifest(\"registry.example/shop:latest\")\n}\n";
    std::fs::write(gate.path("asks.rego"), asks).unwrap();
    let yaml = std::fs::read_to_string(gate.path("gate.yaml")).unwrap();
    let yaml = yaml.replace("empty.rego]", "asks.rego], dialect: conforma");
    std::fs::write(gate.path("gate.yaml"), yaml).unwrap();
    let (force, _) = InForce::load(&gate.path("gate.yaml")).unwrap();
    let environment = force.environments["empty"].clone();
    let request = judge::artifact(&gate.gate, "ci", IMAGE.parse().unwrap());
    let clock = gate.clock.clone();
    let job = move |_: &_| {
        let recent = Recent::default();
        let decide = || {
            let judge = |collected| spine::judge(&request, collected, &environment, &Bare, &*clock);
            recent.decide("empty", &request, Collected::default(), judge).unwrap()
        };
        (decide(), decide())
    };
    let (first, second) = gate.runtime.block_on(gate.gate.pool.run(job)).unwrap();
    assert_eq!(first.facts.document().inquiries.len(), 1);
    assert_eq!(first.id, second.id);
    assert!(!Arc::ptr_eq(&first, &second));
}
