//! OPA's REST API over the real router.

use axum::body::Body;
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::testgate::{ALL, Answer, READ, TestGate, callers, request, write};

const POLICY: &str = r#"package shop.access

default allow := false

allow if input.user == "ann"

greeting := sprintf("hi <%s>", [input.user])

broken := 1 / input.by
"#;

/// A gate with the section, and with the rights `query` and `data` for the token that may all.
pub(crate) fn gate(lines: &str) -> TestGate {
    let gate = TestGate::new();
    std::fs::create_dir_all(gate.path("opa")).unwrap();
    std::fs::write(gate.path("opa/access.rego"), POLICY).unwrap();
    std::fs::write(gate.path("opa/system.rego"), "package system\n\nmain := input.x\n").unwrap();
    std::fs::write(gate.path("opa/data.json"), r#"{"servers": [{"id": "s1"}]}"#).unwrap();
    configure(&gate, lines);
    gate
}

fn configure(gate: &TestGate, lines: &str) {
    let rights = callers().replace("promote]", "promote, query, data]");
    write(&gate.folder, &rights);
    let path = gate.path("gate.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{text}opa:\n  policy: [opa]\n{lines}")).unwrap();
    gate_server::reload::reload(&gate.gate).unwrap();
}

fn send(gate: &TestGate, method: &str, path: &str, body: &str) -> Answer {
    gate.send(request(method, path, ALL).body(Body::from(body.to_owned())).unwrap())
}

fn text(answer: &Answer) -> String {
    String::from_utf8(answer.bytes.clone()).unwrap()
}

fn fault(answer: &Answer) -> (u16, String, String) {
    let body = answer.json();
    let word = |name: &str| body[name].as_str().unwrap().to_owned();
    (answer.status.as_u16(), word("code"), word("message"))
}

#[test]
fn documents_have_opas_bytes() {
    let gate = gate("");
    let get = |path: &str| text(&send(&gate, "GET", path, ""));
    assert_eq!(get("/v1/data/servers/0/id"), "{\"result\":\"s1\"}\n");
    assert_eq!(get("/v1/data/none"), "{}\n");
    assert_eq!(
        get("/v1/data/servers/0?pretty"),
        "{\n  \"result\": {\n    \"id\": \"s1\"\n  }\n}\n"
    );
    assert_eq!(
        get("/v1/data/shop/access/allow?input=%7B%22user%22:%22ann%22%7D"),
        "{\"result\":true}\n"
    );
    let post = |path: &str, body: &str| text(&send(&gate, "POST", path, body));
    assert_eq!(
        post("/v1/data/shop/access/greeting", r#"{"input": {"user": "a&b"}}"#),
        "{\"result\":\"hi \\u003ca\\u0026b\\u003e\"}\n"
    );
    assert_eq!(
        post("/v1/data/shop/access/allow", r#"{"user": "ann"}"#),
        "{\"result\":false,\"warning\":{\"code\":\"api_usage_warning\",\
         \"message\":\"'input' key missing from the request\"}}\n"
    );
    assert_eq!(post("/v0/data/shop/access/allow", r#"{"user": "ann"}"#), "true\n");
    assert_eq!(post("/", r#"{"x": [3]}"#), "[3]\n");
    assert_eq!(
        get("/v1/query?q=data.servers%5Bi%5D.id=x"),
        "{\"result\":[{\"i\":0,\"x\":\"s1\"}]}\n"
    );
    assert_eq!(
        post("/v1/query", r#"{"query": "input.x = y", "input": {"x": 1}}"#),
        "{\"result\":[{\"y\":1}]}\n"
    );
    assert_eq!(get("/health"), "{}\n");
}

#[test]
fn errors_have_opas_form() {
    let gate = gate("");
    let malformed = fault(&send(&gate, "POST", "/v1/data/shop", "{"));
    let message = "body contains malformed input document: unexpected EOF".to_owned();
    assert_eq!(malformed, (400, "invalid_parameter".to_owned(), message));
    let undefined = fault(&send(&gate, "POST", "/v0/data/shop/access/broken", r#"{"by": 0}"#));
    let message = "document undefined: data.shop.access.broken".to_owned();
    assert_eq!(undefined, (404, "undefined_document".to_owned(), message));
    let path = "/v1/data/shop/access/broken?strict-builtin-errors";
    let strict = send(&gate, "POST", path, r#"{"input": {"by": 0}}"#);
    assert_eq!(fault(&strict).0, 500);
    assert_eq!(strict.json()["errors"][0]["message"], "div: divide by zero");
    let query = send(&gate, "GET", "/v1/query?q=x%20:=", "");
    assert_eq!(query.json()["errors"][0]["code"], "rego_parse_error");
    let none = send(&gate, "GET", "/v1/query", "");
    assert_eq!(fault(&none).2, "missing parameter 'q'");
    assert_eq!(send(&gate, "PUT", "/v0/data/x", "1").status, StatusCode::METHOD_NOT_ALLOWED);
}

#[test]
fn what_was_not_asked_is_not_said_and_what_was_is() {
    let gate = gate("  decision_ids: true\n");
    let plain = send(&gate, "GET", "/v1/data/servers", "").json();
    assert_eq!(plain.as_object().unwrap().len(), 2);
    let id = plain["decision_id"].as_str().unwrap();
    assert_eq!((id.len(), &id[14..15]), (36, "4"));
    let full = send(&gate, "GET", "/v1/data/servers?metrics&provenance", "").json();
    assert!(full["metrics"]["timer_server_handler_ns"].as_u64().is_some_and(|ns| ns > 0));
    assert_eq!(full["provenance"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(send(&gate, "GET", "/v1/data/servers?explain=full", "").status, 400);
}

#[test]
fn without_the_section_there_are_no_such_paths() {
    let gate = TestGate::new();
    for (method, path) in
        [("GET", "/v1/data/x"), ("POST", "/v0/data/x"), ("POST", "/"), ("GET", "/health")]
    {
        let answer = send(&gate, method, path, "{}");
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (404, "route-unknown"),
            "{path}"
        );
    }
}

#[test]
fn a_caller_needs_the_right() {
    let gate = gate("  write: true\n");
    let get = |token| gate.get("/v1/data/servers", token);
    assert_eq!(fault(&get("")).1, "unauthorized");
    assert_eq!(fault(&get("nobody's")).0, 401);
    assert_eq!(fault(&get(READ)).0, 403);
    let put = request("PUT", "/v1/data/x", READ).body(Body::from("1")).unwrap();
    assert_eq!(fault(&gate.send(put)).0, 403);
    assert_eq!(gate.get("/health", "").status, StatusCode::OK);
}

#[test]
fn nobody_changes_what_the_configuration_does_not_let_them() {
    let gate = gate("");
    for (method, path) in [
        ("PUT", "/v1/data/x"),
        ("PATCH", "/v1/data/x"),
        ("DELETE", "/v1/data/servers"),
        ("PUT", "/v1/policies/x"),
        ("DELETE", "/v1/policies/access.rego"),
    ] {
        assert_eq!(fault(&send(&gate, method, path, "{}")).0, 403, "{method} {path}");
    }
    assert_eq!(send(&gate, "GET", "/v1/data/x", "").json(), json!({}));
}

#[test]
fn changes_are_seen_and_outlast_a_reload_of_the_same_files() {
    let gate = gate("  write: true\n");
    assert_eq!(send(&gate, "PUT", "/v1/data/fresh/a", "[1.50]").status, 204);
    let patch = r#"[{"op": "add", "path": "/a/-", "value": 2}]"#;
    assert_eq!(send(&gate, "PATCH", "/v1/data/fresh", patch).status, 204);
    assert_eq!(text(&send(&gate, "GET", "/v1/data/fresh", "")), "{\"result\":{\"a\":[1.50,2]}}\n");
    let only_new = request("PUT", "/v1/data/fresh", ALL).header("if-none-match", "*");
    assert_eq!(gate.send(only_new.body(Body::from("1")).unwrap()).status, 304);
    let module = "package n\n\nx := count(data.fresh.a)";
    assert_eq!(text(&send(&gate, "PUT", "/v1/policies/n/m.rego", module)), "{}\n");
    gate_server::reload::reload(&gate.gate).unwrap();
    assert_eq!(send(&gate, "GET", "/v1/data/n/x", "").json(), json!({"result": 2}));
    let listed = send(&gate, "GET", "/v1/policies", "").json();
    let ids: Vec<_> = listed["result"].as_array().unwrap().iter().map(|it| &it["id"]).collect();
    assert_eq!(ids, ["access.rego", "n/m.rego", "system.rego"]);
    assert_eq!(send(&gate, "DELETE", "/v1/policies/n/m.rego", "").json(), json!({}));
    assert_eq!(fault(&send(&gate, "GET", "/v1/policies/n/m.rego", "")).1, "resource_not_found");
    assert_eq!(send(&gate, "DELETE", "/v1/data/fresh", "").status, 204);
    assert_eq!(fault(&send(&gate, "DELETE", "/v1/data/fresh", "")).0, 404);
    let refused = send(&gate, "PUT", "/v1/policies/n", "package n\n\nx := y");
    assert_eq!(refused.json()["errors"][0]["message"], "var y is unsafe");
    // Other files are another beginning.
    assert_eq!(send(&gate, "PUT", "/v1/data/fresh", "1").status, 204);
    std::fs::write(gate.path("opa/data.json"), r#"{"servers": []}"#).unwrap();
    gate_server::reload::reload(&gate.gate).unwrap();
    let all: Value = send(&gate, "GET", "/v1/data/fresh", "").json();
    assert_eq!(all, json!({}));
}

#[test]
fn a_policy_that_does_not_compile_leaves_the_old_configuration_in_force() {
    let gate = gate("");
    std::fs::write(gate.path("opa/access.rego"), "package shop.access\n\nallow := x").unwrap();
    assert!(gate_server::reload::reload(&gate.gate).is_err());
    assert_eq!(
        send(&gate, "GET", "/v1/data/shop/access/allow", "").json(),
        json!({"result": false})
    );
}

#[test]
fn an_endless_question_ends() {
    let gate = gate("  query_ms: 50\n");
    let query = r#"{"query": "count([x | numbers.range(1, 1000)[i]; numbers.range(1, 1000)[j]; numbers.range(1, 1000)[k]; x = i + j + k]) == 0"}"#;
    let answer = send(&gate, "POST", "/v1/query", query);
    assert_eq!(fault(&answer).1, "internal_error");
}
