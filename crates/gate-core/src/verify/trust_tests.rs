//! Trust is refused where it could not be meant, at the place that is wrong.

use std::collections::BTreeMap;

use super::Trust;
use super::testing::{Keypair, document};
use crate::environment::{EnvironmentDocument, PersonDocument, SignerDocument};
use crate::evidence::Kind;
use crate::verify::PUBLIC_GOOD_ROOT;

fn place(document: &EnvironmentDocument) -> String {
    let root: std::sync::Arc<[u8]> = PUBLIC_GOOD_ROOT.as_bytes().into();
    let roots = BTreeMap::from([(crate::Digest::of(&root), root)]);
    match Trust::compile(document, &roots) {
        Ok(_) => String::new(),
        Err(error) => {
            println!("{error}");
            error.place
        }
    }
}

fn keyed(names: &[(&str, &Keypair)]) -> EnvironmentDocument {
    let mut document = document();
    for (name, key) in names {
        let signer = SignerDocument { key: Some(key.pem()), ..SignerDocument::default() };
        document.signers.insert((*name).to_owned(), signer);
    }
    document
}

fn identity(pattern: &str) -> EnvironmentDocument {
    let mut document = document();
    document.roots.insert("public".to_owned(), crate::Digest::of(PUBLIC_GOOD_ROOT.as_bytes()));
    let signer = SignerDocument {
        identity_regexp: Some(pattern.to_owned()),
        issuer: Some("https://issuer.example".to_owned()),
        root: Some("public".to_owned()),
        ..SignerDocument::default()
    };
    document.signers.insert("ci".to_owned(), signer);
    document
}

fn person(document: &mut EnvironmentDocument, name: &str, signers: &[&str], names: &[&str]) {
    let text = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
    let person = PersonDocument { signers: text(signers), names: text(names) };
    document.people.insert(name.to_owned(), person);
}

#[test]
fn a_key_and_a_root_compile() {
    assert_eq!(place(&keyed(&[("build", &Keypair::p256())])), "");
    assert_eq!(place(&keyed(&[("build", &Keypair::ed25519())])), "");
    assert_eq!(place(&identity("https://github.com/shop/.*")), "");
}

#[test]
fn one_key_under_two_signers_is_refused() {
    let key = Keypair::p256();
    assert_eq!(place(&keyed(&[("alice", &key), ("bob", &key)])), "signers.bob.key");
}

#[test]
fn an_expression_that_closes_the_anchoring_group_is_refused() {
    assert_eq!(place(&identity("a)|(?:b")), "signers.ci.identity_regexp");
}

#[test]
fn an_expression_matches_whole_identities_alone() {
    let pattern =
        super::trust::Pattern::compile(None, Some("https://a/.*|https://b"), "p", "f").unwrap();
    assert!(pattern.matches("https://a/x") && pattern.matches("https://b"));
    assert!(!pattern.matches("https://b.evil") && !pattern.matches("x https://a/x"));
    assert!(!pattern.matches("https://b\n"));
}

#[test]
fn keys_that_are_none_are_refused() {
    let private = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    for pem in ["", "x", private, &format!("{0}{0}", Keypair::p256().pem())] {
        let mut document = document();
        let signer = SignerDocument { key: Some(pem.to_owned()), ..SignerDocument::default() };
        document.signers.insert("build".to_owned(), signer);
        assert_eq!(place(&document), "signers.build.key", "{pem}");
    }
}

#[test]
fn an_approver_is_exactly_one_person() {
    let mut document = keyed(&[("alice", &Keypair::p256())]);
    document.trust.insert(Kind::Approval, vec!["alice".to_owned()]);
    assert_eq!(place(&document), "trust.approval");
    person(&mut document, "alice", &["alice"], &["alice@shop.example"]);
    assert_eq!(place(&document), "");
    person(&mut document, "mallory", &["alice"], &[]);
    assert_eq!(place(&document), "people.mallory.signers");
    person(&mut document, "mallory", &[], &["ALICE@shop.example"]);
    assert_eq!(place(&document), "people.mallory.names");
}

#[test]
fn provenance_cannot_be_declared_an_approval() {
    let mut document = document();
    let alias =
        |to: &str| BTreeMap::from([(to.to_owned(), crate::predicates::APPROVAL.to_owned())]);
    document.predicate_aliases = alias("https://old.example/approval/v1");
    assert_eq!(place(&document), "");
    document.predicate_aliases = alias(crate::predicates::SLSA_PROVENANCE_V1);
    assert!(place(&document).starts_with("predicate_aliases."));
}

#[test]
fn a_damaged_root_is_refused_at_load() {
    let mut document = identity("x");
    document.roots.insert("broken".to_owned(), crate::Digest::of(b"{}"));
    assert_eq!(place(&document), "roots.broken");
    let root: std::sync::Arc<[u8]> = b"{}"[..].into();
    let public: std::sync::Arc<[u8]> = PUBLIC_GOOD_ROOT.as_bytes().into();
    let roots = [root, public].map(|bytes| (crate::Digest::of(&bytes), bytes)).into();
    assert_eq!(Trust::compile(&document, &roots).err().unwrap().place, "roots.broken");
}

fn changed(document: &EnvironmentDocument, change: &serde_json::Value) -> EnvironmentDocument {
    fn merge(into: &mut serde_json::Value, change: &serde_json::Value) {
        match (into, change) {
            (serde_json::Value::Object(into), serde_json::Value::Object(change)) => {
                for (key, value) in change {
                    merge(into.entry(key).or_insert(serde_json::Value::Null), value);
                }
            }
            (into, change) => *into = change.clone(),
        }
    }
    let mut value = serde_json::to_value(document).unwrap();
    merge(&mut value, change);
    serde_json::from_value(value).unwrap()
}

#[test]
fn a_demand_that_cannot_be_meant_is_refused_at_its_place() {
    use serde_json::json;
    let key = Keypair::p256();
    let keyed = keyed(&[("build", &key)]);
    let named = identity("a");
    let quorum = |quorum: serde_json::Value| {
        json!({
            "trust": {"signature": ["build"]},
            "require": [{"kind": "signature", "repositories": [], "any_of": [quorum]}],
        })
    };
    for (document, change, expected) in [
        (&named, json!({"signers": {"ci": {"claims": {"build_trigger": "push"}}}}), ""),
        (
            &named,
            json!({"signers": {"ci": {"claims": {"trigger": "push"}}}}),
            "signers.ci.claims.trigger",
        ),
        (
            &named,
            json!({"signers": {"ci": {"claims_regexp": {"build_trigger": "("}}}}),
            "signers.ci.claims.build_trigger_regexp",
        ),
        (&named, json!({"signers": {"ci": {"valid_until": "2026-01-01T00:00:00Z"}}}), "signers.ci"),
        (
            &keyed,
            json!({"signers": {"build": {"claims": {"build_trigger": "push"}}}}),
            "signers.build",
        ),
        (
            &keyed,
            json!({"signers": {"build": {"valid_from": "2026-01-02T00:00:00Z", "valid_until": "2026-01-01T00:00:00Z"}}}),
            "signers.build.valid_until",
        ),
        (&named, json!({"root_rules": {"public": {"logs": 2}}}), ""),
        (&named, json!({"root_rules": {"public": {"logs": 0}}}), "roots.public"),
        (&named, json!({"root_rules": {"public": {"logs": 9}}}), "roots.public"),
        (&named, json!({"root_rules": {"other": {}}}), "roots.other"),
        (&keyed, quorum(json!({"at_least": 1, "of": ["build"]})), ""),
        (
            &keyed,
            quorum(json!({"at_least": 2, "of": ["build", "build"]})),
            "require[0].any_of[0].at_least",
        ),
        (&keyed, quorum(json!({"at_least": 0, "of": ["build"]})), "require[0].any_of[0].at_least"),
        (&keyed, quorum(json!({"required": ["nobody"]})), "require[0].any_of[0].required"),
        (&keyed, quorum(json!({})), "require[0].any_of[0].required"),
        (&keyed, json!({"require": [{"kind": "signature", "any_of": []}]}), "require[0].any_of"),
        (
            &keyed,
            json!({"require": [{"kind": "signature", "repositories": ["a//b"], "any_of": []}]}),
            "require[0].repositories",
        ),
    ] {
        assert_eq!(place(&changed(document, &change)), expected, "{change}");
    }
}
