//! `kill -9` of the server under a load of promotions: what was acknowledged is there, once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use gate_core::Digest;
use gate_tests::http::Connection;
use gate_tests::process::{self, Server};
use gate_tests::shop::Shop;
use serde_json::{Value, json};

/// Kills in one run; `GATE_KILLS` changes it.
const KILLS: u64 = 100;
const CLIENTS: u64 = 8;

/// Every promotion asked for: its idempotency key, and its receipt once it was acknowledged.
type Promotions = Mutex<BTreeMap<u64, Option<Value>>>;

#[test]
fn a_killed_server_loses_no_acknowledged_promotion_and_records_none_twice() {
    let kills = std::env::var("GATE_KILLS").map_or(KILLS, |count| count.parse().unwrap());
    let shop = shop();
    let promotions = Promotions::default();
    let next = AtomicU64::new(0);
    for kill in 0..kills {
        let server = shop.serve().unwrap();
        retry(&server, &promotions);
        let pid = server.id();
        std::thread::scope(|scope| {
            for _ in 0..CLIENTS {
                scope.spawn(|| load(&server, &promotions, &next));
            }
            // Every run is cut at another moment of the group commit.
            std::thread::sleep(Duration::from_millis(20 + kill * 7 % 60));
            kill_9(pid);
        });
        server.kill().unwrap();
        verify(&shop, &promotions);
    }
    let server = shop.serve().unwrap();
    retry(&server, &promotions);
    check(&server, &promotions);
    drop(server);
    let leaves = verify(&shop, &promotions);
    let promotions = promotions.into_inner().unwrap();
    assert_eq!(leaves, promotions.len() as u64, "each promotion is one leaf");
    assert!(leaves > kills, "there was no load");
    println!("{kills} kills, {leaves} promotions, none lost, none twice");
}

fn shop() -> Shop {
    let policy = tempfile::tempdir().unwrap();
    let rule = "package shop\n\ndeny contains \"no\" if input.subject.kind == \"other\"\n";
    std::fs::write(policy.path().join("shop.rego"), rule).unwrap();
    // The folder must outlive the server: the shop's policy is read at each start.
    Shop::new(&policy.keep(), "").unwrap()
}

fn kill_9(pid: u32) {
    let killed = std::process::Command::new("kill").args(["-9", &pid.to_string()]).status();
    assert!(killed.unwrap().success());
}

fn promote(connection: &mut Connection, key: u64) -> Option<Value> {
    let body = json!({
        "subject": Digest::of(&key.to_le_bytes()), "environment": "production",
    });
    let header = format!("idempotency-key: key-{key}\r\n");
    let answer = connection.post("/v1/promotions", &header, body.to_string().as_bytes()).ok()?;
    match answer.status {
        200 => Some(answer.json().unwrap()),
        // The server may say that it is busy; it may not say anything else.
        429 | 503 => None,
        other => panic!("status {other}: {}", String::from_utf8_lossy(&answer.body)),
    }
}

/// Promotes until the server dies.
fn load(server: &Server, promotions: &Promotions, next: &AtomicU64) {
    let Ok(mut connection) = server.connect() else { return };
    loop {
        let key = next.fetch_add(1, Ordering::Relaxed);
        promotions.lock().unwrap().insert(key, None);
        match promote(&mut connection, key) {
            Some(receipt) => promotions.lock().unwrap().insert(key, Some(receipt)),
            None => return,
        };
    }
}

/// Asks again for what was never acknowledged, with the same keys, as a pipeline would.
fn retry(server: &Server, promotions: &Promotions) {
    let mut connection = server.connect().unwrap();
    let mut promotions = promotions.lock().unwrap();
    for (key, receipt) in promotions.iter_mut().filter(|(_, receipt)| receipt.is_none()) {
        *receipt = promote(&mut connection, *key);
        assert!(receipt.is_some(), "promotion {key} is not answered after a restart");
    }
}

/// Every acknowledged promotion gives the same receipt again, and its decision is there.
fn check(server: &Server, promotions: &Promotions) {
    let mut connection = server.connect().unwrap();
    for (key, receipt) in promotions.lock().unwrap().iter() {
        let receipt = receipt.as_ref().unwrap();
        assert_eq!(promote(&mut connection, *key).as_ref(), Some(receipt), "promotion {key}");
        let path = format!("/v1/decisions/{}", receipt["id"].as_str().unwrap());
        assert_eq!(connection.send("GET", &path, "", b"").unwrap().status, 200, "{path}");
    }
}

/// The ledger verifies; the number of its leaves.
fn verify(shop: &Shop, promotions: &Promotions) -> u64 {
    let key = process::gate(
        ["keys", "show", "--ledger", "gate.example/tests"]
            .iter()
            .map(ToString::to_string)
            .chain([shop.path("ledger.pem").display().to_string()]),
    );
    let key = String::from_utf8(key.unwrap().stdout).unwrap();
    let vkey = key.split_whitespace().find(|word| word.starts_with("gate.example/tests+"));
    let run = process::gate([
        "ledger",
        "verify",
        "--store",
        &shop.store().display().to_string(),
        "--ledger-key",
        vkey.unwrap(),
        "--output",
        "json",
    ])
    .unwrap();
    let words = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{words}");
    let report: Value = serde_json::from_slice(&run.stdout).unwrap();
    let leaves = report["leaves"].as_u64().unwrap();
    let promotions = promotions.lock().unwrap();
    let acknowledged: BTreeSet<_> =
        promotions.values().flatten().map(|receipt| receipt["id"].to_string()).collect();
    assert!(leaves >= acknowledged.len() as u64, "{leaves} leaves");
    leaves
}
