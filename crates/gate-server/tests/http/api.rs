//! Decisions, evidence, health and who may ask for them.

use axum::body::Body;
use axum::http::StatusCode;

use crate::testgate::{ALL, BAD_IMAGE, ENDED, IMAGE, NOW, READ, TestGate, asked, post, request};

const JUNIT: &[u8] =
    br#"<testsuite name="shop" tests="1"><testcase name="a" classname="b"/></testsuite>"#;
/// An image that needs a test report.
const TESTED: &str = "sha256:3333333333333333333333333333333333333333333333333333333333333333";

#[test]
fn a_decision_is_answered_and_can_be_looked_up() {
    let gate = TestGate::new();
    for (image, verdict) in [(IMAGE, "allow"), (BAD_IMAGE, "deny")] {
        let answer = gate.post("/v1/decisions", ALL, &asked(image, "production"));
        assert_eq!(answer.status, StatusCode::OK);
        let answer = answer.json();
        assert_eq!(answer["decision"]["verdict"], verdict);
        assert_eq!(answer["decision"]["now"], "2026-11-23T08:00:00Z");
        assert!(answer["asked"].as_array().is_some_and(|asked| !asked.is_empty()), "{answer}");
    }
    let answer = gate.post("/v1/decisions", ALL, &asked(IMAGE, "production")).json();
    gate.settle();
    let path = format!("/v1/decisions/{}", answer["id"].as_str().unwrap());
    let found = gate.get(&path, READ).json();
    assert_eq!(found["decision"], answer["decision"]);
    assert_eq!(found["index"], serde_json::Value::Null);
}

#[test]
fn a_decision_of_an_environment_that_is_not_the_tokens_reads_as_absent() {
    let gate = TestGate::new();
    let answer = gate.post("/v1/decisions", ALL, &asked(IMAGE, "watched")).json();
    gate.settle();
    let path = format!("/v1/decisions/{}", answer["id"].as_str().unwrap());
    assert_eq!(gate.get(&path, ALL).status, StatusCode::OK);
    let refused = gate.get(&path, READ);
    assert_eq!((refused.status, refused.code()), (StatusCode::NOT_FOUND, "not-found".to_owned()));
    let absent = gate.get(&path.replace(path.rsplit(':').next().unwrap(), &"0".repeat(64)), READ);
    assert_eq!(absent.code(), "not-found");
}

#[test]
fn evidence_that_was_uploaded_counts_and_is_kept_once() {
    let gate = TestGate::new();
    let ask = || gate.post("/v1/decisions", ALL, &asked(TESTED, "production")).json();
    assert_eq!(ask()["decision"]["verdict"], "deny");
    assert_eq!(gate.upload(TESTED, JUNIT).status, StatusCode::CREATED);
    assert_eq!(gate.upload(TESTED, JUNIT).status, StatusCode::OK);
    assert_eq!(ask()["decision"]["verdict"], "allow");
    // Evidence of one subject is not evidence of another.
    let other = TESTED.replacen('3', "4", 1);
    let answer = gate.post("/v1/decisions", ALL, &asked(&other, "production")).json();
    assert_eq!(answer["decision"]["verdict"], "deny");
}

#[test]
fn who_has_not_the_right_is_forbidden() {
    let gate = TestGate::new();
    let digest = gate_core::Digest::of(JUNIT);
    let evidence = format!("/v1/subjects/{TESTED}/evidence/{digest}");
    let upload = request("PUT", &evidence, READ).body(Body::from(JUNIT)).unwrap();
    for answer in [
        gate.send(upload),
        gate.post("/v1/promotions", READ, &asked(IMAGE, "production")),
        gate.post("/v1/decisions", READ, &asked(IMAGE, "watched")),
        gate.post("/v1/decisions", READ, &asked(IMAGE, "there-is-none")),
    ] {
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert_eq!(answer.code(), "forbidden");
    }
}

#[test]
fn everything_but_health_and_description_asks_who_is_there() {
    let gate = TestGate::new();
    for path in ["/livez", "/readyz", "/openapi.json"] {
        assert_eq!(gate.get(path, "").status, StatusCode::OK, "{path}");
    }
    for (method, path) in [
        ("GET", "/metrics"),
        ("GET", "/"),
        ("GET", "/v1/decisions/sha256:0"),
        ("POST", "/v1/decisions"),
        ("POST", "/v1/promotions"),
        ("PUT", "/v1/subjects/a/evidence/b"),
        ("POST", "/admission/validate/production"),
        ("POST", "/livez/"),
    ] {
        for token in ["", "guessed", "token-of-c", "token-of-ci2"] {
            let answer = gate.send(request(method, path, token).body(Body::empty()).unwrap());
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method} {path}");
            assert_eq!(answer.headers["www-authenticate"], "Bearer");
            assert_eq!(answer.code(), "unauthorized");
        }
        let answer = gate.send(request(method, path, ENDED).body(Body::empty()).unwrap());
        assert_eq!(answer.code(), "token-ended", "{method} {path}");
    }
    gate.clock.set(NOW - 1);
    assert_eq!(gate.post("/v1/decisions", ENDED, &asked(IMAGE, "production")).status, 200);
}

#[test]
fn two_authorization_headers_are_refused() {
    let gate = TestGate::new();
    let mut twice = post("/v1/decisions", ALL, &asked(IMAGE, "production"));
    twice.headers_mut().append("authorization", "Bearer another".parse().unwrap());
    assert_eq!(gate.send(twice).code(), "unauthorized");
}

#[test]
fn a_gate_without_callers_answers_this_machine_alone() {
    let gate = TestGate::with("");
    let ask = |host: &str, origin: Option<&str>| {
        let mut request = post("/v1/promotions", "", &asked(IMAGE, "production"));
        request.headers_mut().insert("host", host.parse().unwrap());
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().unwrap());
        }
        gate.send(request)
    };
    let receipt = ask("127.0.0.1:8080", None).json();
    assert_eq!(receipt["leaf"]["asker"]["requester"], "anonymous@loopback");
    assert_eq!(ask("rebound.evil.example:8080", None).code(), "forbidden");
    assert_eq!(ask("127.0.0.1:8080", Some("https://evil.example")).code(), "forbidden");
}

#[test]
fn metrics_count_decisions_and_errors() {
    let gate = TestGate::new();
    gate.post("/v1/decisions", ALL, &asked(BAD_IMAGE, "production"));
    gate.post("/v1/decisions", "", &asked(BAD_IMAGE, "production"));
    let text = String::from_utf8(gate.get("/metrics", READ).bytes).unwrap();
    for line in [
        r#"gate_decisions_total{environment="production",door="decisions",verdict="deny"} 1"#,
        r#"gate_errors_total{code="unauthorized"} 1"#,
        r#"gate_request_seconds_count{route="/v1/decisions",status="200"} 1"#,
        "gate_configuration_current 1",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
}
