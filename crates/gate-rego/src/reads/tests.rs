//! Reads are found in every place that a rule may stand in, and nowhere else.

use super::{InputKey, InputRead};
use crate::{Module, Policy, Value};

fn reads(body: &str) -> Vec<String> {
    let source = format!("package a\nimport input.top as imported\n{body}\n");
    let policy = Policy::compile(&[Module::new("a.rego", source)], Value::object(vec![]));
    policy.unwrap().input_reads().iter().map(written).collect()
}

fn written(read: &InputRead) -> String {
    let part = |key: &InputKey| match key {
        InputKey::Field(name) => format!(".{name}"),
        InputKey::Index => "[0]".to_owned(),
        InputKey::Any => "[]".to_owned(),
    };
    read.parts.iter().map(|it| part(&it.key)).collect()
}

#[test]
fn references_are_found_wherever_they_stand() {
    for (body, expected) in [
        ("p if input.a.b[0][_].c == 1", vec![".a.b[0][].c"]),
        ("p := input.a if true", vec![".a"]),
        ("p contains x if x := input[\"a b\"]", vec![".a b"]),
        ("p if { x := input.a; x.b }", vec![".a", ".a.b"]),
        ("p if { x = input.a; x.b }", vec![".a", ".a.b"]),
        ("p if { some x in input.a; x.b }", vec![".a", ".a[].b"]),
        ("p if every k, v in input.a { v.b == k }", vec![".a", ".a[].b"]),
        ("p := [x.b | x := input.a[_]]", vec![".a[]", ".a[].b"]),
        ("p if not input.a.b", vec![".a.b"]),
        ("p if imported.b", vec![".top.b"]),
        ("p := 1 if { input.a } else := 2 if { input.b }", vec![".a", ".b"]),
        ("p if count({y | y := input.a[_]; y.c}) > 0", vec![".a[]", ".a[].c"]),
        ("p if input.a[input.b]", vec![".a[]", ".b"]),
    ] {
        assert_eq!(reads(body), expected, "{body}");
    }
}

#[test]
fn other_documents_are_no_reads() {
    for body in [
        "f(x) := x.b",
        "q := {\"b\": 1}\np if q.b",
        "p if { x := {\"b\": 1}; x.b }",
        "q if input.a == 1\np if q with input as {\"a\": 1}",
    ] {
        assert!(reads(body).iter().all(|read| read == ".a"), "{body}");
    }
    assert_eq!(reads("p if { input.b.c with input as {\"b\": 1} }"), Vec::<String>::new());
}
