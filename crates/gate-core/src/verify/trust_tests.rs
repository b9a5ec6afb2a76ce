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
