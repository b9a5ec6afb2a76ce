//! Recorded promotions a second by 64 clients, beside their floor: the same rows in bare SQLite, one
//! promotion a commit.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark ends at the first fault and prints its table"
)]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use gate_core::attest::{Attestation, attest};
use gate_core::effects::{Clock, Effects, EvidenceSource, GateError};
use gate_core::environment::{Environment, LimitsDocument, PolicyDocument};
use gate_core::evidence::Collected;
use gate_core::policy::Bundle;
use gate_core::request::{Asker, Request, Subject, SubjectKind};
use gate_core::{Digest, Timestamp, spine};
use gate_io::clock::SystemClock;
use gate_io::keys::{KeyFile, KeyKind, LedgerKey, generate};
use gate_io::store::Store;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _};

const CLIENTS: u32 = 64;
const PROMOTIONS: u32 = 6_400;
const FLOOR: u32 = 2_000;

struct NoEvidence;

impl EvidenceSource for NoEvidence {
    fn collect(&self, _: &Request) -> Result<Collected, GateError> {
        Ok(Collected::default())
    }
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let floor = floor(folder.path());
    let recorder = record_only(folder.path());
    let spine = whole_spine(folder.path());
    println!("| what | promotions/s | of the floor |");
    println!("|---|---|---|");
    println!("| bare SQLite, one promotion a commit | {floor:.0} | 1.00 |");
    println!("| store, {CLIENTS} clients | {recorder:.0} | {:.2} |", recorder / floor);
    println!("| whole spine, {CLIENTS} clients | {spine:.0} | {:.2} |", spine / floor);
}

fn environment() -> Environment {
    let policy =
        "package bench\n\ndeny contains {\"rule\": \"never\"} if input.subject.digest == \"\"\n";
    let modules = vec![("bench.rego".to_owned(), policy.to_owned())];
    let bundle = Bundle::load(modules, serde_json::json!({})).unwrap();
    let policy = PolicyDocument {
        digest: bundle.digest(),
        dialect: bundle.dialect(),
        uri: "https://gate.example/p".into(),
    };
    let document = serde_json::from_value(serde_json::json!({
        "name": "production", "mode": "enforce", "policy": policy, "signers": {}, "trust": {},
        "people": {}, "allow_unsigned": [], "predicate_aliases": {}, "roots": {}, "exceptions": [],
        "limits": LimitsDocument::default(), "verifier_id": "https://gate.example/bench",
        "resource_uri": null
    }))
    .unwrap();
    Environment::compile(document, BTreeMap::new(), Arc::new(bundle)).unwrap()
}

fn request(number: u32, now: Timestamp) -> Request {
    let digest = Digest::of(&number.to_be_bytes());
    let subject = Subject { digest, kind: SubjectKind::Artifact };
    let asker = Asker { requester: "bench".into(), admission: None };
    Request { subject, asker, now, object: None }
}

fn keys(folder: &Path, name: &str) -> (KeyFile, Arc<LedgerKey>) {
    let ledger = folder.join(format!("{name}-ledger.pem"));
    generate(KeyKind::Ed25519, &ledger).unwrap();
    let signer = generate(KeyKind::P256, &folder.join(format!("{name}.pem"))).unwrap();
    (signer, Arc::new(LedgerKey::load(&ledger, "gate.example/bench").unwrap()))
}

/// The same bytes in the same number of rows, one promotion a commit, on this disk.
fn floor(folder: &Path) -> f64 {
    let (signer, _) = keys(folder, "floor");
    let (clock, environment) = (SystemClock::start(), environment());
    let request = request(0, clock.now());
    let decided = spine::check(&request, &environment, &NoEvidence, &clock).unwrap();
    let Attestation { bundle, .. } =
        attest(&decided.decision, decided.id, &decided.facts, &environment, &signer).unwrap();
    let leaf =
        gate_core::spine::leaf_bytes(&decided.entry(&request, &environment, None).leaf).unwrap();
    let rows = [decided.bytes.to_vec(), decided.facts.bytes().to_vec(), bundle, leaf];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let took = runtime.block_on(async {
        let mut connection = SqliteConnectOptions::new()
            .filename(folder.join("floor.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .disable_statement_logging()
            .connect()
            .await
            .unwrap();
        sqlx::raw_sql("CREATE TABLE bytes (key BLOB PRIMARY KEY, value BLOB) WITHOUT ROWID")
            .execute(&mut connection)
            .await
            .unwrap();
        let started = Instant::now();
        for number in 0..FLOOR {
            let mut transaction = connection.begin().await.unwrap();
            for (part, row) in (0_u32..).zip(&rows) {
                let key = Digest::of(&[number.to_be_bytes(), part.to_be_bytes()].concat());
                sqlx::query("INSERT INTO bytes VALUES (?, ?)")
                    .bind(key.as_bytes().as_slice())
                    .bind(row)
                    .execute(&mut *transaction)
                    .await
                    .unwrap();
            }
            transaction.commit().await.unwrap();
        }
        started.elapsed()
    });
    rate(FLOOR, took)
}

/// Entries that were judged and signed beforehand.
fn record_only(folder: &Path) -> f64 {
    let (signer, ledger) = keys(folder, "record");
    let (clock, environment) = (SystemClock::start(), environment());
    let now = clock.now();
    let entries: Vec<_> = (0..PROMOTIONS)
        .map(|number| {
            let request = request(number, now);
            let decided = spine::check(&request, &environment, &NoEvidence, &clock).unwrap();
            let attestation = decided.attest(&environment, &signer).unwrap();
            decided.entry(&request, &environment, Some(&attestation))
        })
        .collect();
    let store = Store::open(&folder.join("record.db"), ledger).unwrap();
    by_clients(|number| {
        use gate_core::effects::Recorder as _;
        let entry = entries[usize::try_from(number).unwrap()].clone();
        store.recorder(None).record(entry).unwrap();
    })
}

fn whole_spine(folder: &Path) -> f64 {
    let (signer, ledger) = keys(folder, "spine");
    let (clock, environment) = (SystemClock::start(), environment());
    let store = Store::open(&folder.join("spine.db"), ledger).unwrap();
    by_clients(|number| {
        let recorder = store.recorder(None);
        let effects =
            Effects { source: &NoEvidence, signer: &signer, recorder: &recorder, clock: &clock };
        spine::promote(&request(number, clock.now()), &environment, &effects).unwrap();
    })
}

fn by_clients(work: impl Fn(u32) + Sync) -> f64 {
    let next = AtomicU32::new(0);
    let started = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= PROMOTIONS {
                        break;
                    }
                    work(number);
                }
            });
        }
    });
    rate(PROMOTIONS, started.elapsed())
}

fn rate(count: u32, took: Duration) -> f64 {
    f64::from(count) / took.as_secs_f64()
}
