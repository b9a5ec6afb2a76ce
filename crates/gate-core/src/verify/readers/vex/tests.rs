//! Documents that are told apart, and those that break their format's rules.

use serde_json::{Value, json};

use super::*;
use crate::facts::VexStatus;
use crate::verify::inspect;

fn places(document: &Value) -> Vec<(String, String)> {
    let inspection = inspect(document.to_string().as_bytes());
    inspection.problems.into_iter().map(|it| (it.place, it.detail)).collect()
}

fn format(document: &Value) -> Option<String> {
    let inspection = inspect(document.to_string().as_bytes());
    inspection.format.or(inspection.form)
}

#[test]
fn the_content_tells_the_format() {
    let openvex = json!({"@context": "https://openvex.dev/ns", "author": "a", "statements": []});
    assert_eq!(format(&openvex).as_deref(), Some("openvex"));
    for (document, name) in [
        (json!({"@context": "https://openvex.dev/nsx", "statements": []}), None),
        (json!({"document": {}, "product_tree": {}}), Some("csaf")),
        (json!({"document": {}, "other": 1}), None),
        (
            json!({
                "bomFormat": "CycloneDX", "specVersion": "1.4", "version": 1,
                "vulnerabilities": [{"id": "CVE-1", "analysis": {"state": "in_triage"}}],
            }),
            Some("cyclonedx-vex"),
        ),
        (
            json!({
                "bomFormat": "CycloneDX", "specVersion": "1.4", "version": 1, "vulnerabilities": [{"id": "CVE-1"}],
            }),
            Some("cyclonedx"),
        ),
        (
            json!({"bomFormat": "CycloneDX", "specVersion": "1.4", "version": 1, "components": [], "vulnerabilities": []}),
            Some("cyclonedx"),
        ),
    ] {
        assert_eq!(format(&document).as_deref(), name, "{document}");
    }
}

#[test]
fn the_yaml_of_the_first_tools_is_read() {
    let text = "---\nformat: vex_attestation\nauthor: a\ntimestamp: \"2026-11-20T00:00:00Z\"\n\
        statements:\n  - vulnerability:\n      name: CVE-2026-0001\n      aliases: [DSA-1]\n    \
        status: not_affected\n    justification: component_not_present\n";
    let read = Format::OpenVexYaml.read(text.as_bytes()).unwrap();
    let Reading::Vex(claim) = read.reading else { panic!("VEX") };
    assert_eq!(claim.statements[0].ids, ["CVE-2026-0001", "DSA-1"]);
    assert_eq!(
        (claim.statements[0].status, claim.statements[0].flaw),
        (VexStatus::NotAffected, None)
    );
    assert_eq!(Format::detect(&Marks::Text(text)), Some(Format::OpenVexYaml));
    for other in [
        "statements:\nauthor: a\n",
        "format: vex_attestation\n",
        "format: x\nauthor: a\nstatements:\n",
    ] {
        assert_eq!(Format::detect(&Marks::Text(other)), None, "{other}");
    }
}

#[test]
fn each_break_of_openvex_is_told_at_its_place() {
    let document = json!({
        "@context": "https://openvex.dev/ns/v0.2.0", "author": "a", "timestamp": "yesterday",
        "statements": [
            {"vulnerability": {"name": "CVE-1"}, "products": [{"@id": "p"}], "status": "fine"},
            {"vulnerability": {"name": ""}, "products": [{"hashes": {"sha-256": "00"}}], "status": "fixed"},
            {"vulnerability": {"name": "CVE-1"}, "status": "not_affected", "justification": "because"},
        ],
    });
    let places: Vec<_> = places(&document).into_iter().map(|(place, _)| place).collect();
    assert_eq!(
        places,
        [
            "/timestamp",
            "/statements/0/status",
            "/statements/1/vulnerability",
            "/statements/1/products/0",
            "/statements/2/justification",
        ]
    );
}

#[test]
fn each_break_of_csaf_is_told_with_its_test() {
    let document = json!({
        "document": {
            "category": "csaf_vex", "csaf_version": "2.0", "title": "t", "lang": "qq",
            "publisher": {"category": "translator", "name": "n", "namespace": "https://n.example"},
            "tracking": {
                "id": "1", "status": "final", "version": "3", "current_release_date": "2026-11-20T00:00:00Z",
                "initial_release_date": "2026-11-20T00:00:00Z",
                "revision_history": [
                    {"date": "2026-11-18T00:00:00Z", "number": "1", "summary": "s"},
                    {"date": "2026-11-19T00:00:00Z", "number": "3", "summary": "s"},
                    {"date": "2026-11-20T00:00:00Z", "number": "2", "summary": "s"},
                ],
            },
        },
        "product_tree": {"full_product_names": [
            {"product_id": "a", "name": "a"}, {"product_id": "a", "name": "b"},
        ]},
        "vulnerabilities": [{
            "cve": "CVE-2026-0001",
            "product_status": {"known_not_affected": ["a"], "fixed": ["a", "gone"]},
        }],
    });
    let found: Vec<_> = places(&document);
    for (test, place) in [
        ("6.1.1", "/vulnerabilities/0/product_status/fixed/1"),
        ("6.1.2", "/product_tree/full_product_names/1/product_id"),
        ("6.1.6", "/vulnerabilities/0/product_status/known_not_affected"),
        ("6.1.12", "/document/lang"),
        ("6.1.14", "/document/tracking/revision_history/2/number"),
        ("6.1.15", "/document"),
        ("6.1.21", "/document/tracking/revision_history/1/number"),
        ("6.1.27.5", "/vulnerabilities/0"),
        ("6.1.27.9", "/vulnerabilities/0/product_status/known_not_affected/0"),
    ] {
        let named = format!("(CSAF test {test})");
        assert!(
            found.iter().any(|(at, detail)| at == place && detail.ends_with(&named)),
            "{test}: {found:#?}"
        );
    }
}
