//! The description is generated from the handlers and kept as a snapshot.

use std::collections::BTreeSet;

use crate::testgate::TestGate;

#[test]
fn the_description_is_as_it_was() {
    let gate = TestGate::new();
    let served = gate.get("/openapi.json", "").json();
    let paths: BTreeSet<_> = served["paths"].as_object().unwrap().keys().cloned().collect();
    for path in ["/v1/decisions", "/v1/promotions", "/admission/validate/{environment}"] {
        assert!(paths.contains(path), "{path}");
    }
    let names = |path: &str, method: &str| -> Vec<_> {
        let parameters = served["paths"][path][method]["parameters"].as_array().unwrap();
        parameters.iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("/v1/promotions", "post"), ["idempotency-key"]);
    assert_eq!(names("/v1/subjects/{subject}/evidence/{digest}", "put"), ["subject", "digest"]);
    assert_eq!(names("/admission/validate/{environment}", "post"), ["environment", "timeout"]);
    insta::assert_json_snapshot!("openapi", served);
}
