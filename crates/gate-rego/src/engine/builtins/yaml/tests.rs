//! YAML, with results that OPA gives.

use crate::engine::builtins::testing::call;

fn written(value: &str) -> String {
    let text = call("yaml.marshal", &[value]);
    serde_json::from_str(&text.replace("\\x", "\\u00")).unwrap_or(text)
}

fn read(text: &str) -> String {
    call("yaml.unmarshal", &[&serde_json::to_string(text).unwrap()])
}

#[test]
fn texts_are_quoted_where_they_would_mean_something_else() {
    for (value, expected) in [
        (r#""a""#, "a\n"),
        (r#""true""#, "\"true\"\n"),
        (r#""""#, "\"\"\n"),
        (r#""a: b""#, "'a: b'\n"),
        (r#""it's: x""#, "'it''s: x'\n"),
        (r#""a\tb""#, "\"a\\tb\"\n"),
        (r#""😀""#, "\"\\U0001F600\"\n"),
        (r#""yes""#, "\"yes\"\n"),
        (r#""1:20""#, "\"1:20\"\n"),
        (r#""2001-01-01""#, "\"2001-01-01\"\n"),
        (r#""<<""#, "<<\n"),
        (r#""?x""#, "?x\n"),
        (r#""- ""#, "'- '\n"),
        (r#""x ]""#, "x ]\n"),
        (r#""[a""#, "'[a'\n"),
        (r#""a\nb""#, "|-\n  a\n  b\n"),
        (r#""a\n\n""#, "|+\n  a\n\n"),
        (r#"" a\nb""#, "|2-\n   a\n  b\n"),
    ] {
        assert_eq!(written(value), expected, "{value}");
    }
}

#[test]
fn collections_are_blocks() {
    for (value, expected) in [
        (
            r#"{"a": "b\nc", "d": [["x", ["y"]], {"z": {"k": 1, "l": []}}]}"#,
            "a: |-\n  b\n  c\nd:\n  - - x\n    - - \"y\"\n  - z:\n      k: 1\n      l: []\n",
        ),
        ("[[]]", "- []\n"),
        (
            r#"{"a10": 1, "a9": 2, "b": 1e30, "B": 123456789012345678901234567890, "c": 1.0, "d": 1e3, "e": 0.000001}"#,
            "B: 1.2345678901234568e+29\na9: 2\na10: 1\nb: 1e+30\nc: 1\nd: 1000\ne: 1e-06\n",
        ),
        (
            r#"{"a: b": 1, "": 2, "x\ny": 3, "true": 4}"#,
            "\"\": 2\n'a: b': 1\n\"true\": 4\n? |-\n  x\n  y\n: 3\n",
        ),
    ] {
        assert_eq!(written(value), expected, "{value}");
    }
}

#[test]
fn documents_are_read_by_way_of_json() {
    for (text, expected) in [
        (
            "a: 1\nb: [x, y]\nc: {d: 0x10}\n1: 2\ntrue: 3",
            r#"{"1": 2, "a": 1, "b": ["x", "y"], "c": {"d": 16}, "true": 3}"#,
        ),
        ("", "null"),
        ("a: 1\na: 2", r#"{"a": 2}"#),
        (
            "a: !!binary aGk=\nb: 0o17\nc: 017\nd: 1e3\ne: \"1\"\nf: |\n  x\n  y\n<<: {z: 1}",
            r#"{"a": "hi", "b": 15, "c": 15, "d": 1000, "e": "1", "f": "x\ny\n", "z": 1}"#,
        ),
        ("--- 1\n--- 2", "1"),
        (
            "a: !foo x\nb: !!str 1\nc: !!float 1\nd: !!int \"3\"",
            r#"{"a": "x", "b": "1", "c": 1, "d": 3}"#,
        ),
        (
            "[1, 1.50, 1e3, .5, 0b11, +5, 08, 1e30, 123456789012345678901234567890]",
            "[1, 1.5, 1000, 0.5, 3, 5, 8, 1e+30, 1.2345678901234568e+29]",
        ),
        (
            "a: &a {x: 1, y: 2}\nb: {<<: *a, x: 3}\nc: {<<: [{q: 1}, {q: 2, r: 3}]}",
            r#"{"a": {"x": 1, "y": 2}, "b": {"x": 3, "y": 2}, "c": {"q": 1, "r": 3}}"#,
        ),
        ("a: 2001-01-01", r#"{"a": "2001-01-01"}"#),
        ("a: .inf", "yaml.unmarshal: json: unsupported value: +Inf"),
    ] {
        assert_eq!(read(text), expected, "{text}");
    }
    assert_eq!(call("yaml.is_valid", &["\"a: [\""]), "false");
    assert_eq!(call("yaml.is_valid", &["\"a: 1\""]), "true");
}

#[test]
fn aliases_that_multiply_take_no_more_memory_than_their_text() {
    let mut text = String::from("a0: &a0 [x, x]\n");
    for level in 1..60 {
        let before = level - 1;
        let line = format!("a{level}: &a{level} [*a{before}, *a{before}]\n");
        text.push_str(&line);
    }
    assert_eq!(call("yaml.is_valid", &[&serde_json::to_string(&text).unwrap()]), "true");
    let message = call("yaml.unmarshal", &["\"&a [*a]\""]);
    assert!(message.starts_with("yaml.unmarshal: yaml"), "{message}");
}
