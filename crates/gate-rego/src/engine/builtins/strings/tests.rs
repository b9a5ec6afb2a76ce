//! Functions over text, with results that OPA gives.

use crate::engine::builtins::testing::{call, check};

#[test]
fn concat_joins_strings_alone() {
    check(&[
        ("concat", &["\"-\"", "[\"a\", \"b\"]"], "\"a-b\""),
        (
            "concat",
            &["\"-\"", "[\"a\", 1]"],
            "concat: operand 2 must be array of strings but got array containing number",
        ),
        (
            "concat",
            &["\"-\"", "\"a\""],
            "concat: operand 2 must be one of {set, array} but got string",
        ),
    ]);
}

#[test]
fn searches_count_characters() {
    check(&[
        ("contains", &["\"abc\"", "\"bc\""], "true"),
        ("indexof", &["\"äöü\"", "\"ü\""], "2"),
        ("indexof", &["\"abc\"", "\"x\""], "-1"),
        ("indexof", &["\"abc\"", "\"\""], "indexof: empty search character"),
        ("indexof_n", &["\"äaaa\"", "\"aa\""], "[1, 2]"),
        ("strings.count", &["\"aaaa\"", "\"aa\""], "2"),
        ("strings.count", &["\"äb\"", "\"\""], "3"),
        ("startswith", &["\"abc\"", "\"ab\""], "true"),
        ("endswith", &["\"abc\"", "\"ab\""], "false"),
        ("strings.any_prefix_match", &["[\"ba\", \"ab\"]", "[\"x\", \"a\"]"], "true"),
        ("strings.any_prefix_match", &["\"ba\"", "[\"x\", \"a\"]"], "false"),
        ("strings.any_suffix_match", &["\"ba\"", "[\"x\", \"a\"]"], "true"),
        (
            "strings.any_suffix_match",
            &["1", "\"a\""],
            "strings.any_suffix_match: operand 1 must be one of {string, set, array} but got number",
        ),
    ]);
}

#[test]
fn parts_and_trims() {
    check(&[
        ("split", &["\"a.b\"", "\".\""], "[\"a\", \"b\"]"),
        ("split", &["\"aé\"", "\"\""], "[\"a\", \"é\"]"),
        ("split", &["\"\"", "\"\""], "[]"),
        ("split", &["\"\"", "\"x\""], "[\"\"]"),
        ("strings.split_n", &["\"a.b.c\"", "\".\"", "2"], "[\"a\", \"b\"]"),
        ("strings.split_n", &["\"a.b.c\"", "\".\"", "-1"], "[\"c\"]"),
        ("substring", &["\"äbc\"", "1", "1"], "\"b\""),
        ("substring", &["\"äbc\"", "1", "-1"], "\"bc\""),
        ("substring", &["\"äbc\"", "9", "1"], "\"\""),
        ("substring", &["\"äbc\"", "-1", "1"], "substring: negative offset"),
        ("trim", &["\"xaxx\"", "\"x\""], "\"a\""),
        ("trim_left", &["\"xax\"", "\"x\""], "\"ax\""),
        ("trim_right", &["\"xax\"", "\"x\""], "\"xa\""),
        ("trim_prefix", &["\"xxa\"", "\"x\""], "\"xa\""),
        ("trim_suffix", &["\"axx\"", "\"x\""], "\"ax\""),
        ("trim_space", &["\" \\ta\\n\""], "\"a\""),
    ]);
}

#[test]
fn replacements_take_the_first_pattern_that_fits() {
    check(&[
        ("replace", &["\"aaa\"", "\"aa\"", "\"b\""], "\"ba\""),
        ("replace", &["\"ab\"", "\"\"", "\"x\""], "\"xaxbx\""),
        (
            "strings.replace_n",
            &["{\"a\": \"b\", \"ab\": \"x\", \"b\": \"a\"}", "\"abb\""],
            "\"baa\"",
        ),
        (
            "strings.replace_n",
            &["{\"a\": 1}", "\"a\""],
            "strings.replace_n: operand 1 non-string value found in pattern object",
        ),
    ]);
}

#[test]
fn case_is_mapped_by_character() {
    check(&[
        ("lower", &["\"İΣ\""], "\"iσ\""),
        ("upper", &["\"ßŉä\""], "\"ßŉÄ\""),
        ("upper", &["\"\\u1f80\""], "\"ᾈ\""),
        ("strings.reverse", &["\"äbc\""], "\"cbä\""),
        ("format_int", &["15.9", "16"], "\"f\""),
        ("format_int", &["-15.9", "2"], "\"-1111\""),
        ("format_int", &["18446744073709551617", "10"], "\"18446744073709551617\""),
        ("format_int", &["1", "7"], "format_int: operand 2 must be one of {2, 8, 10, 16}"),
    ]);
}

#[test]
fn growth_is_refused_before_it_happens() {
    let text = format!("\"{}\"", "a".repeat(100_000));
    let message = call("replace", &[&text, "\"a\"", &text]);
    assert_eq!(message, "replace: evaluation ran out of memory");
}
