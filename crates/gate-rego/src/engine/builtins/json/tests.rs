//! `json.*`, with results that OPA gives.

use crate::engine::builtins::testing::{call, check};

#[test]
fn text_is_written_safe_within_html() {
    check(&[
        (
            "json.marshal",
            &["{\"b\": \"<é&\\u2028\\n\\u0001>\", \"a\": 1.0}"],
            r#""{\"a\":1.0,\"b\":\"\\u003cé\\u0026\\u2028\\n\\u0001\\u003e\"}""#,
        ),
        (
            "json.marshal_with_options",
            &["{\"a\": [1, {}], \"b\": []}", "{\"indent\": \"  \", \"prefix\": \"> \"}"],
            r#""> {\n>   \"a\": [\n>     1,\n>     {}\n>   ],\n>   \"b\": []\n> }""#,
        ),
        ("json.marshal_with_options", &["[1]", "{\"pretty\": true}"], r#""[\n\t1\n]""#),
        (
            "json.marshal_with_options",
            &["[1]", "{\"pretty\": false, \"indent\": \" \"}"],
            r#""[1]""#,
        ),
        (
            "json.marshal_with_options",
            &["[1]", "{\"x\": true}"],
            "json.marshal_with_options: operand 2 object contained unknown key \"x\"",
        ),
    ]);
}

#[test]
fn text_is_read_with_gos_complaints() {
    check(&[
        ("json.unmarshal", &[r#""{\"a\": 1, \"a\": 2}""#], "{\"a\": 2}"),
        ("json.unmarshal", &["\"{\""], "json.unmarshal: unexpected EOF"),
        ("json.unmarshal", &["\"\""], "json.unmarshal: EOF"),
        (
            "json.unmarshal",
            &["\"1 2\""],
            "json.unmarshal: error: invalid character '2' after top-level value",
        ),
        ("json.unmarshal", &["\"nul\""], "json.unmarshal: unexpected EOF"),
        (
            "json.unmarshal",
            &["\"[1,]\""],
            "json.unmarshal: invalid character ']' looking for beginning of value",
        ),
        (
            "json.unmarshal",
            &[r#""\"\t\"""#],
            r"json.unmarshal: invalid character '\t' in string literal",
        ),
        (
            "json.unmarshal",
            &["\"01\""],
            "json.unmarshal: error: invalid character '1' after top-level value",
        ),
        ("json.is_valid", &["\"1 \""], "true"),
        ("json.is_valid", &["\"01\""], "false"),
        ("json.is_valid", &["1"], "false"),
    ]);
}

#[test]
fn paths_choose_and_remove() {
    check(&[
        (
            "json.filter",
            &["{\"a\": {\"b\": 1, \"c\": 2}, \"d\": [1, 2, {\"x\": 1}]}", "[\"a/b\", \"d/2/x\"]"],
            "{\"a\": {\"b\": 1}, \"d\": [{\"x\": 1}]}",
        ),
        ("json.filter", &["{\"a\": {\"b\": 1}}", "[[\"a\", \"z\"]]"], "{\"a\": {}}"),
        ("json.filter", &["{\"a\": 1}", "[\"a/b\"]"], "{\"a\": 1}"),
        (
            "json.filter",
            &["{\"a/b\": 1, \"c~\": 2}", "[\"/a~1b\", \"c~0\"]"],
            "{\"a/b\": 1, \"c~\": 2}",
        ),
        ("json.remove", &["{\"a\": [1, 2, 3]}", "[\"a/0\", \"a/1\"]"], "{\"a\": [3]}"),
        ("json.remove", &["{\"a\": {\"b\": {\"c\": 1}}}", "[\"a/b/c\", \"a/b\"]"], "{\"a\": {}}"),
        (
            "json.filter",
            &["{}", "[1]"],
            "json.filter: operand 2 must be one of {set, array} containing string paths or array of path segments but got number",
        ),
        (
            "json.filter",
            &["{}", "1"],
            "json.filter: operand 2 must be one of {set, array} but got number",
        ),
    ]);
}

#[test]
fn patches_are_applied_in_turn() {
    for (value, operations, expected) in [
        (
            "{\"a\": [1, 2]}",
            r#"[{"op": "move", "from": "a/0", "path": "a/-"}, {"op": "copy", "from": "a", "path": "b"}]"#,
            "{\"a\": [2, 1], \"b\": [2, 1]}",
        ),
        ("{\"a\": 1}", r#"[{"op": "replace", "path": "", "value": 2}]"#, "2"),
        (
            "{\"a\": [1]}",
            r#"[{"op": "add", "path": "a/0", "value": 0}, {"op": "test", "path": "/a", "value": [0, 1]}]"#,
            "{\"a\": [0, 1]}",
        ),
        (
            "{\"a\": 1}",
            r#"[{"op": "add", "path": "a/b", "value": 1}]"#,
            "expected composite type, found value: 1 (type: ast.Number)",
        ),
        (
            "{\"a\": [1]}",
            r#"[{"op": "add", "path": "a/01", "value": 1}]"#,
            "leading zeros are not allowed in JSON paths",
        ),
        (
            "{\"a\": [1]}",
            r#"[{"op": "add", "path": "a/5", "value": 1}]"#,
            "index for array insertion out of bounds",
        ),
        (
            "{\"a\": [1]}",
            r#"[{"op": "remove", "path": "a/5"}]"#,
            "index for array delete out of bounds",
        ),
        (
            "{\"a\": 1}",
            r#"[{"op": "replace", "path": "b", "value": 1}]"#,
            "cannot delete child key \"b\" that does not exist",
        ),
        (
            "{\"a\": 1}",
            r#"[{"op": "test", "path": "a", "value": 2}]"#,
            "value from EditTree != patch value.\n\nExpected: 2\n\nFound: 1",
        ),
        ("1", r#"[{"op": "x", "path": "a"}]"#, "unrecognized op: 'x'"),
        ("1", r#"[{"path": "a"}]"#, "missing required attribute 'op'"),
        ("1", "[]", "1"),
    ] {
        let answer = call("json.patch", &[value, operations]);
        assert_eq!(answer.trim_start_matches("json.patch: "), expected, "{operations}");
    }
}
