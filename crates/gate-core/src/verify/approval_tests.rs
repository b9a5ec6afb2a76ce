//! Approvals that must count, and attacks on them that must not.

use serde_json::{Value, json};

use super::testing::{COMMIT, Shop};
use crate::evidence::Kind;
use crate::predicates::{APPROVAL, CHANGE, SLSA_PROVENANCE_V1};
use crate::reason::Problem;

/// Approves as this person and returns the code by which it does not count, if it does not.
fn approve(shop: &mut Shop, signer: &str, predicate: &Value) -> Option<Problem> {
    let digest = shop.attest(signer, APPROVAL, predicate);
    let facts = shop.facts();
    let counts = facts.approvals.iter().any(|fact| fact.source.evidence == digest);
    let code = facts.failed.iter().find(|fact| fact.evidence == digest).map(|fact| fact.code);
    assert_ne!(counts, code.is_some(), "{:#?}", facts.failed);
    code
}

#[test]
fn an_approval_signed_by_the_builds_key_does_not_count() {
    let mut shop = Shop::new();
    shop.built();
    assert_eq!(approve(&mut shop, "build", &Shop::approval()), Some(Problem::SignerNotTrusted));
}

#[test]
fn an_approval_by_a_signer_who_is_nobody_does_not_count() {
    let mut shop = Shop::new();
    shop.built();
    let key = super::testing::Keypair::p256();
    let signer = crate::environment::SignerDocument { key: Some(key.pem()), ..Default::default() };
    shop.document.signers.insert("dave".to_owned(), signer);
    shop.keys.insert("dave", key);
    assert_eq!(approve(&mut shop, "dave", &Shop::approval()), Some(Problem::ApproverUnknown));
}

#[test]
fn a_builder_cannot_say_who_authored_the_change() {
    let mut shop = Shop::new();
    shop.attest("build", SLSA_PROVENANCE_V1, &Shop::provenance());
    let digest = shop.attest("build", CHANGE, &Shop::change(&["alice@shop.example"]));
    assert_eq!(shop.failure(digest).code, Problem::SignerNotTrusted);
    assert_eq!(approve(&mut shop, "bob", &Shop::approval()), Some(Problem::ChangeAuthorUnknown));
}

#[test]
fn an_approval_forged_with_a_key_of_the_attacker_does_not_count() {
    let mut shop = Shop::new();
    shop.built();
    shop.keys.insert("mallory", super::testing::Keypair::p256());
    let mut predicate = Shop::approval();
    predicate["person"] = json!("bob");
    predicate["approver"] = json!("bob@shop.example");
    assert_eq!(approve(&mut shop, "mallory", &predicate), Some(Problem::SignerUnknown));
}

#[test]
fn the_author_of_the_change_cannot_approve_it() {
    let mut shop = Shop::new();
    shop.built();
    assert_eq!(approve(&mut shop, "alice", &Shop::approval()), Some(Problem::ApprovalByAuthor));
    assert_eq!(approve(&mut shop, "bob", &Shop::approval()), None);
}

#[test]
fn the_committer_of_a_change_cannot_approve_it_either() {
    let mut shop = Shop::new();
    shop.attest("build", SLSA_PROVENANCE_V1, &Shop::provenance());
    shop.attest("scm", CHANGE, &Shop::change(&["Bob <bob@shop.example>"]));
    assert_eq!(approve(&mut shop, "alice", &Shop::approval()), Some(Problem::ApprovalByAuthor));
    assert_eq!(approve(&mut shop, "bob", &Shop::approval()), Some(Problem::ApprovalByAuthor));
    assert_eq!(approve(&mut shop, "carol", &Shop::approval()), None);
}

#[test]
fn a_display_name_that_looks_like_a_colleague_hides_no_author() {
    let mut shop = Shop::new();
    shop.document.people.get_mut("bob").unwrap().names.push("Bob <alice@shop.example>".to_owned());
    shop.attest("build", SLSA_PROVENANCE_V1, &Shop::provenance());
    shop.attest("scm", CHANGE, &Shop::change(&["Bob <alice@shop.example>"]));
    assert_eq!(approve(&mut shop, "alice", &Shop::approval()), Some(Problem::ApprovalByAuthor));
    assert_eq!(approve(&mut shop, "bob", &Shop::approval()), Some(Problem::ApprovalByAuthor));
}

#[test]
fn while_the_author_is_unknown_no_approval_counts() {
    let unknown = |arrange: &dyn Fn(&mut Shop)| {
        let mut shop = Shop::new();
        arrange(&mut shop);
        let code = approve(&mut shop, "bob", &Shop::approval());
        assert_eq!(code, Some(Problem::ChangeAuthorUnknown));
        let failed = shop.facts().failed;
        let about = failed.iter().find(|it| it.code == Problem::ChangeAuthorUnknown).unwrap();
        assert_eq!((about.kind, about.denies), (Some(Kind::Approval), false));
        about.detail.clone()
    };
    let provenance = |shop: &mut Shop, predicate: &Value| {
        shop.attest("build", SLSA_PROVENANCE_V1, predicate);
    };
    let detail = unknown(&|_| {});
    assert!(detail.contains("no verified provenance"), "{detail}");
    let detail = unknown(&|shop| provenance(shop, &Shop::provenance()));
    assert!(detail.contains("no trusted change statement"), "{detail}");
    let detail = unknown(&|shop| {
        provenance(shop, &Shop::provenance());
        shop.attest("scm", CHANGE, &Shop::change(&["mallory@evil.example"]));
    });
    assert!(detail.contains("`mallory@evil.example`"), "{detail}");
    let detail = unknown(&|shop| {
        shop.built();
        let mut second = Shop::provenance();
        second["buildDefinition"]["resolvedDependencies"] = json!([]);
        provenance(shop, &second);
    });
    assert!(detail.contains("names no commit"), "{detail}");
    let detail = unknown(&|shop| {
        shop.built();
        let mut second = Shop::provenance();
        second["buildDefinition"]["resolvedDependencies"][0]["digest"]["gitCommit"] =
            json!("f".repeat(40));
        provenance(shop, &second);
    });
    assert!(detail.contains(&"f".repeat(40)), "{detail}");
}

#[test]
fn unsigned_provenance_names_no_author_even_where_it_counts() {
    let mut shop = Shop::new();
    shop.document.allow_unsigned.insert(Kind::Provenance);
    shop.lay(Shop::statement(SLSA_PROVENANCE_V1, &Shop::provenance()));
    shop.attest("scm", CHANGE, &Shop::change(&["alice@shop.example"]));
    assert_eq!(shop.facts().provenance.len(), 1);
    assert_eq!(approve(&mut shop, "bob", &Shop::approval()), Some(Problem::ChangeAuthorUnknown));
}

#[test]
fn a_change_about_its_commit_is_joined_and_one_of_another_commit_is_not() {
    let mut shop = Shop::new();
    shop.attest("build", SLSA_PROVENANCE_V1, &Shop::provenance());
    let mut claim = Shop::change(&["alice@shop.example"]);
    let by_commit = json!({"gitCommit": COMMIT});
    let text = shop.bundle("scm", &Shop::statement_about(&by_commit, CHANGE, &claim)).to_string();
    shop.lay(text);
    assert_eq!(shop.facts().changes.len(), 1);
    claim["commit"] = json!("e".repeat(40));
    let digest = shop.attest("scm", CHANGE, &claim);
    assert_eq!(shop.failure(digest).code, Problem::ChangeUnrelated);
    let text = shop.bundle("scm", &Shop::statement_about(&by_commit, CHANGE, &claim)).to_string();
    let digest = shop.lay(text);
    assert_eq!(shop.failure(digest).code, Problem::SubjectMismatch);
}

#[test]
fn approvals_hold_for_their_environment_and_time_alone() {
    let mut shop = Shop::new();
    shop.built();
    let with = |key: &str, value: &str| {
        let mut predicate = Shop::approval();
        predicate[key] = json!(value);
        predicate
    };
    for (predicate, code) in [
        (with("environment", "staging"), Problem::ApprovalOtherEnvironment),
        (with("environment", "Production"), Problem::ApprovalOtherEnvironment),
        (with("expires_at", "2026-11-23T08:00:00Z"), Problem::ApprovalExpired),
        (with("approved_at", "2026-11-23T08:00:01Z"), Problem::ApprovalNotYetValid),
        (with("expires_at", "2026-11-23T06:00:00Z"), Problem::ApprovalMalformed),
        (with("environment", ""), Problem::ApprovalMalformed),
        (with("approved_at", "yesterday"), Problem::ApprovalMalformed),
        (json!({"environment": "production"}), Problem::ApprovalMalformed),
        (json!([]), Problem::ApprovalMalformed),
    ] {
        assert_eq!(approve(&mut shop, "bob", &predicate), Some(code), "{predicate}");
    }
    assert_eq!(approve(&mut shop, "bob", &with("approved_at", "2026-11-23T08:00:00.9Z")), None);
}

#[test]
fn a_person_counts_once_with_the_approval_that_ends_last() {
    let mut shop = Shop::new();
    shop.built();
    let mut longer = Shop::approval();
    longer["expires_at"] = json!("2026-12-24T07:00:00Z");
    let short = shop.attest("bob", APPROVAL, &Shop::approval());
    let long = shop.attest("bob", APPROVAL, &longer);
    let facts = shop.facts();
    assert_eq!(facts.approvals.len(), 1);
    assert_eq!(facts.approvals[0].source.evidence, long);
    let failure = shop.failure(short);
    assert_eq!((failure.code, failure.signer.as_deref()), (Problem::ApprovalRepeated, Some("bob")));
}

#[test]
fn one_approval_signed_by_two_persons_is_nobodys() {
    let mut shop = Shop::new();
    shop.built();
    let payload = Shop::statement(APPROVAL, &Shop::approval());
    let mut envelope = shop.envelope("bob", &payload);
    let second = shop.envelope("carol", &payload)["signatures"][0].clone();
    envelope["signatures"].as_array_mut().unwrap().push(second);
    let digest = shop.lay(envelope.to_string());
    assert_eq!(shop.failure(digest).code, Problem::ApproverUnknown);
    // A stranger's signature beside a person's takes nothing away.
    shop.keys.insert("mallory", super::testing::Keypair::p256());
    let mut envelope = shop.envelope("bob", &payload);
    let stranger = shop.envelope("mallory", &payload)["signatures"][0].clone();
    envelope["signatures"].as_array_mut().unwrap().insert(0, stranger);
    shop.lay(envelope.to_string());
    assert_eq!(shop.facts().approvals.len(), 1);
}
