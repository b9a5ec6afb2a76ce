//! The account of a decision, as it is read.

use gate_core::decision::{Author, Effect, Exception, ExceptionUse, Finding, Severity};
use gate_core::evidence::Kind;
use gate_core::facts::{Approval, Binding, Fact, FailedFact, Identity, Signature, Source};
use gate_core::reason::Problem;
use gate_core::request::{Subject, SubjectKind};
use serde_json::json;

use super::*;

fn digest(name: &str) -> Digest {
    Digest::of(name.as_bytes())
}

fn decision(findings: Vec<Finding>) -> Decision {
    let denies = findings.iter().any(|finding| finding.effect == Effect::Denies);
    Decision {
        version: 1,
        subject: Subject { digest: digest("subject"), kind: SubjectKind::Artifact },
        environment: "production".to_owned(),
        mode: Mode::Enforce,
        now: "2026-11-23T08:00:00Z".parse().unwrap(),
        policy: digest("policy"),
        dialect: gate_core::policy::Dialect::Gate,
        facts: digest("facts"),
        findings,
        exceptions: vec![],
        verdict: if denies { Verdict::Deny } else { Verdict::Allow },
        would_deny: denies,
    }
}

fn finding(code: &str, effect: Effect) -> Finding {
    Finding {
        code: code.to_owned(),
        author: Author::Rule,
        severity: Severity::Deny,
        effect,
        package: Some("vulnerabilities".to_owned()),
        title: "No critical vulnerability has a fix".to_owned(),
        message: "CVE-2026-1 in openssl is critical and has a fix".to_owned(),
        solution: Some("Update openssl to 3.0.2.".to_owned()),
        detail: json!({"vulnerability": "CVE-2026-1", "purl": "pkg:deb/debian/openssl@3.0.1"}),
        effective_on: None,
        exception: None,
    }
}

fn rule(code: &str, package: &str, evidence: &[Kind]) -> AskedRule {
    AskedRule {
        code: code.to_owned(),
        package: package.to_owned(),
        title: Some(format!("title of {code}")),
        evidence: evidence.to_vec(),
        subject: None,
    }
}

fn source(signer: &str, identity: Option<Identity>) -> Source {
    Source {
        evidence: digest("evidence"),
        binding: Binding::Statement,
        signer: Some(signer.to_owned()),
        identity,
        caller: None,
    }
}

fn facts() -> FactsDocument {
    let none = json!({
        "subject": {"digest": digest("subject"), "kind": "artifact", "media_type": null,
            "annotations": {}, "config": null, "platforms": []},
        "signatures": [], "attestations": [], "provenance": [], "sbom": [],
        "vulnerabilities": {"scans": [], "findings": []}, "tests": [], "analysis": [],
        "approvals": [], "changes": [], "promotions": [], "deployments": [], "object": null,
        "failed": []
    });
    let mut facts: FactsDocument = serde_json::from_value(none).unwrap();
    let identity = Identity {
        subject: "ci@shop.example".into(),
        issuer: "https://i".into(),
        claims: [].into(),
    };
    facts.signatures.push(Fact {
        source: source("ci", Some(identity)),
        value: Signature {
            form: "statement".to_owned(),
            signed_at: Some("2026-11-20T10:00:00Z".parse().unwrap()),
            logged: true,
        },
    });
    facts.approvals.push(Fact {
        source: source("alice", None),
        value: Approval {
            person: "alice".to_owned(),
            approved_at: "2026-11-22T10:00:00Z".parse().unwrap(),
            expires_at: "2026-12-22T10:00:00Z".parse().unwrap(),
            reason: Some("CHG-1".to_owned()),
        },
    });
    facts
}

fn text(decision: &Decision, asked: &[AskedRule], facts: &FactsDocument) -> String {
    let places = [("attestation", "vsa.json".to_owned())];
    let id = digest("decision");
    let name = Some("oci:image");
    let account = Account { id, decision, name, asked, facts: Some(facts), places: &places };
    account.text(Paint(false))
}

#[test]
fn an_allow_tells_which_rules_passed_on_which_evidence() {
    let asked = [
        rule("signature-missing", "signature", &[Kind::Signature]),
        rule("image-user", "image", &[]),
    ];
    insta::assert_snapshot!(text(&decision(vec![]), &asked, &facts()));
}

#[test]
fn a_deny_tells_each_reason_with_what_was_found_where_and_the_fix() {
    let mut later = finding("sbom-old", Effect::NotYetEffective);
    later.effective_on = Some("2027-01-01T00:00:00Z".parse().unwrap());
    let mut excused = finding("vulnerability-fixable", Effect::Excused);
    excused.exception = Some(0);
    let findings = vec![
        finding("vulnerability-fixable", Effect::Denies),
        finding("image-user", Effect::Warns),
        later,
        excused,
    ];
    let mut decision = decision(findings);
    decision.exceptions.push(ExceptionUse {
        index: 0,
        excused: 1,
        exception: Exception {
            cve: Some("CVE-2026-2".to_owned()),
            rule: None,
            package: None,
            subject: "any".to_owned(),
            author: "carol".to_owned(),
            reason: "not reachable".to_owned(),
            until: "2026-12-31T00:00:00Z".parse().unwrap(),
        },
    });
    let mut facts = facts();
    facts.failed.push(FailedFact {
        evidence: digest("failed"),
        kind: Some(Kind::Approval),
        code: Problem::ApprovalByAuthor,
        detail: "dave authored commit 4f2a".to_owned(),
        signer: Some("dave".to_owned()),
        denies: false,
    });
    let asked = [
        rule("vulnerability-fixable", "vulnerabilities", &[Kind::Scan]),
        rule("approval-missing", "approval", &[Kind::Approval]),
    ];
    insta::assert_snapshot!(text(&decision, &asked, &facts));
}

#[test]
fn a_mode_that_lets_in_says_what_enforce_would_do() {
    let mut decision = decision(vec![finding("vulnerability-fixable", Effect::Denies)]);
    (decision.verdict, decision.mode) = (Verdict::Allow, Mode::Audit);
    let text = text(&decision, &[], &facts());
    assert!(text.starts_with("ALLOW  oci:image for production\n  let in by mode audit"), "{text}");
}

#[test]
fn a_finding_cannot_forge_a_verdict_line() {
    let mut forged = finding("x", Effect::Denies);
    forged.message = "\u{1b}[2J\rALLOW\nALLOW  oci:image for production".to_owned();
    forged.detail = json!({"\nALLOW": "\u{9b}1A"});
    let text = text(&decision(vec![forged]), &[], &facts());
    assert!(!text.contains(['\u{1b}', '\r', '\u{9b}']), "{text:?}");
    assert_eq!(text.lines().filter(|line| line.starts_with("ALLOW")).count(), 0);
}
