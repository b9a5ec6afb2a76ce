//! A decision on an artifact is made once for the same evidence in the same second, and again as soon
//! as anything is another.

use std::sync::Arc;
use std::time::{Duration, Instant};

use gate_core::spine::Decided;
use gate_server::judge;

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
    let (force, _) = gate_server::force::InForce::load(&gate.path("gate.yaml")).unwrap();
    gate.gate.enforce(force);
    assert!(!Arc::ptr_eq(&first, &decide(&gate, "ci")));
}
