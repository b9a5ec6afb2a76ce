//! Conforma's rules are asked as Conforma asks them, and their results are its findings.

use serde_json::{Value as Json, json};

use super::*;
use crate::decision::Severity;
use crate::facts::ConfigurationFile;
use crate::policy::{Bundle, Dialect, Reading};

const POLICY: &str = r#"package cve

import rego.v1
import data.lib

# METADATA
# title: No findings
# description: Nothing was found.
# custom:
#   short_name: found
#   failure_msg: Found %s
#   solution: See xref:a.adoc[the advisory].
#   collections: [minimal]
deny contains result if {
	some id in input.findings
	result := lib.result("cve.found", sprintf("Found %s", [id]), {"term": id})
}

# METADATA
# title: Later
# custom:
#   short_name: later
#   effective_on: 2027-01-01T00:00:00Z
#   depends_on: [cve.found]
deny contains result if {
	input.later
	result := lib.result("cve.later", "Later", {})
}

# METADATA
# title: For another pipeline
# custom:
#   short_name: elsewhere
#   pipeline_intention: [release]
deny contains lib.result("cve.elsewhere", "Elsewhere", {})

warn contains {"msg": "grave", "severity": "failure"} if input.grave

deny contains {"msg": "slight", "severity": "warning"} if input.slight

deny contains {"code": "cve.data", "msg": sprintf("%v", [data.rule_data.allowed])} if input.show

deny contains {"code": "cve.when", "msg": "when"} if data.config.policy.when_ns == time.now_ns() - input.ago
"#;

const LIB: &str = r#"package lib

import rego.v1

result(code, msg, more) := object.union({"code": code, "msg": msg}, more)
"#;

fn now() -> Timestamp {
    "2026-06-01T00:00:00Z".parse().unwrap()
}

fn bundle(data: Json) -> Bundle {
    let modules = vec![("cve.rego".into(), POLICY.into()), ("lib.rego".into(), LIB.into())];
    let reading = Reading { dialect: Some(Dialect::Conforma), ..Reading::default() };
    Bundle::load_as(modules, data, reading).unwrap()
}

fn judged(data: &Json, input: Json) -> Outcome {
    let bundle = bundle(data.clone());
    let rules = Rules::of(bundle.policy());
    let files = [ConfigurationFile { path: "input.json".into(), contents: input }];
    let now_ns = i64::try_from(now().as_nanosecond()).unwrap();
    let limits = Limits { rule: Duration::from_mins(1), decision: Duration::from_mins(1) };
    let asked = Asked {
        policy: bundle.policy(),
        data: data.as_object().unwrap(),
        subject: Subject::Files(&files),
        now: now(),
        now_ns,
        limits,
        steady: &|| Duration::ZERO,
        outside: Arc::default(),
    };
    ask(&rules, &asked).unwrap()
}

/// Code, message and what it does.
fn told(outcome: &Outcome) -> Vec<(String, String, &'static str)> {
    let word = |finding: &crate::policy::RuleFinding| match finding {
        found if found.excused => "excused",
        found if found.effective_on.is_some() => "later",
        found if found.severity == Severity::Warn => "warns",
        _ => "denies",
    };
    let rules = outcome.rules.iter();
    rules.map(|it| (it.code.clone(), it.message.clone(), word(it))).collect()
}

fn row(code: &str, message: &str, word: &'static str) -> (String, String, &'static str) {
    (code.to_owned(), message.to_owned(), word)
}

#[test]
fn results_carry_the_words_of_their_rules() {
    let outcome = judged(&json!({}), json!({"findings": ["CVE-1"]}));
    assert_eq!(told(&outcome), [row("cve.found", "Found CVE-1", "denies")]);
    let found = &outcome.rules[0];
    assert_eq!(found.title, "No findings");
    assert_eq!(found.solution.as_deref(), Some("See the advisory."));
    assert_eq!(found.detail, json!({"term": "CVE-1", "collections": ["minimal"]}));
    assert!(outcome.gate.is_empty());
}

#[test]
fn severity_and_dates_are_the_results_own_or_their_rules() {
    let outcome = judged(&json!({}), json!({"grave": true, "slight": true, "later": true}));
    let expected = [
        row("cve.deny", "slight", "warns"),
        row("cve.later", "Later", "later"),
        row("cve.warn", "grave", "denies"),
    ];
    let mut found = told(&outcome);
    found.sort();
    assert_eq!(found, expected);
}

#[test]
fn what_depends_on_something_found_is_not_told() {
    let outcome = judged(&json!({}), json!({"findings": ["CVE-1"], "later": true}));
    assert_eq!(told(&outcome), [row("cve.found", "Found CVE-1", "denies")]);
}

#[test]
fn criteria_exclude_excuse_and_leave_out() {
    let with = |source: Json| {
        let data = json!({"sources": [source]});
        told(&judged(&data, json!({"findings": ["CVE-1", "CVE-2"]})))
    };
    let excluded = json!({"config": {"exclude": ["cve.found:CVE-1"]}});
    let expected =
        [row("cve.found", "Found CVE-1", "excused"), row("cve.found", "Found CVE-2", "denies")];
    assert_eq!(with(excluded), expected);
    let volatile = json!({"volatileConfig": {"exclude": [
        {"value": "cve.found:CVE-1", "effectiveUntil": "2026-07-01T00:00:00Z"},
        {"value": "cve.found:CVE-2", "effectiveUntil": "2026-05-01T00:00:00Z"},
    ]}});
    assert_eq!(with(volatile), expected);
    let only = json!({"config": {"include": ["@minimal", "nothing"]}});
    assert_eq!(
        with(only).last().unwrap().1,
        "Include criterion 'nothing' doesn't match any policy rule"
    );
    let data = json!({"sources": [{"config": {"include": ["other"]}}]});
    let none = judged(&data, json!({"findings": ["CVE-1"]}));
    assert_eq!(none.gate[0].code, crate::reason::GateCode::PolicyEmpty);
}

#[test]
fn rules_of_another_pipeline_are_asked_where_it_is_named() {
    let data = json!({"sources": [{"ruleData": {"pipeline_intention": "release"}}]});
    let outcome = judged(&data, json!({"findings": ["CVE-1"]}));
    assert_eq!(told(&outcome), [row("cve.elsewhere", "Elsewhere", "denies")]);
}

#[test]
fn rules_find_their_data_and_the_time() {
    let data = json!({"rule_data": {"allowed": ["a"]}});
    let outcome = judged(&data, json!({"show": true, "ago": 0}));
    let expected = [row("cve.data", "[\"a\"]", "denies"), row("cve.when", "when", "denies")];
    assert_eq!(told(&outcome), expected);
}

#[test]
fn a_specification_that_cannot_be_read_refuses_the_bundle() {
    let data = json!({"sources": [{"config": {"include": "cve"}}]});
    let modules = vec![("cve.rego".into(), "package cve\n".into())];
    let reading = Reading { dialect: Some(Dialect::Conforma), ..Reading::default() };
    assert!(Bundle::load_as(modules, data, reading).is_err());
}
