//! Policies written for Conforma, as a person runs them.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::in_process::gate;

const RULES: &str = "package release.tests

# METADATA
# title: Tests passed
# custom:
#   short_name: passed
#   collections: [minimal]
#   solution: Mend what fails.
deny contains result if {
	some attestation in input.attestations
	some name in attestation.statement.predicate.failed
	result := {\"code\": \"release.tests.passed\", \"msg\": sprintf(\"%s failed\", [name]), \"term\": name}
}

warn contains {\"msg\": data.rule_data.note} if input.image.ref == \"r.example/a@sha256:00\"
";

/// Reads what every input of an image has, and counts it.
const COUNTING: &str = "package count

warn contains {\"code\": \"count.all\", \"msg\": json.marshal({
	\"statements\": count([1 | some attestation in input.attestations; attestation.statement]),
	\"ref\": object.get(input, [\"image\", \"ref\"], null),
	\"keys\": object.keys(input),
})}
";

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path.display().to_string()
}

fn findings(out: &str) -> Vec<(String, String, String)> {
    let answer: Value = serde_json::from_str(out).unwrap();
    assert_eq!(answer["decision"]["dialect"], "conforma");
    let text = |finding: &Value, name: &str| finding[name].as_str().unwrap().to_owned();
    let found = answer["decision"]["findings"].as_array().unwrap().iter();
    found.map(|it| (text(it, "effect"), text(it, "code"), text(it, "message"))).collect()
}

#[test]
fn an_input_is_judged_with_the_policys_own_criteria() {
    let folder = tempfile::tempdir().unwrap();
    let policy = write(folder.path(), "tests.rego", RULES);
    let note = write(folder.path(), "note.yaml", "rule_data: {note: look at it}\n");
    let input = json!({
        "image": {"ref": "r.example/a@sha256:00"},
        "attestations": [{"statement": {"predicate": {"failed": ["unit", "ui"]}}}],
    });
    let input = write(folder.path(), "input.json", &input.to_string());
    let check = |config: &str, more: &[&str]| {
        let file = write(folder.path(), "policy.yaml", config);
        let mut line = vec!["check", &input, "--dialect", "conforma", "--output", "json"];
        line.extend(["--policy", &policy, "--data", &note, "--data", &file]);
        line.extend(more);
        gate(&line)
    };
    let denied = check("sources: []\n", &[]);
    assert_eq!(denied.status, 1, "{}", denied.err);
    let row = |effect: &str, code: &str, message: &str| {
        (effect.to_owned(), code.to_owned(), message.to_owned())
    };
    assert_eq!(
        findings(&denied.out),
        [
            row("denies", "release.tests.passed", "ui failed"),
            row("denies", "release.tests.passed", "unit failed"),
            row("warns", "release.tests.warn", "look at it"),
        ]
    );
    let excused = "sources:\n- volatileConfig:\n    exclude:\n    - {value: 'tests.passed', effectiveUntil: '2026-12-01T00:00:00Z'}\n";
    let allowed = check(excused, &[]);
    assert_eq!(allowed.status, 0, "{}", allowed.err);
    assert_eq!(findings(&allowed.out).len(), 3);
    let over = check(excused, &["--effective-time", "2026-12-02T00:00:00Z"]);
    assert_eq!(over.status, 1, "{}", over.err);
    let refused = check("sources: [{config: {include: nothing}}]\n", &[]);
    assert_eq!(refused.status, 2, "{}", refused.err);
}

#[test]
fn an_image_shows_the_statements_that_a_trusted_signer_signed() {
    let folder = tempfile::tempdir().unwrap();
    let rules = "package p
warn contains {\"code\": \"p.type\", \"msg\": type} if {
	some attestation in input.attestations
	type := attestation.statement.predicateType
	is_object(attestation.statement.predicate)
	endswith(input.image.ref, attestation.statement.subject[0].digest.sha256)
}
deny contains \"labels\" if not input.image.config.Labels
";
    let policy = write(folder.path(), "p.rego", rules);
    let root = gate_fixtures::stored::root();
    let image = format!("oci:{}", root.join("good-release_allow/image").display());
    let check = |key: &str| {
        let key = root.join(format!("keys/{key}.pub")).display().to_string();
        let line = ["check", &image, "--dialect", "conforma", "--policy", &policy, "--key", &key];
        let asked = gate(&[&line[..], &["--output", "json"]].concat());
        assert_eq!(asked.status, 0, "{}", asked.err);
        findings(&asked.out).into_iter().map(|(_, _, kind)| kind).collect::<Vec<_>>()
    };
    let expected = [
        "https://cyclonedx.org/bom",
        "https://gate.example/attestation/test/v1",
        "https://slsa.dev/provenance/v1",
    ];
    assert_eq!(check("build"), expected);
    assert!(check("carol").is_empty(), "what nobody trusted signed is no statement");
}

#[test]
fn what_a_registry_cannot_answer_is_no_verdict() {
    let folder = tempfile::tempdir().unwrap();
    let rules = "package p\ndeny contains \"no blob\" if not ec.oci.blob(input.ref)\n";
    let policy = write(folder.path(), "p.rego", rules);
    let input = write(folder.path(), "input.json", r#"{"ref": "no reference at all!"}"#);
    let check = |input: &str| gate(&["check", input, "--dialect", "conforma", "--policy", &policy]);
    assert_eq!(check(&input).status, 1, "what names nothing is not there");
    let hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let named = json!({"ref": format!("127.0.0.1:9/a@sha256:{hex}")}).to_string();
    let named = write(folder.path(), "named.json", &named);
    let asked = check(&named);
    assert_eq!(asked.status, 2, "{}", asked.out);
}

/// Real inputs of Conforma's rules are read whole: what a rule counts in them is what stands there.
#[test]
fn the_inputs_of_conformas_samples_are_read() {
    let Some(data) = std::env::var_os("GATE_CONFORMANCE_DATA") else {
        return eprintln!("not run: GATE_CONFORMANCE_DATA is not set");
    };
    let samples = Path::new(&data).join("rego/policy/acceptance/samples");
    let folder = tempfile::tempdir().unwrap();
    let policy = write(folder.path(), "count.rego", COUNTING);
    let mut read = 0;
    for entry in fs::read_dir(samples).unwrap() {
        let path = entry.unwrap().path();
        let input: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let line = path.display().to_string();
        let asked = gate(&[
            "check",
            &line,
            "--dialect",
            "conforma",
            "--policy",
            &policy,
            "--output",
            "json",
        ]);
        assert_eq!(asked.status, 0, "{line}: {}", asked.err);
        let [(effect, code, message)] = &findings(&asked.out)[..] else { panic!("{}", asked.out) };
        assert_eq!((effect.as_str(), code.as_str()), ("warns", "count.all"));
        let counted: Value = serde_json::from_str(message).unwrap();
        let statements = input["attestations"].as_array().map_or(0, Vec::len);
        let mut keys: Vec<_> = input.as_object().unwrap().keys().cloned().collect();
        keys.sort();
        let expected = json!({
            "statements": statements, "ref": input["image"]["ref"], "keys": keys,
        });
        assert_eq!(counted, expected, "{line}");
        read += 1;
    }
    eprintln!("{read} inputs of Conforma's rules were read");
    assert!(read >= 6, "the samples of Conforma are incomplete");
}
