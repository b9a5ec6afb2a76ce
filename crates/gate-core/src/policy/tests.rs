//! Bundles are named by their bytes, rules are asked, and what they say becomes findings.

use std::cell::Cell;
use std::time::Duration;

use serde_json::json;

use super::evaluate::{Limits, ask};
use super::*;
use crate::decision::Mode;
use crate::effects::{Clock, GateError};
use crate::facts::FactsDocument;
use crate::reason::ErrorCode;
use crate::request::{Asker, Request, Subject, SubjectKind};
use crate::{Digest, Timestamp};

struct Steps(Cell<u64>, u64);

impl Clock for Steps {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(0).unwrap()
    }
    fn steady(&self) -> Duration {
        self.0.set(self.0.get() + self.1);
        Duration::from_millis(self.0.get())
    }
}

fn request() -> Request {
    Request {
        subject: Subject { digest: Digest::of(b"subject"), kind: SubjectKind::Artifact },
        asker: Asker { requester: "ci".into(), admission: None },
        now: "2026-11-23T08:00:00Z".parse().unwrap(),
        object: None,
    }
}

fn bundle(source: &str) -> Bundle {
    Bundle::load(vec![("p.rego".into(), source.into())], json!({})).unwrap()
}

fn evaluated(bundle: &Bundle, step: u64) -> Result<Outcome, GateError> {
    let request = request();
    let facts = FactsDocument::empty(&request);
    let environment = EnvironmentInput { name: "production", mode: Mode::Enforce };
    let input = Input::about(&request, &facts, environment);
    let limits = Limits { rule: Duration::from_secs(1), decision: Duration::from_secs(5) };
    ask(bundle, &input, limits, &std::sync::Arc::default(), &Steps(Cell::new(0), step))
}

fn outcome(source: &str) -> Outcome {
    evaluated(&bundle(source), 0).unwrap()
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the snapshot is renewed on demand")]
fn the_input_documents_schema_is_the_one_that_was_agreed() {
    let schema = serde_json::to_string_pretty(&Input::schema()).unwrap() + "\n";
    let kept = include_str!("input.schema.json");
    if std::env::var_os("GATE_UPDATE").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/policy/input.schema.json");
        return std::fs::write(path, schema).unwrap();
    }
    assert_eq!(
        schema, kept,
        "the input document changed: run this test with GATE_UPDATE=1, and tell the changelog"
    );
}

#[test]
fn every_key_of_the_input_is_always_there() {
    let request = request();
    let facts = FactsDocument::empty(&request);
    let environment = EnvironmentInput { name: "production", mode: Mode::Enforce };
    let input = serde_json::to_value(Input::about(&request, &facts, environment)).unwrap();
    let schema = serde_json::to_value(Input::schema()).unwrap();
    let mut expected: Vec<_> = schema["properties"].as_object().unwrap().keys().cloned().collect();
    expected.sort();
    let mut found: Vec<_> = input.as_object().unwrap().keys().cloned().collect();
    found.sort();
    assert_eq!(found, expected);
    assert_eq!(input["object"], json!(null));
    assert_eq!(input["request"]["admission"], json!(null));
    assert_eq!(input["subject"]["config"], json!(null));
}

#[test]
fn metadata_is_joined_by_short_name() {
    let outcome = outcome(
        "package a.b\n\n# METADATA\n# title: Too old\n# custom:\n#   short_name: too-old\n#   failure_msg: \"{{name}} is {{days}} days old\"\n#   solution: Build again.\n#   effective_on: 2027-01-01T00:00:00Z\ndeny contains {\"rule\": \"too-old\", \"detail\": {\"name\": \"x\", \"days\": 3}}\n",
    );
    let [finding] = outcome.rules.as_slice() else { panic!("{outcome:?}") };
    assert_eq!(finding.code, "too-old");
    assert_eq!(finding.package, "a.b");
    assert_eq!(finding.title, "Too old");
    assert_eq!(finding.message, "x is 3 days old");
    assert_eq!(finding.solution.as_deref(), Some("Build again."));
    assert_eq!(finding.detail, json!({"name": "x", "days": 3}));
    assert_eq!(finding.effective_on.unwrap().to_string(), "2027-01-01T00:00:00Z");
    assert_eq!(finding.severity, crate::decision::Severity::Deny);
}

#[test]
fn words_of_another_packages_rule_are_not_joined() {
    let modules = vec![
        ("a.rego".into(), "package a\ndeny contains {\"rule\": \"r\"}".into()),
        (
            "b.rego".into(),
            "package b\n# METADATA\n# title: T\n# custom:\n#   short_name: r\n#   effective_on: 2099-01-01T00:00:00Z\ndeny contains {\"rule\": \"r\"} if false"
                .into(),
        ),
    ];
    let outcome = evaluated(&Bundle::load(modules, json!({})).unwrap(), 0).unwrap();
    assert_eq!(outcome.rules[0].effective_on, None);
}

#[test]
fn strings_and_messages_are_findings_too() {
    let outcome = outcome(
        "package p\ndeny contains \"no\"\nwarn contains {\"msg\": \"hm\", \"detail\": {\"a\": 1}}",
    );
    let said: Vec<_> =
        outcome.rules.iter().map(|rule| (rule.code.as_str(), rule.message.as_str())).collect();
    assert_eq!(said, [("p.deny", "no"), ("p.warn", "hm")]);
    assert_eq!(outcome.rules[1].severity, crate::decision::Severity::Warn);
}

#[test]
fn a_rule_that_does_not_say_findings_is_a_policy_error() {
    for rule in [
        "deny := true",
        "deny if true",
        "deny := [\"x\"]",
        "deny contains 5",
        "deny contains {\"detail\": {}}",
        "deny contains {\"rule\": 5}",
        "deny contains {\"rule\": \"a\", \"msg\": 5}",
        "deny[\"x\"] := 1",
        "deny.x contains \"y\"",
    ] {
        let outcome = outcome(&format!("package p\n{rule}"));
        assert_eq!(outcome.rules, [], "{rule}");
        let codes: Vec<_> = outcome.gate.iter().map(|finding| finding.code).collect();
        assert_eq!(codes, [GateCode::PolicyError], "{rule}");
    }
}

#[test]
fn an_engine_error_is_a_finding_and_the_other_rules_are_asked() {
    let outcome = outcome(
        "package p\ndeny contains \"x\" if two == 1\ntwo := 1 if input.now\ntwo := 2 if input.now\nwarn contains \"still asked\"",
    );
    assert_eq!(outcome.rules.len(), 1);
    assert_eq!(outcome.gate[0].code, GateCode::PolicyError);
    assert!(outcome.gate[0].message.contains("p.rego:4:"), "{}", outcome.gate[0].message);
    assert!(outcome.gate[0].detail["place"].as_str().unwrap().starts_with("p.rego:4:"));
}

#[test]
fn a_builtin_that_fails_does_not_silence_its_deny() {
    for failing in ["to_number(input.environment.name) > 3", "1 / count(input.signatures) > 0"] {
        let outcome = outcome(&format!("package p\ndeny contains \"x\" if {failing}"));
        assert_eq!(outcome.gate.len(), 1, "{failing}");
        assert_eq!(outcome.gate[0].code, GateCode::PolicyError, "{failing}");
    }
}

#[test]
fn a_bundle_without_deny_or_warn_is_empty() {
    for source in
        ["package p\nallow := true", "package p\ndeny(x) := x", "package p_test\ndeny contains 1"]
    {
        let outcome = outcome(source);
        assert_eq!(outcome.gate.len(), 1);
        assert_eq!(outcome.gate[0].code, GateCode::PolicyEmpty, "{source}");
    }
    let none = Bundle::load(vec![], json!({})).unwrap();
    assert_eq!(evaluated(&none, 0).unwrap().gate[0].code, GateCode::PolicyEmpty);
}

#[test]
fn out_of_time_is_no_verdict() {
    let error = evaluated(&bundle("package p\ndeny contains \"x\""), 2_000).unwrap_err();
    assert_eq!(error.code, ErrorCode::PolicyTimeout);
}

#[test]
fn more_findings_than_gate_takes_are_a_policy_error() {
    let outcome = outcome(
        "package p\ndeny contains {\"rule\": \"r\", \"detail\": i} if some i in numbers.range(0, 10000)",
    );
    assert_eq!(outcome.rules, []);
    assert_eq!(outcome.gate[0].code, GateCode::PolicyError);
}

#[test]
fn a_bundle_is_named_by_its_bytes_and_read_back_from_them() {
    let modules = || {
        vec![
            ("b.rego".to_owned(), "package b\ndeny contains \"b\"".to_owned()),
            ("a.rego".to_owned(), "package a".to_owned()),
        ]
    };
    let first = Bundle::load(modules(), json!({"x": {"b": 1, "a": 2}})).unwrap();
    let mut other_order = modules();
    other_order.reverse();
    other_order.push(("a_test.rego".into(), "no rego at all".into()));
    let second = Bundle::load(other_order, json!({"x": {"a": 2, "b": 1}})).unwrap();
    assert_eq!(first.digest(), second.digest());
    assert_eq!(first.digest(), Digest::of(first.manifest_bytes()));
    let manifest: serde_json::Value = serde_json::from_slice(first.manifest_bytes()).unwrap();
    assert_eq!(manifest["modules"], Digest::of(first.modules_bytes()).to_string());
    assert_eq!(manifest["data"], Digest::of(first.data_bytes()).to_string());
    let read = Bundle::recorded(first.manifest_bytes(), first.modules_bytes(), first.data_bytes())
        .unwrap();
    assert_eq!(read.digest(), first.digest());
    assert_eq!(evaluated(&read, 0).unwrap(), evaluated(&first, 0).unwrap());
    let changed = Bundle::load(modules(), json!({"x": {"b": 1, "a": 3}})).unwrap();
    assert_ne!(first.digest(), changed.digest());
}

#[test]
fn a_bundle_that_would_be_misread_is_refused() {
    let refusal = |source: &str| {
        Bundle::load(vec![("p.rego".into(), source.into())], json!({}))
            .err()
            .expect("refused")
            .to_string()
    };
    let with = |custom: &str| {
        format!("package p\n\n# METADATA\n# custom:\n#   {custom}\ndeny contains \"x\"")
    };
    assert!(refusal(&with("effective_on: later")).starts_with("p.rego:3: "));
    assert!(refusal(&with("severity: mild")).contains("severity"));
    assert!(refusal(&with("evidence: [everything]")).contains("evidence"));
    assert!(refusal(&with("subject: everybody")).contains("subject"));
    assert!(refusal(&with("short_name: policy-error")).contains("Gate's own codes"));
    let twice = "package p\n\n# METADATA\n# custom:\n#   short_name: r\ndeny contains \"x\"\n\n# METADATA\n# custom:\n#   short_name: r\n#   severity: warn\ndeny contains \"y\"";
    assert!(refusal(twice).contains("another rule with the short_name `r`"));
    let path_twice = vec![("p.rego".to_owned(), "package p".to_owned()); 2];
    assert!(Bundle::load(path_twice, json!({})).is_err());
    assert!(Bundle::load(vec![], json!([])).is_err());
    let silenced = json!({"p": {"deny": []}});
    assert!(
        Bundle::load(vec![("p.rego".into(), "package p\ndeny contains 1".into())], silenced)
            .is_err()
    );
}

#[test]
fn asked_rules_are_told_with_their_evidence() {
    let bundle = bundle(
        "package p\n\n# METADATA\n# title: Signed\n# custom:\n#   short_name: signed\n#   evidence: [signature]\n#   subject: artifact\ndeny contains {\"rule\": \"signed\"}\n\nwarn contains \"plain\"",
    );
    let asked: Vec<_> = bundle.asked().iter().map(|rule| rule.code.as_str()).collect();
    assert_eq!(asked, ["p.warn", "signed"]);
    assert_eq!(bundle.asked()[1].evidence, [crate::evidence::Kind::Signature]);
    assert_eq!(bundle.asked()[1].subject, Some(SubjectKind::Artifact));
    assert_eq!(bundle.asked()[0].subject, None);
}

#[test]
fn the_same_facts_give_the_same_findings_in_the_same_order() {
    let source = "package p\ndeny contains {\"rule\": r, \"detail\": {\"n\": n}} if { some r in [\"z\", \"a\", \"m\"]; some n in [3, 1, 2] }";
    let first = outcome(source);
    assert_eq!(first.rules.len(), 9);
    for _ in 0..5 {
        assert_eq!(outcome(source), first);
    }
}

#[test]
fn a_deprecated_rule_names_its_successor_and_one_that_is_not_there_is_refused() {
    let rule = |code: &str, more: &str| {
        format!(
            "# METADATA\n# title: t\n# custom:\n#   short_name: {code}\n{more}deny contains {{\"rule\": \"{code}\"}} if true\n\n"
        )
    };
    let old = rule("old", "#   solution: Mend it.\n#   successor: new\n");
    let both = format!("package p\n\n{old}{}", rule("new", ""));
    let outcome = outcome(&both);
    let solution = |code: &str| {
        outcome.rules.iter().find(|found| found.code == code).unwrap().solution.clone()
    };
    let expected = "Mend it. This rule is deprecated. `new` takes its place.";
    assert_eq!(solution("old").as_deref(), Some(expected));
    assert_eq!(solution("new"), None);
    let alone = Bundle::load(vec![("p.rego".into(), format!("package p\n\n{old}"))], json!({}));
    assert!(alone.is_err(), "nothing is called `new`");
}
