//! Reload: what loads is in force for the next request, what does not leaves the old one.

use gate_server::reload::reload;

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
