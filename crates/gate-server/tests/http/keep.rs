//! Decisions outside the ledger are kept or nobody is told them.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gate_core::effects::GateError;
use gate_core::reason::ErrorCode;
use gate_server::judge;
use gate_server::keep::{Keeper, Kept};
use gate_server::metrics::Metrics;
use tokio::time::Instant;

use crate::testgate::{IMAGE, TestGate};

/// A decision, and how many bytes of evidence come along with it.
fn decision(gate: &TestGate, evidence: usize) -> Kept {
    let force = gate.gate.hold_force();
    let environment = force.environments["production"].clone();
    let request = judge::artifact(&gate.gate, "ci", IMAGE.parse().unwrap());
    let job = {
        let (gate, environment, request) =
            (gate.gate.clone(), environment.clone(), request.clone());
        move |turn: &_| {
            let until = std::time::Instant::now();
            let place = judge::Place { gate: &gate, force: &force, turn, until };
            judge::check(&place, &environment, &request, &[])
        }
    };
    let decided = gate.runtime.block_on(gate.gate.pool.run(job)).unwrap().unwrap();
    let mut decided = Arc::unwrap_or_clone(decided);
    decided.evidence.evidence.push(gate_core::evidence::Evidence::new(
        vec![0; evidence],
        gate_core::evidence::Origin::Uploaded { by: "ci".to_owned() },
    ));
    Kept { request, decided: decided.into(), environment }
}

#[test]
fn a_write_that_fails_is_tried_until_it_succeeds() {
    let gate = TestGate::new();
    let attempts = Arc::new(AtomicUsize::new(0));
    let written = Arc::new(Mutex::new(Vec::new()));
    let (counted, kept) = (attempts.clone(), written.clone());
    let write = move |entries: Vec<gate_core::record::Entry>| {
        if counted.fetch_add(1, Ordering::SeqCst) < 2 {
            return Err(GateError::new(ErrorCode::RecordFailed, "the disk is full"));
        }
        kept.lock().unwrap().extend(entries.iter().map(|entry| entry.leaf.decision));
        Ok(())
    };
    let metrics = Arc::new(Metrics::new());
    let keeper = Keeper::start(Box::new(write), Duration::ZERO, metrics).unwrap();
    let kept = decision(&gate, 0);
    let id = kept.decided.id;
    let soon = Instant::now() + Duration::from_mins(1);
    gate.runtime.block_on(keeper.keep(kept, soon)).unwrap();
    keeper.end();
    assert_eq!(*written.lock().unwrap(), [id]);
    assert_eq!(attempts.load(Ordering::SeqCst), 3);
    assert!(!keeper.is_failing());
}

#[test]
fn while_nothing_can_be_written_the_next_answer_is_refused_and_none_is_dropped() {
    let gate = TestGate::new();
    let works = Arc::new(AtomicBool::new(false));
    let (open, written) = (works.clone(), Arc::new(AtomicUsize::new(0)));
    let count = written.clone();
    let write = move |entries: Vec<gate_core::record::Entry>| {
        if !open.load(Ordering::SeqCst) {
            return Err(GateError::new(ErrorCode::RecordFailed, "the disk is full"));
        }
        count.fetch_add(entries.len(), Ordering::SeqCst);
        Ok(())
    };
    let metrics = Arc::new(Metrics::new());
    let keeper = Keeper::start(Box::new(write), Duration::from_millis(1), metrics).unwrap();
    let ask = |until| {
        gate.clock.set(crate::testgate::NOW + i64::try_from(keeper.waiting()).unwrap());
        gate.runtime.block_on(keeper.keep(decision(&gate, 64 << 20), until))
    };
    let mut told = 0;
    let refused = loop {
        match ask(Instant::now() + Duration::from_millis(10)) {
            Ok(()) => told += 1,
            Err(problem) => break problem,
        }
    };
    assert_eq!(refused.code, "overloaded");
    assert!((1..10).contains(&told), "{told}");
    works.store(true, Ordering::SeqCst);
    keeper.end();
    assert_eq!(written.load(Ordering::SeqCst), told);
}
