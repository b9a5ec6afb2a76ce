//! Commands from arguments to streams and exit status, without a process.

use std::fs;
use std::path::{Path, PathBuf};

use super::in_process::{Outcome, gate, words};

const POLICY: &str = "package demo

# METADATA
# title: The subject has an SBOM
# custom:
#   short_name: sbom-missing
#   solution: Attach one.
#   evidence: [sbom]
deny contains {\"rule\": \"sbom-missing\", \"detail\": {\"kind\": \"sbom\"}} if count(input.sbom) == 0
";

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("policy")).unwrap();
    fs::write(folder.path().join("policy/demo.rego"), POLICY).unwrap();
    fs::write(folder.path().join("app"), "an application\n").unwrap();
    folder
}

fn run(line: &str, folder: &Path) -> Outcome {
    gate(&words(line, folder))
}

#[test]
fn a_check_answers_with_status_and_reasons() {
    let folder = folder();
    let denied = run("check {}/app --policy {}/policy", folder.path());
    assert_eq!(denied.status, 1, "{denied:?}");
    assert!(denied.out.contains("sbom-missing"), "{}", denied.out);
    assert!(denied.out.contains("fix    Attach one."), "{}", denied.out);
    fs::write(
        folder.path().join("bom.json"),
        r#"{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,"components":[]}"#,
    )
    .unwrap();
    let line = "check {}/app --policy {}/policy --evidence {}/bom.json --allow-unsigned sbom";
    let allowed = run(line, folder.path());
    assert_eq!(allowed.status, 0, "{allowed:?}");
    assert!(allowed.out.starts_with("ALLOW"), "{}", allowed.out);
}

#[test]
fn json_and_text_go_where_they_are_asked_to() {
    let folder = folder();
    let line = "check {}/app --policy {}/policy --output text --output json={}/answer.json";
    let outcome = run(line, folder.path());
    assert!(outcome.out.starts_with("DENY"), "{outcome:?}");
    let answer = fs::read(folder.path().join("answer.json")).unwrap();
    let answer: serde_json::Value = serde_json::from_slice(&answer).unwrap();
    assert_eq!(answer["decision"]["verdict"], "deny");
    assert_eq!(answer["decision"]["now"], super::in_process::NOW);
    let keys: Vec<_> = answer.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["asked", "decision", "failed", "id"]);
    let elsewhere = run("check {}/app --output json={}/answer.json", folder.path());
    assert!(elsewhere.out.is_empty() && elsewhere.err.starts_with("DENY"), "{elsewhere:?}");
}

#[test]
fn a_verdict_that_cannot_be_handed_over_is_no_verdict() {
    let folder = folder();
    fs::create_dir(folder.path().join("taken")).unwrap();
    let outcome = run("check {}/app --output json={}/taken", folder.path());
    assert_eq!(outcome.status, 2, "{outcome:?}");
    assert!(outcome.err.contains("cannot be written"), "{}", outcome.err);
}

#[test]
fn combinations_that_cannot_be_meant_are_refused_with_the_reason() {
    let folder = folder();
    for (line, reason) in [
        ("check {}/app --config c --policy p", "`--policy` is refused with `--config`"),
        ("check {}/app --config c --data p", "`--data` is refused with `--config`"),
        ("check {}/app --config c --key p", "`--key` is refused with `--config`"),
        ("check {}/app --config c --allow-unsigned scan", "`--allow-unsigned` is refused"),
        ("check {}/app --environment production", "without `--config`"),
        (
            "check {}/app --effective-time 2026-01-01T00:00:00Z --attestation-output {}/a",
            "`--effective-time` is refused with `--attestation-output`",
        ),
        ("check {}/app --attestation-output {}/a", "needs a key"),
        ("check {}/app --signing-key {}/k", "signs nothing without"),
        ("check {}/app --certificate-identity a", "--certificate-oidc-issuer"),
        ("check {}/app --output text --output json", "`--output` names stdout twice"),
        ("verify bundle --bundle {}/app {}/app", "say who signs"),
        ("verify bundle --bundle {}/app --key k --certificate-identity a {}/app", "give one"),
    ] {
        let outcome = run(line, folder.path());
        assert_eq!(outcome.status, 2, "{line}: {outcome:?}");
        assert!(outcome.err.contains(reason), "{line}: {}", outcome.err);
        assert!(outcome.out.is_empty(), "{line}: {}", outcome.out);
    }
}

#[test]
fn what_clap_refuses_is_talk_and_what_was_asked_for_is_data() {
    let unknown = gate(&["check", "--no-such-flag"]);
    assert_eq!((unknown.status, unknown.out.as_str()), (2, ""));
    assert!(unknown.err.contains("--no-such-flag"));
    let version = gate(&["--version"]);
    assert_eq!((version.status, version.err.as_str()), (0, ""));
    assert!(version.out.starts_with("gate "));
    for shell in ["bash", "zsh", "fish"] {
        let script = gate(&["completions", shell]);
        assert!(script.status == 0 && script.out.contains("verify"), "{shell}");
    }
}

#[test]
fn a_check_signs_what_it_decided() {
    let folder = folder();
    assert_eq!(run("keys new {}/k.pem", folder.path()).status, 0);
    let again = run("keys new {}/k.pem", folder.path());
    assert_eq!(again.status, 2, "a key is never overwritten");
    let public = run("keys show {}/k.pem", folder.path());
    fs::write(folder.path().join("k.pub"), public.out).unwrap();
    let line = "check {}/app --policy {}/policy --signing-key {}/k.pem --attestation-output {}/vsa";
    assert_eq!(run(line, folder.path()).status, 1);
    let verify = "verify bundle --bundle {}/vsa --key {}/k.pub {}/app";
    let accepted = run(verify, folder.path());
    assert_eq!(accepted.status, 0, "{accepted:?}");
    assert!(accepted.out.contains("https://slsa.dev/verification_summary/v1"), "{}", accepted.out);
    fs::write(folder.path().join("app"), "another application\n").unwrap();
    assert_eq!(run(verify, folder.path()).status, 1);
    assert_eq!(run("verify bundle --bundle {}/no --key {}/k.pub {}/app", folder.path()).status, 2);
    assert_eq!(run("verify bundle --bundle {}/app --key {}/k.pub {}/app", folder.path()).status, 1);
    assert_eq!(run("verify bundle --bundle {}/vsa --key {}/app {}/app", folder.path()).status, 1);
}

#[test]
fn an_approval_by_the_builds_key_does_not_count() {
    let folder = folder();
    run("keys new {}/k.pem", folder.path());
    let public = run("keys show {}/k.pem", folder.path());
    fs::write(folder.path().join("k.pub"), public.out).unwrap();
    let line =
        "approve {}/app --environment default --key {}/k.pem --valid-for 1d --output-file {}/a";
    let approved = run(line, folder.path());
    assert_eq!(approved.status, 0, "{approved:?}");
    let seen = run("evidence inspect {}/a", folder.path());
    assert_eq!(seen.status, 0, "{seen:?}");
    assert!(seen.out.contains("approval"), "{}", seen.out);
    let line = "check {}/app --policy {}/policy --evidence {}/a --key {}/k.pub";
    let outcome = run(line, folder.path());
    assert!(outcome.out.contains("signer-not-trusted"), "{}", outcome.out);
}

#[test]
fn an_approval_that_has_ended_is_not_given() {
    let folder = folder();
    run("keys new {}/k.pem", folder.path());
    let line = "approve {}/app --environment e --key {}/k.pem --expires 2026-11-23T08:00:00Z";
    let refused = run(line, folder.path());
    assert_eq!(refused.status, 2, "{refused:?}");
    assert!(refused.out.is_empty());
}

#[test]
fn evidence_that_is_unknown_or_absent_has_its_own_status() {
    let folder = folder();
    let unknown = run("evidence inspect {}/app", folder.path());
    assert_eq!(unknown.status, 1, "{unknown:?}");
    assert!(unknown.out.starts_with("NOT READ"), "{}", unknown.out);
    let absent = run("evidence inspect {}/absent", folder.path());
    assert_eq!((absent.status, absent.out.as_str()), (2, ""));
}

#[test]
fn a_configuration_is_explained_or_its_fault_is_placed() {
    let folder = folder();
    fs::write(
        folder.path().join("gate.yaml"),
        "version: 1\nenvironments:\n  production:\n    policy: [policy]\n    mode: warn\n",
    )
    .unwrap();
    let valid = run("config check {}/gate.yaml", folder.path());
    assert_eq!(valid.status, 0, "{valid:?}");
    for text in ["VALID", "production (mode warn)", "1 in demo", "sbom-missing asks for sbom"] {
        assert!(valid.out.contains(text), "{text}: {}", valid.out);
    }
    fs::write(folder.path().join("gate.yaml"), "version: 1\nenvironment: {}\n").unwrap();
    let invalid = run("config check {}/gate.yaml", folder.path());
    assert_eq!(invalid.status, 1, "{invalid:?}");
    assert!(invalid.out.contains("environment"), "{}", invalid.out);
    assert_eq!(run("config check {}/absent.yaml", folder.path()).status, 2);
    let schema = gate(&["config", "check", "--schema"]);
    assert!(schema.out.contains("\"$schema\""), "{}", schema.out);
}

#[test]
fn policies_are_evaluated_and_tested() {
    let folder = folder();
    fs::write(folder.path().join("input.json"), r#"{"sbom": []}"#).unwrap();
    let line = "policy eval -d {}/policy -i {}/input.json --format raw count(data.demo.deny)";
    let outcome = run(line, folder.path());
    assert_eq!((outcome.status, outcome.out.as_str()), (0, "1\n"), "{outcome:?}");
    let broken = run("policy eval -d {}/absent true", folder.path());
    assert_eq!(broken.status, 2);
    assert!(broken.out.contains("\"errors\""), "{broken:?}");
    let none = run("policy test {}/policy", folder.path());
    assert_eq!(none.status, 1, "a run without tests passes nothing: {none:?}");
    let test = "package demo_test\n\nimport data.demo\n\n\
                test_missing if count(demo.deny) == 1 with input.sbom as []\n";
    fs::write(folder.path().join("policy/demo_test.rego"), test).unwrap();
    let passed = run("policy test --coverage --threshold 100 {}/policy", folder.path());
    assert_eq!(passed.status, 0, "{passed:?}");
    assert!(passed.out.contains("PASS: 1/1"), "{}", passed.out);
}

#[test]
fn the_conformance_suite_is_judged_through_the_command_line() {
    const IDENTITY: &str = "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main";
    const ISSUER: &str = "https://token.actions.githubusercontent.com";
    let Some(data) = std::env::var_os("GATE_CONFORMANCE_DATA") else {
        println!("not run: GATE_CONFORMANCE_DATA is not set");
        return;
    };
    let suite = PathBuf::from(data).join("sigstore-bundles/sigstore-conformance");
    let mut judged = 0;
    for case in fs::read_dir(suite.join("bundle-verify")).unwrap() {
        let case = case.unwrap().path();
        if !case.is_dir() {
            continue;
        }
        let file = |name: &str| Some(case.join(name)).filter(|path| path.exists());
        let text = |name: &str, default: &str| {
            let found = file(name).map(|path| fs::read_to_string(path).unwrap().trim().to_owned());
            found.unwrap_or_else(|| default.to_owned())
        };
        let path = |path: PathBuf| path.to_str().unwrap().to_owned();
        let mut line = vec!["verify".to_owned(), "bundle".to_owned(), "--bundle".to_owned()];
        line.push(path(case.join("bundle.sigstore.json")));
        if let Some(root) = file("trusted_root.json") {
            line.extend(["--trusted-root".to_owned(), path(root)]);
        }
        match file("key.pub") {
            Some(key) => line.extend(["--key".to_owned(), path(key)]),
            None => line.extend([
                "--certificate-identity".to_owned(),
                text("identity", IDENTITY),
                "--certificate-oidc-issuer".to_owned(),
                text("issuer", ISSUER),
            ]),
        }
        line.push(path(file("artifact").unwrap_or_else(|| suite.join("a.txt"))));
        let outcome = gate(&line);
        let name = case.file_name().unwrap().to_str().unwrap().to_owned();
        assert_eq!(outcome.status, u8::from(name.ends_with("_fail")), "{name}: {outcome:?}");
        judged += 1;
    }
    assert!(judged >= 40, "{judged} cases");
}

/// A gate of its own: keys, configuration and, after a promotion, a store.
fn shop() -> tempfile::TempDir {
    let folder = folder();
    for (line, public) in [
        ("keys new {}/gate.pem", "gate.pub"),
        ("keys new --ledger gate.example/t {}/ledger.pem", "ledger.vkey"),
    ] {
        let made = run(line, folder.path());
        assert_eq!(made.status, 0, "{made:?}");
        fs::write(folder.path().join(public), made.out).unwrap();
    }
    let config = "version: 1\nstore: gate.db\nsigning_key: gate.pem\n\
                  ledger: { key: ledger.pem, origin: gate.example/t }\n\
                  environments:\n  production:\n    policy: [policy]\n    allow_unsigned: [sbom]\n";
    fs::write(folder.path().join("gate.yaml"), config).unwrap();
    folder
}

#[test]
fn a_promotion_is_recorded_explained_and_verified_without_the_gate() {
    let folder = shop();
    let line = "promote {}/app --config {}/gate.yaml --receipt-output {}/receipt.json \
                --attestation-output {}/vsa.json";
    let denied = run(line, folder.path());
    assert_eq!(denied.status, 1, "a deny is recorded too: {denied:?}");
    assert!(denied.out.contains("entry 0 of gate.example/t, now of 1"), "{}", denied.out);
    let verify = "verify receipt --key {}/gate.pub --ledger-key {}/ledger.vkey {}/receipt.json";
    let accepted = run(verify, folder.path());
    assert_eq!(accepted.status, 0, "{accepted:?}");
    let vsa = run("verify bundle --bundle {}/vsa.json --key {}/gate.pub {}/app", folder.path());
    assert_eq!(vsa.status, 0, "{vsa:?}");

    let receipt = fs::read_to_string(folder.path().join("receipt.json")).unwrap();
    let id = serde_json::from_str::<serde_json::Value>(&receipt).unwrap()["id"].clone();
    let explain = format!("explain {} --store {{}}/gate.db", id.as_str().unwrap());
    let told = run(&explain, folder.path());
    assert_eq!(told.status, 0, "{told:?}");
    for text in ["DENY", "sbom-missing", "entry 0 of the ledger", "local:"] {
        assert!(told.out.contains(text), "{text}: {}", told.out);
    }
    let line =
        "ledger verify --store {}/gate.db --ledger-key {}/ledger.vkey --against {}/receipt.json";
    let intact = run(line, folder.path());
    assert_eq!(intact.status, 0, "{intact:?}");
    assert!(intact.out.starts_with("INTACT\n  entries      1\n"), "{}", intact.out);
    let other = run("keys new --ledger gate.example/t {}/other.pem", folder.path()).out;
    let line = format!("ledger verify --store {{}}/gate.db --ledger-key {}", other.trim());
    assert_eq!(run(&line, folder.path()).status, 1, "another key has signed nothing here");
    let line = "ledger verify --store {}/absent.db --ledger-key {}/ledger.vkey";
    assert_eq!(run(line, folder.path()).status, 2);

    fs::write(folder.path().join("receipt.json"), receipt.replace("deny", "allow")).unwrap();
    let forged = run(verify, folder.path());
    assert_eq!(forged.status, 1, "{forged:?}");
    assert!(forged.out.starts_with("NOT ACCEPTED"), "{}", forged.out);
}

#[test]
fn a_record_takes_no_policy_trust_or_time_from_its_caller() {
    let folder = shop();
    for flag in [
        "--effective-time=2026-01-01T00:00:00Z",
        "--policy=p",
        "--data=p",
        "--allow-unsigned=scan",
        "--key=k",
        "--certificate-identity=a",
        "--certificate-identity-regexp=a",
        "--certificate-oidc-issuer=a",
        "--certificate-oidc-issuer-regexp=a",
        "--trusted-root=r",
        "--signing-key=k",
    ] {
        let refused =
            run(&format!("promote {{}}/app --config {{}}/gate.yaml {flag}"), folder.path());
        assert_eq!(refused.status, 2, "{flag}: {refused:?}");
        assert!(refused.err.contains("`gate promote` refuses"), "{flag}: {}", refused.err);
        assert!(!folder.path().join("gate.db").exists(), "{flag}: nothing is recorded");
    }
    for (line, reason) in [
        ("promote {}/app", "needs `--config`"),
        ("promote {}/app --config {}/gate.yaml --idempotency-key k", "is for `--server`"),
        ("promote {}/app --server https://127.0.0.1:1", "needs `--environment`"),
        ("promote {}/app --server https://127.0.0.1:1 --config c --environment e", "has its own"),
        ("promote {}/app --server http://gate.example --token t --environment e", "in clear"),
    ] {
        let refused = run(line, folder.path());
        assert_eq!(refused.status, 2, "{line}: {refused:?}");
        assert!(refused.err.contains(reason), "{line}: {}", refused.err);
    }
}

#[test]
fn a_store_that_is_held_or_absent_gives_no_verdict() {
    let folder = shop();
    let absent = run("explain sha256:aa --store {}/gate.db", folder.path());
    assert_eq!(absent.status, 2);
    assert_eq!(run("promote {}/app --config {}/gate.yaml", folder.path()).status, 1);
    let unknown = format!("explain sha256:{} --store {{}}/gate.db", "0".repeat(64));
    let unknown = run(&unknown, folder.path());
    assert_eq!(unknown.status, 2);
    assert!(unknown.err.contains("not-found"), "{}", unknown.err);
    let key = gate_io::keys::LedgerKey::load(&folder.path().join("ledger.pem"), "gate.example/t");
    let held = gate_io::store::Store::open(
        &folder.path().join("gate.db"),
        std::sync::Arc::new(key.unwrap()),
    );
    let refused = run("promote {}/app --config {}/gate.yaml", folder.path());
    assert_eq!(refused.status, 2, "{refused:?}");
    assert!(refused.err.contains("store-in-use"), "{}", refused.err);
    drop(held);
}

#[test]
fn a_receipt_that_has_no_place_is_told_to_be_recorded() {
    let folder = shop();
    fs::create_dir(folder.path().join("taken")).unwrap();
    let line = "promote {}/app --config {}/gate.yaml --receipt-output {}/taken";
    let outcome = run(line, folder.path());
    assert_eq!(outcome.status, 2, "{outcome:?}");
    assert!(outcome.err.contains("the promotion is recorded: decision sha256:"), "{outcome:?}");
}
