//! Forged receipts, each refused for its own reason.

use gate_core::canonical;
use gate_core::decision::Verdict;
use gate_core::effects::Recorder as _;
use gate_core::ledger::{ReceiptError, TlogProofError, verify_receipt};
use gate_core::record::{Leaf, Receipt};
use serde_json::Value;

use super::testing::{Bench, attestation};
use super::*;

/// Receipts of three promotions.
fn receipts(bench: &Bench) -> Vec<Receipt> {
    let store = bench.open();
    let entries: Vec<_> = (0..3).map(|number| bench.entry(number)).collect();
    for entry in &entries {
        store.recorder(None).record(entry.clone()).unwrap();
    }
    let receipt = |entry: &Entry| store.reader().receipt(entry.leaf.decision).unwrap();
    entries.iter().map(receipt).collect()
}

fn refusal(bench: &Bench, receipt: &Receipt) -> ReceiptError {
    refusal_of(bench, &serde_json::to_value(receipt).unwrap())
}

fn refusal_of(bench: &Bench, receipt: &Value) -> ReceiptError {
    let bytes = serde_json::to_vec(receipt).unwrap();
    verify_receipt(&bytes, bench.signer.public(), bench.ledger.verifier()).unwrap_err()
}

/// A leaf with other contents, as its holder could write it.
fn with_leaf(receipt: &Receipt, change: impl Fn(&mut Leaf)) -> Receipt {
    let mut leaf: Leaf = serde_json::from_value(receipt.leaf.clone()).unwrap();
    change(&mut leaf);
    Receipt { leaf: serde_json::to_value(leaf).unwrap(), ..receipt.clone() }
}

#[test]
fn a_deny_turned_into_an_allow_is_not_the_decision_that_was_signed() {
    let bench = Bench::new();
    let mut receipt = receipts(&bench).remove(0);
    receipt.decision.verdict = Verdict::Deny;
    assert!(matches!(refusal(&bench, &receipt), ReceiptError::Decision { .. }));
    let (_, id) = receipt.decision.canonical().unwrap();
    receipt.id = id;
    let refused = refusal(&bench, &receipt);
    assert!(matches!(refused, ReceiptError::LeafNames { part: "decision", .. }), "{refused}");
    let receipt = with_leaf(&receipt, |leaf| leaf.decision = id);
    assert!(matches!(refusal(&bench, &receipt), ReceiptError::Other("decision id")));
}

#[test]
fn the_attestation_of_another_release_does_not_count() {
    let bench = Bench::new();
    let receipts = receipts(&bench);
    let mut receipt = receipts[0].clone();
    receipt.attestation = receipts[1].attestation.clone();
    let refused = refusal(&bench, &receipt);
    assert!(matches!(refused, ReceiptError::LeafNames { part: "attestation", .. }), "{refused}");
    let (_, digest) = canonical::with_digest(&receipt.attestation).unwrap();
    let receipt = with_leaf(&receipt, |leaf| leaf.attestation = Some(digest));
    assert!(matches!(refusal(&bench, &receipt), ReceiptError::Other("subject")));
    let receipt = with_leaf(&receipt, |leaf| leaf.attestation = None);
    assert!(matches!(refusal(&bench, &receipt), ReceiptError::LeafNames { .. }));
}

#[test]
fn an_attestation_by_another_key_does_not_count() {
    let bench = Bench::new();
    let other = Bench::new();
    let mut receipt = receipts(&bench).remove(0);
    let forged = attestation(&receipt.decision, receipt.id, &other.signer);
    receipt.attestation = serde_json::from_slice(&forged).unwrap();
    let receipt = with_leaf(&receipt, |leaf| leaf.attestation = Some(Digest::of(&forged)));
    assert!(matches!(refusal(&bench, &receipt), ReceiptError::Attestation(_)));
}

#[test]
fn an_attestation_that_says_something_else_than_the_decision_does_not_count() {
    let bench = Bench::new();
    let receipt = receipts(&bench).remove(0);
    let mut said = receipt.decision.clone();
    said.environment = "staging".into();
    let forged = attestation(&said, receipt.id, &bench.signer);
    let mut receipt = with_leaf(&receipt, |leaf| leaf.attestation = Some(Digest::of(&forged)));
    receipt.attestation = serde_json::from_slice(&forged).unwrap();
    assert!(matches!(refusal(&bench, &receipt), ReceiptError::Other("environment")));
}

#[test]
fn a_leaf_that_was_changed_or_stands_elsewhere_is_not_in_the_ledger() {
    let bench = Bench::new();
    let receipts = receipts(&bench);
    let requested_by_another =
        with_leaf(&receipts[0], |leaf| leaf.asker.requester = "somebody else".into());
    let refused = refusal(&bench, &requested_by_another);
    assert!(matches!(refused, ReceiptError::Proof(TlogProofError::Inclusion(_))), "{refused}");
    let mut elsewhere = receipts[0].clone();
    elsewhere.proof.clone_from(&receipts[1].proof);
    assert!(matches!(refusal(&bench, &elsewhere), ReceiptError::Proof(_)));
    for (part, receipt) in [
        ("facts", with_leaf(&receipts[0], |leaf| leaf.facts = leaf.data)),
        ("policy", with_leaf(&receipts[0], |leaf| leaf.policy = leaf.data)),
    ] {
        let refused = refusal(&bench, &receipt);
        assert!(matches!(refused, ReceiptError::LeafNames { part: found, .. } if found == part));
    }
}

#[test]
fn a_checkpoint_by_another_ledger_proves_nothing() {
    let bench = Bench::new();
    let receipt = receipts(&bench).remove(0);
    let other = Bench::new();
    let bytes = serde_json::to_vec(&receipt).unwrap();
    let refused = verify_receipt(&bytes, bench.signer.public(), other.ledger.verifier());
    assert!(matches!(refused, Err(ReceiptError::Proof(TlogProofError::Checkpoint(_)))));
}

#[test]
fn what_is_no_receipt_is_refused() {
    let bench = Bench::new();
    let receipt = serde_json::to_value(receipts(&bench).remove(0)).unwrap();
    let changed = |key: &str, value: Value| {
        let mut changed = receipt.clone();
        changed[key] = value;
        refusal_of(&bench, &changed)
    };
    assert!(matches!(changed("version", 2.into()), ReceiptError::Version(2)));
    assert!(matches!(changed("unknown", 1.into()), ReceiptError::Form(_)));
    assert!(matches!(changed("leaf", 1.into()), ReceiptError::Leaf(_)));
    assert!(matches!(changed("proof", "no proof".into()), ReceiptError::Proof(_)));
    assert!(matches!(refusal_of(&bench, &Value::Null), ReceiptError::Form(_)));
    let long = vec![b' '; gate_core::limits::BUNDLE_BYTES + 1];
    let refused = verify_receipt(&long, bench.signer.public(), bench.ledger.verifier());
    assert!(matches!(refused, Err(ReceiptError::TooLarge)));
}

/// Every scalar of a document, by JSON pointer.
fn scalars(path: &str, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                let key = key.replace('~', "~0").replace('/', "~1");
                scalars(&format!("{path}/{key}"), value, found);
            }
        }
        Value::Array(array) => {
            for (at, value) in array.iter().enumerate() {
                scalars(&format!("{path}/{at}"), value, found);
            }
        }
        _ => found.push(path.to_owned()),
    }
}

#[test]
fn no_field_of_a_receipt_can_be_changed() {
    let bench = Bench::new();
    let receipt = serde_json::to_value(receipts(&bench).remove(0)).unwrap();
    let mut paths = vec![];
    scalars("", &receipt, &mut paths);
    assert!(paths.len() > 30, "{paths:?}");
    for path in paths {
        let mut forged = receipt.clone();
        let value = forged.pointer_mut(&path).unwrap();
        *value = match value {
            Value::String(text) => Value::String(format!("{text}x")),
            Value::Bool(flag) => Value::Bool(!*flag),
            Value::Number(_) => 77.into(),
            _ => "x".into(),
        };
        // What is refused as malformed is refused as well; what counts is that nothing passes.
        refusal_of(&bench, &forged);
    }
}
