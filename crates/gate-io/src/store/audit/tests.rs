//! Tests of the audit: each column of each table is changed, and the change is found and named.

use gate_core::effects::Recorder as _;
use gate_core::reason::ErrorCode;

use super::*;
use crate::store::testing::{Bench, entry};
use crate::store::{Claimed, Idempotency};

/// A store with five promotions in three commits, a kept decision and an upload, closed.
fn filled() -> Bench {
    let bench = Bench::new();
    let store = bench.open();
    let request =
        Idempotency { requester: "ci".into(), key: "key".into(), body: Digest::of(b"body") };
    let Claimed::Fresh(claim) = store.claim(&request).unwrap() else { panic!() };
    store.recorder(Some(&claim)).record(bench.entry(0)).unwrap();
    drop(claim);
    for number in 1..5 {
        store.recorder(None).record(bench.entry(number)).unwrap();
    }
    store.keep(vec![entry(9, None)]).unwrap();
    store.put_upload(Digest::of(b"subject"), b"an upload", "ci").unwrap();
    drop(store);
    bench
}

fn found(bench: &Bench) -> Fault {
    match verify_ledger(&bench.path(), bench.ledger.verifier(), None) {
        Err(AuditError::Fault(fault)) => *fault,
        other => panic!("no fault: {other:?}"),
    }
}

#[test]
fn a_ledger_that_was_not_changed_holds() {
    let bench = filled();
    let audited = verify_ledger(&bench.path(), bench.ledger.verifier(), None).unwrap();
    assert_eq!((audited.leaves, audited.checkpoints, audited.kept), (5, 5, 1));
    let store = bench.open();
    let while_open = verify_ledger(&bench.path(), bench.ledger.verifier(), None).unwrap();
    assert_eq!(while_open, audited);
    let note = store.reader().checkpoint().unwrap().unwrap();
    store.recorder(None).record(bench.entry(5)).unwrap();
    verify_ledger(&bench.path(), bench.ledger.verifier(), Some(&note)).unwrap();
}

#[test]
fn an_empty_ledger_holds() {
    let bench = Bench::new();
    bench.open();
    let audited = verify_ledger(&bench.path(), bench.ledger.verifier(), None).unwrap();
    assert_eq!((audited.leaves, audited.root), (0, gate_core::ledger::empty_root()));
}

/// Table and column that is named, the change, and a part of the place that is named.
const CHANGES: &[(&str, &str, &str, &str)] = &[
    ("leaves", "position", "UPDATE leaves SET position = 7 WHERE position = 2", "leaf 2"),
    (
        "leaves",
        "bytes",
        "UPDATE leaves SET bytes = CAST(bytes || ' ' AS BLOB) WHERE position = 2",
        "leaf 2",
    ),
    ("leaves", "checkpoint", "UPDATE leaves SET checkpoint = 5 WHERE position = 2", "leaf 2"),
    (
        "nodes",
        "hash",
        "UPDATE nodes SET hash = zeroblob(32) WHERE level = 1 AND position = 1",
        "node 1 of level 1",
    ),
    (
        "nodes",
        "hash",
        "UPDATE nodes SET position = 9 WHERE level = 0 AND position = 4",
        "node 4 of level 0",
    ),
    ("nodes", "hash", "UPDATE nodes SET level = 9 WHERE level = 2", "node 0 of level 2"),
    (
        "checkpoints",
        "note",
        "UPDATE checkpoints SET note = replace(note, 'shop', 'shap') WHERE size = 3",
        "checkpoint 3",
    ),
    ("checkpoints", "size", "UPDATE checkpoints SET size = 8 WHERE size = 5", "checkpoint 8"),
    ("leaves", "checkpoint", "DELETE FROM checkpoints WHERE size = 3", "leaf 2"),
    ("decisions", "leaf", "UPDATE decisions SET leaf = 9 WHERE leaf = 2", "at leaf 2"),
    ("decisions", "id", "UPDATE decisions SET id = zeroblob(32) WHERE leaf = 2", "at leaf 2"),
    (
        "decisions",
        "subject",
        "UPDATE decisions SET subject = zeroblob(32) WHERE leaf = 2",
        "at leaf 2",
    ),
    (
        "decisions",
        "environment",
        "UPDATE decisions SET environment = 'staging' WHERE leaf = 2",
        "at leaf 2",
    ),
    (
        "decisions",
        "decided_at",
        "UPDATE decisions SET decided_at = '2020-01-01T00:00:00Z' WHERE leaf = 2",
        "at leaf 2",
    ),
    ("decisions", "verdict", "UPDATE decisions SET verdict = 'deny' WHERE leaf = 2", "at leaf 2"),
    ("decisions", "would_deny", "UPDATE decisions SET would_deny = 1 WHERE leaf = 2", "at leaf 2"),
    ("decisions", "requester", "UPDATE decisions SET requester = 'me' WHERE leaf = 2", "at leaf 2"),
    ("decisions", "leaf", "DELETE FROM decisions WHERE leaf = 4", "at leaf 4"),
    ("idempotency", "requester", "UPDATE idempotency SET requester = 'me'", "request `key`"),
    ("idempotency", "leaf", "UPDATE idempotency SET leaf = 77", "leaf 77"),
    ("kept", "id", "UPDATE kept SET id = zeroblob(32)", "kept decision"),
    ("kept", "pack", "UPDATE kept SET pack = 77", "kept decision"),
    ("kept", "place", "UPDATE kept SET place = 77", "kept decision"),
    ("kept", "id", "DELETE FROM kept", "kept decision"),
    ("packs", "bytes", "UPDATE packs SET size = size + 1", "pack 1 of kept decisions"),
    (
        "packs",
        "bytes",
        "UPDATE packs SET bytes = zeroblob(length(bytes))",
        "pack 1 of kept decisions",
    ),
    ("uploads", "size", "UPDATE uploads SET size = 1", "an upload for subject"),
    ("blobs", "digest", "UPDATE uploads SET digest = zeroblob(32)", "an upload for subject"),
    ("leaves", "position", "DELETE FROM leaves WHERE position = 2", "leaf 2"),
    ("leaves", "position", "DELETE FROM leaves WHERE position = 4", "leaf 4"),
    (
        "leaves",
        "position",
        "INSERT INTO leaves SELECT 5, bytes, 5 FROM leaves WHERE position = 4",
        "last checkpoint signs",
    ),
    ("leaves", "position", "DELETE FROM checkpoints WHERE size = 5", "last checkpoint signs"),
    ("nodes", "position", "INSERT INTO nodes VALUES (0, 5, zeroblob(32))", "last checkpoint signs"),
];

#[test]
fn each_changed_column_is_found_and_named() {
    for (table, column, statement, place) in CHANGES {
        let bench = filled();
        assert!(bench.sql(statement) > 0, "{statement}");
        let fault = found(&bench);
        assert_eq!(fault.what, format!("{table}.{column}"), "{statement}: {fault}");
        assert!(fault.place.contains(place), "{statement}: {fault}");
        assert_ne!(fault.expected, fault.found);
    }
}

#[test]
fn each_changed_blob_of_a_leaf_is_found_and_named() {
    let leaf = Bench::new().entry(2).leaf;
    let parts = [
        ("decision", leaf.decision),
        ("facts", leaf.facts),
        ("evidence", leaf.evidence[0].digest),
        ("policy", leaf.policy),
        ("policy modules", leaf.modules),
        ("rule data", leaf.data),
        ("environment configuration", leaf.configuration),
        ("trusted root", leaf.roots[0]),
    ];
    for (part, digest) in parts {
        for (what, change) in [("bytes", "bytes = x'00'"), ("digest", "digest = zeroblob(32)")] {
            let bench = filled();
            let changed = bench
                .sql(&format!("UPDATE blobs SET {change} WHERE digest = x'{}'", digest.to_hex()));
            assert_eq!(changed, 1, "{part}");
            let fault = found(&bench);
            assert_eq!(fault.what, format!("blobs.{what}"), "{fault}");
            assert!(fault.place.starts_with(&format!("the {part} of leaf ")), "{fault}");
            assert_eq!(fault.expected, digest.to_string());
        }
    }
}

#[test]
fn a_changed_attestation_and_a_changed_upload_are_found_and_named() {
    let bench = filled();
    let changed = bench.sql("UPDATE blobs SET bytes = x'00' WHERE bytes LIKE '%dsseEnvelope%' AND rowid = (SELECT max(rowid) FROM blobs WHERE bytes LIKE '%dsseEnvelope%')");
    assert_eq!(changed, 1);
    assert_eq!(found(&bench).place, "the attestation of leaf 4");
    let bench = filled();
    let upload = Digest::of(b"an upload").to_hex();
    bench.sql(&format!("UPDATE blobs SET bytes = x'00' WHERE digest = x'{upload}'"));
    assert!(found(&bench).place.starts_with("the bytes of an upload for subject"));
}

#[test]
fn a_blob_that_nothing_names_is_hashed_too() {
    let bench = filled();
    bench.sql("INSERT INTO blobs VALUES (zeroblob(32), x'00')");
    assert_eq!(found(&bench).what, "blobs.bytes");
}

#[test]
fn a_leaf_rewritten_with_its_nodes_does_not_lead_to_the_signed_root() {
    let bench = filled();
    let id = bench.entry(2).leaf.decision;
    let mut leaf = bench.open().reader().decision(id).unwrap().leaf;
    leaf.asker.requester = "somebody else".into();
    let bytes = gate_core::spine::leaf_bytes(&leaf).unwrap();
    let (hash, bytes) = (gate_core::ledger::leaf_hash(&bytes).to_hex(), hex::encode(&bytes));
    bench.sql(&format!("UPDATE leaves SET bytes = x'{bytes}' WHERE position = 2"));
    bench.sql(&format!("UPDATE nodes SET hash = x'{hash}' WHERE level = 0 AND position = 2"));
    let fault = found(&bench);
    assert_eq!((fault.what, fault.place.as_str()), ("leaves.bytes", "leaves 2 to 2"));
}

#[test]
fn a_ledger_that_was_cut_or_rewritten_is_found_by_an_earlier_checkpoint() {
    let bench = filled();
    let note = bench.open().reader().checkpoint().unwrap().unwrap();
    for table in ["decisions WHERE leaf", "leaves WHERE position", "checkpoints WHERE size - 1"] {
        bench.sql(&format!("DELETE FROM {table} >= 3"));
    }
    bench.sql("DELETE FROM nodes WHERE level = 0 AND position >= 3 OR level = 2 OR level = 1 AND position = 1");
    bench.sql("DELETE FROM idempotency WHERE leaf >= 3");
    let key = bench.ledger.verifier();
    verify_ledger(&bench.path(), key, None).expect("a cut end alone cannot be seen");
    let Err(AuditError::Fault(fault)) = verify_ledger(&bench.path(), key, Some(&note)) else {
        panic!("the cut was not found")
    };
    assert_eq!((fault.expected.as_str(), fault.found.as_str()), ("5 leaves", "3 leaves"));
    let store = bench.open();
    for number in 10..14 {
        store.recorder(None).record(bench.entry(number)).unwrap();
    }
    let Err(AuditError::Fault(fault)) = verify_ledger(&bench.path(), key, Some(&note)) else {
        panic!("the other history was not found")
    };
    assert!(fault.place.contains("the given checkpoint signs"), "{fault}");
}

#[test]
fn another_ledgers_key_or_checkpoint_proves_nothing() {
    let bench = filled();
    let other = Bench::new();
    assert!(matches!(
        verify_ledger(&bench.path(), other.ledger.verifier(), None),
        Err(AuditError::Fault(fault)) if fault.what == "checkpoints.note"
    ));
    let store = other.open();
    store.recorder(None).record(other.entry(0)).unwrap();
    let note = store.reader().checkpoint().unwrap().unwrap();
    let refused = verify_ledger(&bench.path(), bench.ledger.verifier(), Some(&note));
    assert!(matches!(refused, Err(AuditError::Against(_))));
    let absent = verify_ledger(&bench.folder.path().join("no"), bench.ledger.verifier(), None);
    assert!(matches!(absent, Err(AuditError::Store(error)) if error.code == ErrorCode::NotFound));
}
