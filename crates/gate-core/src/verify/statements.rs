//! The verified statements as they were signed, for policies whose rules read them whole.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::json;
use crate::Digest;
use crate::evidence::Collected;
use crate::facts::{Attestation, Fact, SignedStatement};

/// The statement behind each attestation. A file that holds several gives those of the attestation's
/// predicate type in their order.
pub(super) fn of(
    attestations: &[Fact<Attestation>],
    collected: &Collected,
) -> Vec<Fact<SignedStatement>> {
    let mut taken: BTreeMap<(Digest, &str), usize> = BTreeMap::new();
    let mut found = vec![];
    for fact in attestations {
        let digest = fact.source.evidence;
        let predicate_type = fact.value.predicate_type.as_str();
        let piece = collected.evidence.iter().find(|it| it.digest == digest);
        let Some(piece) = piece else { continue };
        let at = taken.entry((digest, predicate_type)).or_default();
        let mut statements = statements(&piece.unverified_bytes)
            .into_iter()
            .filter(|statement| statement["predicateType"] == predicate_type);
        if let Some(statement) = statements.nth(*at) {
            *at += 1;
            let value = SignedStatement { statement };
            found.push(Fact { source: fact.source.clone(), value });
        }
    }
    found
}

/// Every statement in a bundle, an envelope, a list of these, or by itself.
fn statements(bytes: &[u8]) -> Vec<Value> {
    if let Ok(whole) = json::read::<Value>(bytes) {
        return within(&whole);
    }
    // One document a line, as GitHub's API and cosign write several.
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    lines.filter_map(|line| json::read::<Value>(line).ok()).flat_map(|it| within(&it)).collect()
}

fn within(whole: &Value) -> Vec<Value> {
    if let Some(list) = whole["attestations"].as_array() {
        return list.iter().flat_map(|one| within(&one["bundle"])).collect();
    }
    let envelope = match &whole["dsseEnvelope"] {
        Value::Null => whole,
        envelope => envelope,
    };
    match envelope["payload"].as_str() {
        Some(payload) => STANDARD
            .decode(payload)
            .ok()
            .and_then(|bytes| json::read(&bytes).ok())
            .into_iter()
            .collect(),
        None if whole["predicateType"].is_string() => vec![whole.clone()],
        None => vec![],
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn statements_are_found_in_every_form_that_holds_them() {
        let statement = json!({"predicateType": "https://a.example/p", "predicate": {"x": 1}});
        let envelope = json!({"payload": STANDARD.encode(statement.to_string()), "signatures": []});
        let bundle = json!({"dsseEnvelope": envelope});
        let several = json!({"attestations": [{"bundle": bundle}, {"bundle": bundle}]});
        for (whole, count) in [(&statement, 1), (&envelope, 1), (&bundle, 1), (&several, 2)] {
            assert_eq!(statements(whole.to_string().as_bytes()), vec![statement.clone(); count]);
        }
        let lines = format!("{bundle}\n{bundle}\n");
        assert_eq!(statements(lines.as_bytes()).len(), 2);
        assert!(statements(b"{\"payload\": \"!\"}").is_empty());
    }
}
