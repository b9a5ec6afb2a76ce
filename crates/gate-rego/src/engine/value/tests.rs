//! Order, lookup, text forms and the freeing of deep values.

use std::collections::BTreeMap;

use serde::Serialize;

use super::object::Conflict;
use super::{NESTING, Object, Value, from};

fn json(text: &str) -> Value {
    Value::from_json(text).unwrap()
}

#[test]
fn types_are_ordered_as_in_opa() {
    let ascending = [
        Value::Null,
        json("false"),
        json("true"),
        json("-1"),
        json("2.5"),
        json("\"\""),
        json("\"a\""),
        json("[]"),
        json("[1]"),
        json("{}"),
        json("{\"a\": 1}"),
        json("{\"a\": 1, \"b\": 0}"),
        json("{\"a\": 2}"),
        Value::set(vec![]),
        Value::set(vec![json("1")]),
    ];
    assert!(ascending.is_sorted_by(|left, right| left < right), "{ascending:?}");
}

#[test]
fn sets_and_objects_are_sorted_without_duplicates() {
    let set = Value::set(vec![json("2"), json("1"), json("2.0"), json("\"x\"")]);
    assert_eq!(set.to_string(), r#"{1, 2, "x"}"#);
    let object = json(r#"{"b": 1, "a": 2, "b": 3}"#);
    assert_eq!(object.to_string(), r#"{"a": 2, "b": 3}"#);
    assert_eq!(object.field("b"), Some(&json("3")));
    assert_eq!(object.get(&json("\"c\"")), None);
}

#[test]
fn keys_are_found_by_value_in_any_form() {
    let object = Value::object(vec![(json("1"), json("\"one\"")), (json("[1]"), json("\"list\""))]);
    assert_eq!(object.get(&json("1.0")), Some(&json("\"one\"")));
    assert_eq!(object.get(&json("[1]")), Some(&json("\"list\"")));
    let array = json("[10, 20]");
    assert_eq!(array.get(&json("1.0")), Some(&json("20")));
    assert_eq!(array.get(&json("-1")), None);
    assert_eq!(array.get(&json("\"1\"")), None);
}

#[test]
fn one_key_with_two_values_is_a_conflict() {
    let entries = |values: [&str; 2]| values.map(|value| (json("\"k\""), json(value))).to_vec();
    assert!(Object::without_conflict(entries(["1", "1.0"])).is_ok());
    let conflict = Object::without_conflict(entries(["1", "2"])).err();
    assert_eq!(conflict, Some(Conflict { key: json("\"k\"") }));
}

#[test]
fn text_forms() {
    let value = Value::array(vec![
        Value::set(vec![]),
        Value::object(vec![]),
        json(r#""a\"\n\u0007é\u200b""#),
        json("1.10"),
    ]);
    assert_eq!(value.to_string(), "[set(), {}, \"a\\\"\\n\\aé\\u200b\", 1.10]");
    assert_eq!(value.to_json(), "[[],{},\"a\\\"\\n\\u0007é\u{200b}\",1.10]");
}

#[test]
fn keys_that_are_no_strings_become_json_text() {
    let object = Value::object(vec![
        (json("[1, \"x\"]"), json("1")),
        (json("2"), json("2")),
        (json("null"), json("3")),
        (json("\"2\""), json("4")),
    ]);
    assert_eq!(object.to_json(), r#"{"2":4,"[1,\"x\"]":1,"null":3}"#);
    assert_eq!(serde_json::to_string(&object).unwrap(), object.to_json());
}

#[test]
fn json_keeps_every_digit() {
    let text = r#"{"a":123456789012345678901234567890,"b":[1.10,-0]}"#;
    assert_eq!(json(text).to_json(), text);
    assert_eq!(serde_json::to_string(&json(text)).unwrap(), text);
    assert_eq!(from(&json(text)).unwrap().to_json(), text);
}

#[test]
fn json_escapes() {
    assert_eq!(json(r#""\ud83d\ude00\/""#).as_str(), Some("😀/"));
    assert_eq!(json(r#""\ud83dx\udc00""#).as_str(), Some("\u{fffd}x\u{fffd}"));
}

#[test]
fn malformed_json_is_refused() {
    for text in [
        "",
        "[",
        "[1,]",
        "{\"a\"}",
        "{a:1}",
        "\"\u{1}\"",
        "\"\\x\"",
        "01",
        "1 2",
        "nul",
        "\"\\u12\"",
    ] {
        assert!(Value::from_json(text).is_err(), "{text:?}");
    }
}

#[test]
fn json_nested_too_deeply_is_refused() {
    let nest = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(json(&nest(NESTING as usize)).nesting(), NESTING);
    let error = Value::from_json(&nest(1_000_000)).unwrap_err();
    assert_eq!(error.what, "nested too deeply");
}

#[test]
fn deep_values_are_freed_without_recursion() {
    let mut value = Value::Null;
    for depth in 0..300_000 {
        value = match depth % 3 {
            0 => Value::array(vec![value]),
            1 => Value::set(vec![value]),
            _ => Value::object(vec![(Value::Null, value)]),
        };
    }
    assert_eq!(value.nesting(), 300_000);
    drop(value);
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum Shape {
    Unit,
    Newtype(u8),
    Tuple(i8, bool),
    Struct { a: Option<u16> },
}

#[derive(Serialize)]
struct Inner {
    text: String,
}

#[derive(Serialize)]
struct Outer<'a> {
    id: u64,
    #[serde(flatten)]
    inner: Inner,
    shapes: Vec<Shape>,
    by_number: BTreeMap<u32, char>,
    none: Option<()>,
    float: f64,
    text: &'a str,
    json: serde_json::Value,
}

#[test]
fn structs_become_the_same_values_as_through_json_text() {
    let value = Outer {
        id: u64::MAX,
        inner: Inner { text: "flattened".into() },
        shapes: vec![
            Shape::Unit,
            Shape::Newtype(3),
            Shape::Tuple(-1, true),
            Shape::Struct { a: Some(1) },
            Shape::Struct { a: None },
        ],
        by_number: BTreeMap::from([(7, 'x')]),
        none: None,
        float: 1.5,
        text: "ü\n",
        json: serde_json::json!({"z": [1, {"y": null}], "a": -3}),
    };
    let text = serde_json::to_string(&value).unwrap();
    assert_eq!(from(&value).unwrap(), json(&text));
}

#[test]
fn keys_that_are_no_strings_and_infinite_numbers_are_refused() {
    assert!(from(&BTreeMap::from([(vec![1], 1)])).is_err());
    assert!(from(&f64::NAN).is_err());
    assert!(from(&f64::INFINITY).is_err());
}
