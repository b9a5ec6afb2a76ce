//! Conftest's rules over files, as Conftest answers them.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Asked, ask};
use crate::decision::Severity;
use crate::facts::ConfigurationFile;
use crate::policy::compiled::Foreign;
use crate::policy::evaluate::Limits;
use crate::policy::{Bundle, Dialect, Outcome, Reading};

fn bundle(source: &str, reading: Reading) -> Bundle {
    let modules = vec![("p.rego".to_owned(), source.to_owned())];
    Bundle::load_as(modules, json!({"conftest": 1, "allowed": ["a"]}), reading).unwrap()
}

fn asked(bundle: &Bundle, files: &[(&str, Value)]) -> Outcome {
    let files: Vec<_> = files
        .iter()
        .map(|(path, contents)| ConfigurationFile {
            path: (*path).to_owned(),
            contents: contents.clone(),
        })
        .collect();
    let limits = Limits { rule: Duration::from_mins(1), decision: Duration::from_mins(1) };
    let Foreign::Conftest(rules) = bundle.foreign() else { panic!("another dialect") };
    let asked = Asked {
        policy: bundle.policy(),
        data: bundle.policy().data(),
        files: &files,
        now_ns: 0,
        limits,
        steady: &|| Duration::ZERO,
    };
    ask(rules, &asked).unwrap()
}

/// What is found, as `severity code message`, `-` before what is excused.
fn found(source: &str, reading: Reading, files: &[(&str, Value)]) -> Vec<String> {
    let outcome = asked(&bundle(source, reading), files);
    assert_eq!(outcome.gate, [], "{source}");
    let mut found: Vec<_> = outcome
        .rules
        .iter()
        .map(|it| {
            let severity = if it.severity == Severity::Deny { "deny" } else { "warn" };
            let excused = if it.excused { "-" } else { "" };
            format!("{excused}{severity} {} {}", it.code, it.message)
        })
        .collect();
    found.sort();
    found
}

fn in_main(rules: &str) -> Vec<String> {
    let source = format!("package main\n{rules}\n");
    found(&source, Reading::default(), &[("dir/a.yaml", json!({"kind": "Pod"}))])
}

#[test]
fn rules_are_asked_by_their_names() {
    for (rules, expected) in [
        ("deny contains \"x\"", vec!["deny main.deny x"]),
        ("deny_a_b1 contains \"x\"", vec!["deny main.deny_a_b1 x"]),
        ("violation contains {\"msg\": \"x\", \"n\": 1}", vec!["deny main.violation x"]),
        ("warn_a contains \"x\"", vec!["warn main.warn_a x"]),
        ("deny := [\"x\", \"y\"]", vec!["deny main.deny x", "deny main.deny y"]),
        ("denyx contains \"x\"\ndeny_ contains \"x\"\nother contains \"x\"", vec![]),
        ("deny := true", vec![]),
        ("deny contains 1\ndeny contains \"\"", vec![]),
        ("deny contains data.conftest.file.name", vec!["deny main.deny a.yaml"]),
        ("deny contains data.conftest.file.dir", vec!["deny main.deny dir"]),
        ("deny contains data.allowed[0]", vec!["deny main.deny a"]),
        ("deny contains \"x\" if to_number(input.kind)", vec![]),
    ] {
        assert_eq!(in_main(rules), expected, "{rules}");
    }
}

#[test]
fn exceptions_excuse_the_rules_that_they_name() {
    let rules = "deny_root contains \"x\"\nviolation_net contains \"y\"\ndeny contains \"z\"\nwarn_net contains \"w\"\n";
    for (exception, expected) in [
        (
            "[\"root\"]",
            [
                "-deny main.deny_root x",
                "deny main.deny z",
                "deny main.violation_net y",
                "warn main.warn_net w",
            ],
        ),
        (
            "[\"net\"]",
            [
                "-deny main.violation_net y",
                "-warn main.warn_net w",
                "deny main.deny z",
                "deny main.deny_root x",
            ],
        ),
        (
            "[\"\"]",
            [
                "-deny main.deny z",
                "deny main.deny_root x",
                "deny main.violation_net y",
                "warn main.warn_net w",
            ],
        ),
    ] {
        let rules = format!("{rules}exception contains names if names := {exception}");
        assert_eq!(in_main(&rules), expected, "{exception}");
    }
}

#[test]
fn a_finding_without_a_message_and_an_engine_error_deny() {
    for rules in [
        "deny contains {\"text\": \"x\"}",
        "deny contains {\"msg\": 1}",
        "deny contains x if x := f(input)\nf(_) := 1\nf(_) := 2",
    ] {
        let bundle = bundle(&format!("package main\n{rules}\n"), Reading::default());
        assert_eq!(asked(&bundle, &[("a", json!({}))]).gate.len(), 1, "{rules}");
    }
}

#[test]
fn namespaces_choose_packages() {
    let source = "package a.b\ndeny contains \"x\"\n";
    let files = [("f", json!({}))];
    let of = |namespaces: &[&str], all| Reading {
        dialect: Some(Dialect::Conftest),
        namespaces: namespaces.iter().map(|it| (*it).to_owned()).collect(),
        all_namespaces: all,
        ..Reading::default()
    };
    assert_eq!(found(source, of(&["a.b"], false), &files), ["deny a.b.deny x"]);
    assert_eq!(found(source, of(&["a*"], false), &files), ["deny a.b.deny x"]);
    assert_eq!(found(source, of(&[], true), &files), ["deny a.b.deny x"]);
    assert_eq!(found(source, of(&["absent"], false), &files), Vec::<String>::new());
    assert_eq!(asked(&bundle(source, of(&[], false)), &files).gate.len(), 1, "nobody was asked");
}

#[test]
fn a_list_is_several_documents_and_combined_files_are_one() {
    let source = "package main\ndeny contains sprintf(\"%v\", [input])";
    let files = [("b", json!([1, 2])), ("a", json!(3))];
    let messages = ["deny main.deny 1", "deny main.deny 2", "deny main.deny 3"];
    assert_eq!(found(source, Reading::default(), &files), messages);
    let combine = Reading { combine: true, ..Reading::default() };
    let counted = "package main\ndeny contains sprintf(\"%v %v\", [it.path, it.contents]) if some it in input";
    let messages = ["deny main.deny a 3", "deny main.deny b 1", "deny main.deny b 2"];
    assert_eq!(found(counted, combine, &files), messages);
}

#[test]
fn package_main_shows_the_dialect_and_it_is_recorded() {
    let bundle = bundle("package main\ndeny contains \"x\"\n", Reading::default());
    assert_eq!(bundle.dialect(), Dialect::Conftest);
    let again =
        Bundle::recorded(bundle.manifest_bytes(), bundle.modules_bytes(), bundle.data_bytes());
    let again = again.unwrap();
    assert_eq!((again.dialect(), again.digest()), (Dialect::Conftest, bundle.digest()));
    let gate = Reading { dialect: Some(Dialect::Gate), ..Reading::default() };
    let modules = vec![("p.rego".to_owned(), "package main\ndeny contains \"x\"\n".to_owned())];
    let gate = Bundle::load_as(modules, json!({"conftest": 1, "allowed": ["a"]}), gate).unwrap();
    assert_ne!(gate.digest(), bundle.digest());
}

#[test]
fn a_rule_with_if_and_without_contains_is_refused() {
    let load = |source: &str| {
        Bundle::load(vec![("p.rego".to_owned(), source.to_owned())], json!({})).map(|_| ())
    };
    let refused = load("package main\ndeny[msg] if { msg := \"x\" }\n").unwrap_err();
    assert!(refused.message.contains("contains"), "{refused}");
    assert_eq!(load("package main\ndeny := \"x\" if { input.a }\n"), Ok(()));
}

#[test]
fn texts_are_read_as_configurations_and_files_in_tests_alone() {
    let rules = "deny contains parse_config(\"yaml\", \"a: x\").a\nwarn contains parse_config(\"none\", \"\").a";
    assert_eq!(in_main(rules), ["deny main.deny x"]);
    let source = "package main\ndeny contains parse_config_file(\"a.yaml\").a\n";
    let load = Bundle::load(vec![("p.rego".to_owned(), source.to_owned())], json!({}));
    let refused = load.map(|_| ()).unwrap_err();
    assert_eq!(refused.path, "p.rego:2:15");
}
