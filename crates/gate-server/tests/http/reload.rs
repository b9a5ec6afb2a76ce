//! Reload: what loads is in force for the next request, what does not leaves the old one.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use gate_server::reload::reload;
use gate_server::trial::{self, Trial};

use crate::testgate::{ALL, IMAGE, TestGate, asked, callers, write};

const DENY: &str = "package test.gate\n\nimport rego.v1\n\ndeny contains {\"rule\": \"closed\", \"detail\": {}} if input.object == null\n";

#[test]
fn a_changed_policy_is_in_force_after_a_reload() {
    let gate = TestGate::new();
    let verdict = || {
        let answer = gate.post("/v1/decisions", ALL, &asked(IMAGE, "production")).json();
        answer["decision"]["verdict"].as_str().unwrap().to_owned()
    };
    assert_eq!(verdict(), "allow");
    std::fs::write(gate.path("policies/gate.rego"), DENY).unwrap();
    assert_eq!(verdict(), "allow");
    reload(&gate.gate).unwrap();
    assert_eq!(verdict(), "deny");
}

#[test]
fn what_does_not_load_leaves_the_old_configuration_and_says_so() {
    let gate = TestGate::new();
    for (file, text) in [
        ("policies/gate.rego", "package test.gate\n\ndeny contains {"),
        ("gate.yaml", "version: 1\nunknown: true\n"),
        ("gate.pem", "no key"),
    ] {
        let before = std::fs::read(gate.path(file)).unwrap();
        std::fs::write(gate.path(file), text).unwrap();
        assert!(reload(&gate.gate).is_err(), "{file}");
        let answer = gate.post("/v1/decisions", ALL, &asked(IMAGE, "production")).json();
        assert_eq!(answer["decision"]["verdict"], "allow", "{file}");
        let ready = gate.get("/readyz", "").json();
        assert_eq!(ready["ready"], true);
        assert!(ready["configuration"].is_string(), "{ready}");
        std::fs::write(gate.path(file), before).unwrap();
        reload(&gate.gate).unwrap();
        assert!(gate.get("/readyz", "").json()["configuration"].is_null());
    }
    let metrics = String::from_utf8(gate.get("/metrics", ALL).bytes).unwrap();
    assert!(
        metrics.contains(r#"gate_configuration_reloads_total{result="refused"} 3"#),
        "{metrics}"
    );
}

#[test]
fn a_reload_that_drops_every_token_does_not_open_a_public_server() {
    let gate = TestGate::new();
    write(&gate.folder, "");
    gate.gate.publish(true);
    assert!(reload(&gate.gate).is_err());
    let answer = gate.post("/v1/promotions", "", &asked(IMAGE, "production"));
    assert_eq!(answer.code(), "unauthorized");
    write(&gate.folder, &callers());
    reload(&gate.gate).unwrap();
}

/// What a trial by this script ends in.
fn tried_by(script: &str, patience: Duration) -> String {
    let gate = TestGate::new();
    let program = gate.path("trial");
    std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let trial = Trial { program, store: None, patience };
    let Err(error) = trial::load(Some(&trial), &gate.path("gate.yaml")) else { panic!() };
    error.message
}

#[test]
fn what_kills_its_trial_is_not_loaded() {
    let told = tried_by("kill -SEGV $$", trial::TIME);
    assert!(told.contains("signal 11"), "{told}");
}

#[test]
fn a_trial_that_falls_silent_and_does_not_end_is_killed() {
    let told = tried_by("exec 2>&-; exec tail -f /dev/null", Duration::from_millis(200));
    assert!(told.contains("signal 9"), "{told}");
}

#[test]
fn a_trial_that_talks_without_end_does_not_hang_and_its_complaint_is_found_among_the_log() {
    let told = tried_by("head -c 1000000 /dev/zero | tr '\\0' 'x' >&2; exit 2", trial::TIME);
    assert!(told.contains("did not say why"), "{told}");
    let told = tried_by(
        "echo '{\"level\":\"WARN\"}' >&2; echo 'gate-server: no good' >&2; exit 2",
        trial::TIME,
    );
    assert_eq!(told, "no good");
}

#[test]
fn a_policy_that_cannot_judge_what_was_recorded_is_not_loaded() {
    let gate = TestGate::new();
    assert_eq!(gate.post("/v1/promotions", ALL, &asked(IMAGE, "production")).status, 200);
    let endless = "package test.gate\n\nimport rego.v1\n\ndeny contains {\"rule\": \"r\", \"detail\": {}} if {\n\
        input.subject.digest != \"sha256:00\"\n\tsome a in numbers.range(1, 100000)\n\t\
        some b in numbers.range(1, 100000)\n\ta + b == 0\n}\n";
    std::fs::write(gate.path("policies/gate.rego"), endless).unwrap();
    let trial = Trial {
        program: env!("CARGO_BIN_EXE_gate-server").into(),
        store: Some(gate.path("gate.db")),
        patience: trial::TIME,
    };
    let Err(error) = trial::load(Some(&trial), &gate.path("gate.yaml")) else { panic!() };
    assert!(error.message.contains("judged again: policy-timeout"), "{error}");
    std::fs::write(gate.path("policies/gate.rego"), DENY).unwrap();
    assert!(trial::load(Some(&trial), &gate.path("gate.yaml")).is_ok());
}
