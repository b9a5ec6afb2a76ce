//! Schemas and documents of our own.

use crate::engine::builtins::testing::{call, check};

fn matched(document: &str, schema: &str) -> String {
    call("json.match_schema", &[document, schema])
}

/// The type and place of each complaint.
fn complaints(document: &str, schema: &str) -> Vec<String> {
    let result: serde_json::Value = serde_json::from_str(&matched(document, schema)).unwrap();
    let complaints = result[1].as_array().unwrap();
    assert_eq!(result[0], complaints.is_empty());
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    complaints.iter().map(|c| format!("{} {}", text(&c["type"]), text(&c["error"]))).collect()
}

#[test]
fn a_complaint_has_four_parts() {
    assert_eq!(
        matched(
            r#"{"a": {"b": "x"}}"#,
            r#"{"properties": {"a": {"properties": {"b": {"type": "integer"}}}}}"#
        ),
        r#"[false, [{"desc": "Invalid type. Expected: integer, given: string", "error": "a.b: Invalid type. Expected: integer, given: string", "field": "a.b", "type": "invalid_type"}]]"#,
    );
    assert_eq!(matched("\"[1]\"", "\"{\\\"type\\\": \\\"array\\\"}\""), "[true, []]");
}

type Case = (&'static str, &'static str, &'static [&'static str]);

fn judged(cases: &[Case]) {
    for (document, schema, expected) in cases {
        assert_eq!(complaints(document, schema), *expected, "{document} by {schema}");
    }
}

#[test]
fn values_are_judged() {
    judged(&[
        (r#"{"a": 1}"#, r#"{"required": ["a", "b"]}"#, &["required (Root): b is required"]),
        (
            "{\"a\": 5}",
            r#"{"properties": {"a": {"exclusiveMaximum": 5}}}"#,
            &["number_lt a: Must be less than 5"],
        ),
        (
            "{\"a\": 5}",
            r#"{"properties": {"a": {"maximum": 5, "exclusiveMaximum": true}}}"#,
            &["number_lt a: Must be less than 5"],
        ),
        (
            "[0.3, 0.35]",
            r#"{"items": {"multipleOf": 0.1}}"#,
            &["multiple_of 1: Must be a multiple of 0.1"],
        ),
        (
            "[1000001]",
            r#"{"items": {"maximum": 1000000}}"#,
            &["number_lte 0: Must be less than or equal to 1e+06"],
        ),
        (
            "[1, 2, 1.0]",
            r#"{"uniqueItems": true}"#,
            &["unique (Root): array items[0,2] must be unique"],
        ),
    ]);
}

#[test]
fn collections_are_judged() {
    judged(&[
        (
            "[1, 2]",
            r#"{"items": [{}], "additionalItems": false}"#,
            &["array_no_additional_items (Root): No additional items allowed on array"],
        ),
        (
            r#"{"x": 1, "ya": 2}"#,
            r#"{"patternProperties": {"^y": {"type": "string"}}, "additionalProperties": false}"#,
            &[
                "additional_property_not_allowed (Root): Additional property x is not allowed",
                "invalid_type ya: Invalid type. Expected: string, given: integer",
            ],
        ),
        (
            "[\"q\"]",
            r#"{"items": {"enum": ["a", 1]}}"#,
            &["enum 0: 0 must be one of the following: \"a\", 1"],
        ),
        (
            "[null]",
            r#"{"contains": {"type": ["array", "number"]}}"#,
            &[
                "contains (Root): At least one of the items must match",
                "invalid_type 0: Invalid type. Expected: [array,number], given: null",
            ],
        ),
        (
            r#"{"a": 1}"#,
            r#"{"dependencies": {"a": ["b"]}}"#,
            &["missing_dependency (Root): Has a dependency on b"],
        ),
        (
            r#"{"a": "ab"}"#,
            r#"{"properties": {"a": {"minLength": 3, "pattern": "^b"}}}"#,
            &[
                "string_gte a: String length must be greater than or equal to 3",
                "pattern a: Does not match pattern '^b'",
            ],
        ),
        (
            r#"{"a": {"a": {"a": 1}}}"#,
            r##"{"properties": {"a": {"$ref": "#"}}, "type": "object"}"##,
            &["invalid_type a.a.a: Invalid type. Expected: object, given: integer"],
        ),
        (
            r#"{"a": 1}"#,
            r##"{"$id": "http://x.example/s", "definitions": {"t": {"$id": "#t", "const": 2}}, "properties": {"a": {"$ref": "#t"}}}"##,
            &["const a: a does not match: 2"],
        ),
        (
            "[1]",
            r#"{"if": {"minItems": 1}, "then": {"minItems": 2}}"#,
            &[
                "condition_then (Root): Must validate \"then\" as \"if\" was valid",
                "array_min_items (Root): Array must have at least 2 items",
            ],
        ),
    ]);
}

#[test]
fn the_nearest_of_several_schemas_is_told() {
    let schema = r#"{"anyOf": [{"type": "string"}, {"required": ["a", "b"]}]}"#;
    assert_eq!(
        complaints(r#"{"a": 1}"#, schema),
        [
            "number_any_of (Root): Must validate at least one schema (anyOf)",
            "required (Root): b is required"
        ],
    );
}

#[test]
fn formats_are_judged() {
    for (format, good, bad) in [
        ("date", "2024-02-29", "2023-02-29"),
        ("date-time", "2024-01-01T00:00:00.5Z", "2024-01-01 00:00"),
        ("email", "A <a@b.example>", "a@"),
        ("ipv4", "1.2.3.4", "1.2.3"),
        ("ipv6", "::1", "1.2.3.4"),
        ("uri", "x://y/z", "y/z"),
        ("hostname", "a.example", "-a"),
        ("uuid", "00000000-0000-0000-0000-000000000000", "0"),
        ("json-pointer", "/a/~1", "a"),
        ("regex", "a+", "(?=a)"),
        ("unheard-of", "a", ""),
    ] {
        let schema = format!(r#"{{"items": {{"format": "{format}"}}}}"#);
        let judged = complaints(&format!("[\"{good}\", \"{bad}\"]"), &schema);
        let expected = if bad.is_empty() {
            vec![]
        } else {
            vec![format!("format 1: Does not match format '{format}'")]
        };
        assert_eq!(judged, expected, "{format}");
    }
}

#[test]
fn schemas_are_checked() {
    let refused: &[(&str, &str)] = &[
        ("1", "wrong type, expected string or object"),
        ("\"{\"", "invalid JSON string"),
        ("[]", "schema is invalid"),
        (r#"{"type": 1}"#, "Invalid type. Expected: type, given: string/Array Of Strings"),
        (r#"{"type": ["null", "null"]}"#, "null type is duplicated"),
        (r#"{"minLength": -1}"#, "minLength must be greater than or equal to 0"),
        (r#"{"minLength": 2, "maxLength": 1}"#, "minLength cannot be greater than maxLength"),
        (r#"{"pattern": "(?=a)"}"#, "pattern must be a valid regex"),
        (r#"{"required": ["a", "a"]}"#, "required items must be unique"),
        (r#"{"multipleOf": 0}"#, "multipleOf must be strictly greater than 0"),
        (r#"{"exclusiveMinimum": true}"#, "exclusiveMinimum cannot be used without minimum"),
        (
            r##"{"properties": {"a": {"$ref": "#/definitions/x"}}}"##,
            "Object has no key 'definitions'",
        ),
        (r#"{"$ref": "other.json"}"#, "Reference /other.json must be canonical"),
        (r#"{"not": 1}"#, "not must be of an object"),
    ];
    for (schema, message) in refused {
        let expected = format!("[false, {:?}]", format!("jsonschema: {message}"));
        check(&[("json.verify_schema", &[schema], &expected)]);
    }
    check(&[
        (
            "json.verify_schema",
            &["true"],
            "[false, \"jsonschema: wrong type, expected string or object\"]",
        ),
        ("json.verify_schema", &[r#"{"type": "object"}"#], "[true, null]"),
        (
            "json.match_schema",
            &["{}", r#"{"properties": 1}"#],
            "json.match_schema: Properties must be of type object",
        ),
    ]);
}

#[test]
fn what_never_ends_is_ended() {
    assert_eq!(
        matched("{}", r##"{"$ref": "#"}"##),
        "json.match_schema: schema is nested too deeply"
    );
}

#[test]
fn references_are_seen_from_the_name_around_them() {
    let schema = r##"{
        "$id": "http://a.example/whole.json",
        "properties": {"x": {"$ref": "part.json#/definitions/y"}, "z": {"$ref": "#/definitions/z"}},
        "definitions": {
            "z": {"type": "number"},
            "part": {
                "$id": "http://a.example/part.json",
                "definitions": {
                    "y": {"properties": {"z": {"$ref": "#/definitions/z"}}},
                    "z": {"type": "string"}
                }
            }
        }
    }"##;
    let ok = r#"{"x": {"z": "text"}, "z": 1}"#;
    assert_eq!(call("json.match_schema", &[ok, schema]), "[true, []]");
    let wrong = r#"{"x": {"z": 1}}"#;
    assert!(call("json.match_schema", &[wrong, schema]).starts_with("[false, "));
    let wrong = r#"{"z": "text"}"#;
    assert!(call("json.match_schema", &[wrong, schema]).starts_with("[false, "));
}
