//! The direct way into the engine's values agrees with the one through JSON text.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{from, to_json};

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
    let text = serde_json::to_string(&serde_json::to_value(&value).unwrap()).unwrap();
    assert_eq!(from(&value).unwrap(), regorus::Value::from_json_str(&text).unwrap());
}

#[test]
fn keys_that_are_no_strings_and_infinite_numbers_are_refused() {
    assert!(from(&BTreeMap::from([(vec![1], 1)])).is_err());
    assert!(from(&f64::NAN).is_err());
    assert!(from(&f64::INFINITY).is_err());
}

#[test]
fn undefined_has_no_json() {
    assert_eq!(to_json(&regorus::Value::Undefined), None);
    assert_eq!(to_json(&regorus::Value::Null), Some(serde_json::Value::Null));
}
