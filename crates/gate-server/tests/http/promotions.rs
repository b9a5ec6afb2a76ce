//! Promotions: receipts that verify, and idempotency keys.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use gate_core::ledger::verify_receipt;
use gate_io::keys::{KeyFile, LedgerKey};
use serde_json::Value;

use crate::testgate::{ALL, BAD_IMAGE, IMAGE, NOW, TestGate, answer, asked, post};

fn keyed(key: &str, body: &Value) -> Request<Body> {
    let mut request = post("/v1/promotions", ALL, body);
    request.headers_mut().insert("idempotency-key", key.parse().unwrap());
    request
}

#[test]
fn allow_and_deny_are_recorded_and_the_receipts_verify() {
    let gate = TestGate::new();
    let attestation = KeyFile::load(&gate.path("gate.pem")).unwrap();
    let ledger = LedgerKey::load(&gate.path("ledger.pem"), "gate.example/test").unwrap();
    for (index, (image, verdict)) in [(IMAGE, "allow"), (BAD_IMAGE, "deny")].iter().enumerate() {
        let receipt = gate.post("/v1/promotions", ALL, &asked(image, "production"));
        assert_eq!(receipt.status, StatusCode::OK);
        let verified =
            verify_receipt(&receipt.bytes, attestation.public(), ledger.verifier()).unwrap();
        let receipt = receipt.json();
        assert_eq!(receipt["decision"]["verdict"], *verdict);
        assert_eq!(receipt["leaf"]["asker"]["requester"], "ci");
        let found = gate.get(&format!("/v1/decisions/{}", verified.id), ALL).json();
        assert_eq!(found["decision"], receipt["decision"]);
        assert_eq!(found["index"], index);
    }
}

#[test]
fn the_same_key_with_the_same_body_gets_the_same_receipt() {
    let gate = TestGate::new();
    let first = gate.send(keyed("release-1", &asked(IMAGE, "production")));
    assert_eq!(first.status, StatusCode::OK);
    gate.clock.set(NOW + 60);
    let again = gate.send(keyed("release-1", &asked(IMAGE, "production")));
    assert_eq!(again.json(), first.json());
    let other = gate.send(keyed("release-2", &asked(IMAGE, "production"))).json();
    assert_ne!(other["decision"]["now"], first.json()["decision"]["now"]);
    for body in [asked(BAD_IMAGE, "production"), asked(IMAGE, "watched")] {
        let conflict = gate.send(keyed("release-1", &body));
        assert_eq!(conflict.status, StatusCode::CONFLICT);
        assert_eq!(conflict.code(), "idempotency-conflict");
    }
}

#[test]
fn a_key_asked_many_times_at_once_is_recorded_once() {
    let gate = TestGate::new();
    let answers = gate.runtime.block_on(async {
        let asks = (0..20).map(|_| {
            let request = keyed("release-1", &asked(IMAGE, "production"));
            tokio::spawn(answer(gate.router.clone(), request))
        });
        let mut answers = Vec::new();
        for ask in asks.collect::<Vec<_>>() {
            answers.push(ask.await.unwrap());
        }
        answers
    });
    let first = answers[0].json();
    for answer in &answers {
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.json(), first);
    }
    // The next promotion has the second place in the ledger.
    let next = gate.send(keyed("release-2", &asked(BAD_IMAGE, "production"))).json();
    let path = format!("/v1/decisions/{}", next["id"].as_str().unwrap());
    assert_eq!(gate.get(&path, ALL).json()["index"], 1);
}

#[test]
fn a_key_that_is_none_is_refused() {
    let gate = TestGate::new();
    for key in ["", &"k".repeat(256)] {
        let refused = gate.send(keyed(key, &asked(IMAGE, "production")));
        assert_eq!(refused.code(), "request-malformed", "{key}");
    }
    let mut twice = keyed("a", &asked(IMAGE, "production"));
    twice.headers_mut().append("idempotency-key", "b".parse().unwrap());
    assert_eq!(gate.send(twice).code(), "request-malformed");
}
