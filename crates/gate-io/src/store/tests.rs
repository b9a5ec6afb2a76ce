//! Tests of the store: what is recorded is found again and proves itself; each write is failed once.

use std::fs;

use gate_core::effects::Recorder as _;
use gate_core::evidence::Origin;
use gate_core::limits;
use gate_core::record::Recorded;

use super::testing::{Bench, entry};
use super::*;

fn record(store: &Store, entry: Entry) -> Result<Recorded, GateError> {
    store.recorder(None).record(entry)
}

fn request(key: &str, body: &str) -> Idempotency {
    let (requester, key) = ("ci".to_owned(), key.to_owned());
    Idempotency { requester, key, body: Digest::of(body.as_bytes()) }
}

#[test]
fn a_promotion_is_found_again_with_a_receipt_that_proves_itself() {
    let bench = Bench::new();
    let store = bench.open();
    let mut receipts = vec![];
    for number in 0..9 {
        let entry = bench.entry(number);
        let recorded = record(&store, entry.clone()).unwrap();
        assert_eq!(recorded.index, u64::from(number));
        let receipt = store.reader().receipt(entry.leaf.decision).unwrap();
        assert_eq!(receipt.proof, recorded.proof);
        bench.receipt_holds(&receipt);
        let found = store.reader().decision(entry.leaf.decision).unwrap();
        assert_eq!((found.decision, found.leaf), (entry.decision, entry.leaf));
        assert_eq!(found.index, Some(u64::from(number)));
        receipts.push(receipt);
    }
    drop(store);
    let store = bench.open();
    for receipt in receipts {
        let again = store.reader().receipt(receipt.id).unwrap();
        assert_eq!(again, receipt, "a receipt is the same at each asking");
    }
    assert_eq!(record(&store, bench.entry(9)).unwrap().index, 9);
}

#[test]
fn concurrent_promotions_share_commits_and_each_proves_itself() {
    let bench = Bench::new();
    let store = bench.open();
    std::thread::scope(|scope| {
        for worker in 0..8_u32 {
            let (store, bench) = (&store, &bench);
            scope.spawn(move || {
                for turn in 0..8 {
                    let entry = bench.entry(worker * 8 + turn);
                    let id = entry.leaf.decision;
                    record(store, entry).unwrap();
                    bench.receipt_holds(&store.reader().receipt(id).unwrap());
                }
            });
        }
    });
    let checkpoint = store.reader().checkpoint().unwrap().unwrap();
    assert!(checkpoint.starts_with("gate.example/shop\n64\n"), "{checkpoint}");
}

#[test]
fn what_is_not_there_is_not_found() {
    let bench = Bench::new();
    let store = bench.open();
    let id = Digest::of(b"nothing");
    for refused in [
        store.reader().decision(id).map(drop),
        store.reader().receipt(id).map(drop),
        store.reader().blob(id).map(drop),
        Reader::open(&bench.folder.path().join("absent")).map(drop),
    ] {
        assert_eq!(refused.unwrap_err().code, ErrorCode::NotFound);
    }
    assert!(!bench.folder.path().join("absent").exists());
}

#[test]
fn a_second_writer_is_refused_and_a_reader_is_not() {
    let bench = Bench::new();
    let store = bench.open();
    let entry = bench.entry(0);
    record(&store, entry.clone()).unwrap();
    let refused = Store::open(&bench.path(), bench.ledger.clone()).err().unwrap();
    assert_eq!(refused.code, ErrorCode::StoreInUse);
    let reader = Reader::open(&bench.path()).unwrap();
    bench.receipt_holds(&reader.receipt(entry.leaf.decision).unwrap());
    drop(store);
    bench.open();
}

#[test]
fn a_file_that_is_no_store_is_refused_and_left_alone() {
    let bench = Bench::new();
    fs::write(bench.path(), vec![b'x'; 8192]).unwrap();
    let refused = Store::open(&bench.path(), bench.ledger.clone()).err().unwrap();
    assert_eq!(refused.code, ErrorCode::StoreInvalid);
    assert_eq!(fs::read(bench.path()).unwrap(), vec![b'x'; 8192]);
    for schema in ["CREATE TABLE other (x)", "PRAGMA user_version = 2; CREATE TABLE other (x)"] {
        fs::remove_file(bench.path()).unwrap();
        fs::write(bench.path(), b"").unwrap();
        bench.sql(schema);
        let refused = Store::open(&bench.path(), bench.ledger.clone()).err().unwrap();
        assert_eq!(refused.code, ErrorCode::StoreInvalid, "{schema}");
    }
}

#[test]
fn a_ledger_is_not_continued_under_another_key_or_after_its_end_was_changed() {
    let bench = Bench::new();
    record(&bench.open(), bench.entry(0)).unwrap();
    let other = Bench::new();
    let refused = Store::open(&bench.path(), other.ledger.clone()).err().unwrap();
    assert_eq!(refused.code, ErrorCode::StoreInvalid);
    assert_eq!(bench.sql("UPDATE nodes SET hash = zeroblob(32)"), 1);
    let refused = Store::open(&bench.path(), bench.ledger.clone()).err().unwrap();
    assert_eq!(refused.code, ErrorCode::StoreInvalid);
}

#[test]
fn the_same_request_gets_the_same_receipt_and_another_body_none() {
    let bench = Bench::new();
    let store = bench.open();
    let entry = bench.entry(0);
    let Claimed::Fresh(claim) = store.claim(&request("key", "body")).unwrap() else { panic!() };
    assert!(matches!(store.claim(&request("key", "body")).unwrap(), Claimed::InProgress));
    store.recorder(Some(&claim)).record(entry.clone()).unwrap();
    let twice = store.recorder(Some(&claim)).record(bench.entry(1)).unwrap_err();
    assert_eq!(twice.code, ErrorCode::Internal, "one claim records once");
    drop(claim);
    let expected = store.reader().receipt(entry.leaf.decision).unwrap();
    for _ in 0..2 {
        let Claimed::Recorded(receipt) = store.claim(&request("key", "body")).unwrap() else {
            panic!()
        };
        assert_eq!(*receipt, expected);
    }
    assert!(matches!(store.claim(&request("key", "other")).unwrap(), Claimed::OtherBody));
    let (body, receipt) = store.reader().idempotent("ci", "key").unwrap().unwrap();
    assert_eq!((body, receipt), (Digest::of(b"body"), expected));
    let elsewhere = Idempotency { requester: "other".into(), ..request("key", "body") };
    assert!(matches!(store.claim(&elsewhere).unwrap(), Claimed::Fresh(_)));
    assert_eq!(record(&store, bench.entry(1)).unwrap().index, 1);
}

#[test]
fn a_claim_that_was_given_up_can_be_taken_again() {
    let bench = Bench::new();
    let store = bench.open();
    for _ in 0..2 {
        let Claimed::Fresh(claim) = store.claim(&request("key", "body")).unwrap() else { panic!() };
        drop(claim);
    }
}

#[test]
fn kept_decisions_stand_outside_the_ledger() {
    let bench = Bench::new();
    let store = bench.open();
    let kept = entry(0, None);
    store.keep(vec![kept.clone(), entry(1, None), kept.clone()]).unwrap();
    let found = store.reader().decision(kept.leaf.decision).unwrap();
    assert_eq!((found.leaf, found.index), (kept.leaf.clone(), None));
    let refused = store.reader().receipt(kept.leaf.decision).unwrap_err();
    assert_eq!(refused.code, ErrorCode::NotFound);
    assert_eq!(store.reader().checkpoint().unwrap(), None);
}

#[test]
fn uploads_are_kept_once_for_their_subject() {
    let bench = Bench::new();
    let store = bench.open();
    let subject = Digest::of(b"subject");
    assert_eq!(store.put_upload(subject, b"scan", "ci").unwrap(), Uploaded::Kept);
    assert_eq!(store.put_upload(subject, b"scan", "another").unwrap(), Uploaded::Known);
    let uploads = store.uploads(subject).unwrap();
    assert_eq!(uploads.len(), 1);
    assert_eq!(uploads[0].unverified_bytes, b"scan");
    assert_eq!(uploads[0].origin, Origin::Uploaded { by: "ci".into() });
    assert!(store.uploads(Digest::of(b"other")).unwrap().is_empty());
    assert_eq!(store.put_upload(subject, b"", "ci").unwrap(), Uploaded::Kept);
    let uploads = store.uploads(subject).unwrap();
    assert!(uploads.iter().any(|piece| piece.unverified_bytes.is_empty()));
    drop(store);
    assert_eq!(bench.open().uploads(subject).unwrap().len(), 2, "a restart forgets no upload");
}

#[test]
fn a_subjects_uploads_cannot_fill_the_disk() {
    let bench = Bench::new();
    let store = bench.open();
    let subject = Digest::of(b"subject");
    for number in 0..limits::UPLOADS_PER_SUBJECT {
        let kept = store.put_upload(subject, &number.to_be_bytes(), "ci").unwrap();
        assert_eq!(kept, Uploaded::Kept);
    }
    let refused = store.put_upload(subject, b"one more", "ci").unwrap();
    assert_eq!(refused, Uploaded::LimitExceeded);
    let other = Digest::of(b"other");
    let piece = vec![0; limits::UPLOAD_BYTES_PER_SUBJECT / 4];
    assert_eq!(store.put_upload(other, &piece, "ci").unwrap(), Uploaded::Kept);
    bench.sql(&format!("UPDATE uploads SET size = {}", limits::UPLOAD_BYTES_PER_SUBJECT));
    let refused = store.put_upload(other, b"one more", "ci").unwrap();
    assert_eq!(refused, Uploaded::LimitExceeded);
}

#[test]
fn each_write_is_failed_once_and_leaves_a_ledger_that_goes_on() {
    let bench = Bench::new();
    let store = bench.open();
    record(&store, bench.entry(0)).unwrap();
    let tables = ["blobs", "checkpoints", "leaves", "nodes", "decisions", "idempotency"];
    for (number, table) in (1..).zip(tables) {
        bench.sql(&format!(
            "CREATE TRIGGER fault BEFORE INSERT ON {table} BEGIN SELECT raise(ABORT, 'fault'); END"
        ));
        let key = format!("key {number}");
        let Claimed::Fresh(claim) = store.claim(&request(&key, "body")).unwrap() else { panic!() };
        let recorder = store.recorder(Some(&claim));
        let failed = recorder.record(bench.entry(number)).unwrap_err();
        assert_eq!(failed.code, ErrorCode::RecordFailed, "{table}");
        let absent = store.reader().decision(bench.entry(number).leaf.decision).unwrap_err();
        assert_eq!(absent.code, ErrorCode::NotFound, "{table}");
        bench.sql("DROP TRIGGER fault");
        recorder.ready().unwrap();
        assert_eq!(recorder.record(bench.entry(number)).unwrap().index, u64::from(number));
    }
    for (number, table) in (20..).zip(["kept", "packs", "blobs"]) {
        bench.sql(&format!(
            "CREATE TRIGGER fault BEFORE INSERT ON {table} BEGIN SELECT raise(ABORT, 'fault'); END"
        ));
        let failed = store.keep(vec![entry(number, None)]).unwrap_err();
        assert_eq!(failed.code, ErrorCode::RecordFailed, "{table}");
        bench.sql("DROP TRIGGER fault");
        store.keep(vec![entry(number, None)]).unwrap();
    }
}

#[test]
fn a_full_store_records_nothing_and_goes_on_once_there_is_room() {
    let bench = Bench::new();
    let full = Database { max_pages: Some(40), ..Database::at(&bench.path()) };
    let store = Store::open_database(full, bench.ledger.clone()).unwrap();
    let mut recorded = 0;
    let failed = loop {
        match record(&store, bench.entry(recorded)) {
            Ok(_) => recorded += 1,
            Err(failed) => break failed,
        }
    };
    assert_eq!(failed.code, ErrorCode::RecordFailed);
    assert!(recorded > 0);
    assert_eq!(record(&store, bench.entry(recorded)).unwrap_err().code, ErrorCode::RecordFailed);
    drop(store);
    let store = bench.open();
    assert_eq!(record(&store, bench.entry(recorded)).unwrap().index, u64::from(recorded));
}
