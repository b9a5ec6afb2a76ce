//! Tests of what disks and killers do to a store.

use std::fs::{self, Permissions};
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use gate_core::effects::Recorder as _;

use super::testing::Bench;
use super::*;
use crate::keys::KeyFile;

const STORE_OF_THE_KILLED: &str = "GATE_TEST_STORE_OF_THE_KILLED";
const KILLS: u32 = 12;

/// The process that the test below starts and kills: it records without end and says what it was
/// promised. By itself it does nothing.
#[test]
fn record_until_killed() {
    let Some(folder) = std::env::var_os(STORE_OF_THE_KILLED).map(PathBuf::from) else { return };
    let key = LedgerKey::load(&folder.join("ledger.pem"), "gate.example/shop").unwrap();
    let signer = KeyFile::load(&folder.join("gate.pem")).unwrap();
    let store = Store::open(&folder.join("gate.db"), Arc::new(key)).unwrap();
    let first = store
        .reader()
        .checkpoint()
        .unwrap()
        .map_or(0, |note| note.lines().nth(1).unwrap().parse::<u32>().unwrap());
    std::thread::scope(|scope| {
        for client in 0..4_u32 {
            let (store, signer) = (&store, &signer);
            scope.spawn(move || {
                for turn in 0..10_000 {
                    let number = first + 10 * turn + client;
                    let entry = super::testing::entry(number, Some(signer));
                    let id = entry.leaf.decision;
                    let key = format!("{first}-{client}-{turn}");
                    let request =
                        Idempotency { requester: "ci".into(), key, body: Digest::of(b"body") };
                    let Ok(Claimed::Fresh(claim)) = store.claim(&request) else { return };
                    let recorded = store.recorder(Some(&claim)).record(entry).unwrap();
                    println!("acknowledged {} {id}", recorded.index);
                }
            });
        }
    });
}

#[test]
fn what_was_acknowledged_before_a_kill_is_there_after_it() {
    let bench = Bench::new();
    let mut acknowledged: Vec<(u64, Digest)> = vec![];
    for kill in 0..KILLS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--nocapture"])
            .arg("store::fault_tests::record_until_killed")
            .env(STORE_OF_THE_KILLED, bench.folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut seen = 0;
        while seen < 3 + kill * 2 {
            let line = lines.next().expect("the child ended before it was killed").unwrap();
            seen += u32::from(acknowledgement(&line, &mut acknowledged));
        }
        // Somewhere within other commits: four clients record on.
        child.kill().unwrap();
        child.wait().unwrap();
        for line in lines.map_while(Result::ok) {
            acknowledgement(&line, &mut acknowledged);
        }
        let audited = verify_ledger(&bench.path(), bench.ledger.verifier(), None).unwrap();
        let reader = Reader::open(&bench.path()).unwrap();
        for (index, id) in &acknowledged {
            assert!(*index < audited.leaves);
            reader.receipt(*id).unwrap();
        }
    }
    let mut places: Vec<_> = acknowledged.iter().map(|(index, _)| *index).collect();
    places.sort_unstable();
    places.dedup();
    assert_eq!(places.len(), acknowledged.len(), "no place was given twice");
}

/// The process whose files may not grow: it records until it cannot, and says what it was promised.
/// By itself it does nothing.
#[test]
fn record_until_full() {
    let Some(folder) = std::env::var_os(STORE_OF_THE_KILLED).map(PathBuf::from) else { return };
    let key = LedgerKey::load(&folder.join("ledger.pem"), "gate.example/shop").unwrap();
    let signer = KeyFile::load(&folder.join("gate.pem")).unwrap();
    let store = Store::open(&folder.join("gate.db"), Arc::new(key)).unwrap();
    for number in 0..100_000 {
        let entry = super::testing::entry(number, Some(&signer));
        let id = entry.leaf.decision;
        match store.recorder(None).record(entry) {
            Ok(recorded) => println!("acknowledged {} {id}", recorded.index),
            Err(failed) => {
                assert_eq!(failed.code, ErrorCode::RecordFailed);
                break;
            }
        }
    }
    let failed = store.put_upload(Digest::of(b"subject"), &vec![0; 8 << 20], "ci").unwrap_err();
    assert_eq!(failed.code, ErrorCode::RecordFailed);
    println!("the disk is full");
}

#[test]
fn a_full_disk_loses_nothing_that_was_acknowledged() {
    let bench = Bench::new();
    // The limit stands for a full disk: with its signal ignored a write beyond it fails.
    let output = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 800; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture", "store::fault_tests::record_until_full"])
        .env(STORE_OF_THE_KILLED, bench.folder.path())
        .output()
        .unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && told.contains("the disk is full"), "{told}");
    let mut acknowledged = vec![];
    let count = told.lines().filter(|line| acknowledgement(line, &mut acknowledged)).count();
    let audited = verify_ledger(&bench.path(), bench.ledger.verifier(), None).unwrap();
    assert!(count > 0 && audited.leaves >= u64::try_from(count).unwrap());
    let store = bench.open();
    for (_, id) in acknowledged {
        store.reader().receipt(id).unwrap();
    }
    let recorded = store.recorder(None).record(bench.entry(200_000)).unwrap();
    assert_eq!(recorded.index, audited.leaves);
}

/// Notes a whole line of the child; the last one may be cut.
fn acknowledgement(line: &str, acknowledged: &mut Vec<(u64, Digest)>) -> bool {
    let Some((_, told)) = line.split_once("acknowledged ") else { return false };
    let Some((index, id)) = told.split_once(' ') else { return false };
    let (Ok(index), Ok(id)) = (index.parse(), id.parse()) else { return false };
    acknowledged.push((index, id));
    true
}

#[test]
fn a_store_where_nothing_can_be_written_is_an_error_with_its_code() {
    let bench = Bench::new();
    for path in [bench.folder.path().join("absent/gate.db"), bench.folder.path().to_owned()] {
        let refused = Store::open(&path, bench.ledger.clone()).err().unwrap();
        assert_eq!(refused.code, ErrorCode::RecordFailed, "{refused}");
    }
}

#[test]
fn a_store_and_its_log_are_their_owners_alone() {
    let bench = Bench::new();
    let store = bench.open();
    store.recorder(None).record(bench.entry(0)).unwrap();
    for ending in ["", "-wal", "-shm", ".lock"] {
        let path = format!("{}{ending}", bench.path().display());
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{path}");
    }
}

#[test]
fn a_read_only_store_is_an_error_with_its_code_and_can_be_read() {
    let bench = Bench::new();
    let entry = bench.entry(0);
    bench.open().recorder(None).record(entry.clone()).unwrap();
    let modes = |file: u32, folder: u32| {
        fs::set_permissions(bench.path(), Permissions::from_mode(file)).unwrap();
        fs::set_permissions(bench.folder.path(), Permissions::from_mode(folder)).unwrap();
    };
    modes(0o444, 0o555);
    if fs::File::options().append(true).open(bench.path()).is_ok() {
        modes(0o644, 0o755);
        eprintln!("not run: this user may write whatever the permissions say");
        return;
    }
    let refused = Store::open(&bench.path(), bench.ledger.clone()).err().unwrap();
    let audited = verify_ledger(&bench.path(), bench.ledger.verifier(), None);
    let receipt = Reader::open(&bench.path()).unwrap().receipt(entry.leaf.decision);
    modes(0o644, 0o755);
    assert_eq!(refused.code, ErrorCode::RecordFailed);
    assert_eq!(audited.unwrap().leaves, 1);
    receipt.unwrap();
}

#[test]
fn a_store_that_lost_a_table_records_nothing() {
    let bench = Bench::new();
    let store = bench.open();
    store.recorder(None).record(bench.entry(0)).unwrap();
    bench.sql("DROP TABLE nodes");
    let failed = store.recorder(None).record(bench.entry(1)).unwrap_err();
    assert_eq!(failed.code, ErrorCode::RecordFailed);
    let not_ready = store.recorder(None).ready().unwrap_err();
    assert!(matches!(not_ready.code, ErrorCode::RecordFailed | ErrorCode::StoreInvalid));
}

#[test]
fn a_damaged_file_is_an_error_and_never_a_panic() {
    let bench = Bench::new();
    let store = bench.open();
    for number in 0..20 {
        store.recorder(None).record(bench.entry(number)).unwrap();
    }
    drop(store);
    let log = format!("{}-wal", bench.path().display());
    assert!(!std::path::Path::new(&log).exists(), "a clean end folds the log into the file");
    let whole = fs::read(bench.path()).unwrap();
    let mut found = 0;
    for page in 0..whole.len() / 4096 {
        let mut damaged = whole.clone();
        for byte in &mut damaged[page * 4096 + 200..page * 4096 + 4000] {
            *byte ^= 0x55;
        }
        fs::write(bench.path(), damaged).unwrap();
        let audited = verify_ledger(&bench.path(), bench.ledger.verifier(), None);
        found += u32::from(audited.is_err());
        let _ = Store::open(&bench.path(), bench.ledger.clone());
        fs::write(bench.path(), &whole).unwrap();
        for ending in ["-wal", "-shm"] {
            let beside = format!("{}{ending}", bench.path().display());
            let _ = fs::remove_file(beside);
        }
    }
    assert!(found > 10, "{found} of {} damaged pages were found", whole.len() / 4096);
    verify_ledger(&bench.path(), bench.ledger.verifier(), None).unwrap();
}
