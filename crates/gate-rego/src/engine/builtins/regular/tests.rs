//! Expressions as Go reads and matches them.

use super::syntax::translate;
use crate::engine::builtins::testing::{call, check};

fn complaint(pattern: &str) -> String {
    translate(pattern).err().unwrap_or_default()
}

#[test]
fn classes_are_of_ascii() {
    for (pattern, text, expected) in [
        (r"^\d+$", "٣", false),
        (r"^\w+$", "é", false),
        (r"^\s$", "\u{b}", false),
        (r"\bé", "é", false),
        (r"^\x41\101\Qa.b\E$", "AAa.b", true),
        (r"^[]a]+$", "]a", true),
        (r"^[a[&&]+$", "a[&", true),
        (r"^[^[:alpha:]\d-]$", "é", true),
        (r"^a{,2}$", "a{,2}", true),
        (r"^a{2}$", "aa", true),
        (r"^\<a\>$", "<a>", true),
        (r"(?i)^STRASSE$", "strasse", true),
        (r"^\p{Greek}\PL$", "λ1", true),
        (r"^(?P<n>a)(?P<n>b)$", "ab", true),
        (r"^(?is-m:A.)$", "a\n", true),
        (r"(?U)a+", "aa", true),
        (r"é\B", "é", true),
    ] {
        let quoted = |text: &str| serde_json::to_string(text).unwrap();
        let answer = call("regex.match", &[&quoted(pattern), &quoted(text)]);
        assert_eq!(answer, expected.to_string(), "{pattern} {text}");
    }
}

#[test]
fn complaints_have_gos_words() {
    for (pattern, expected) in [
        ("a**", "invalid nested repetition operator: `**`"),
        ("a*?+", "invalid nested repetition operator: `*?+`"),
        (r"\u0041", r"invalid escape sequence: `\u`"),
        (r"\8", r"invalid escape sequence: `\8`"),
        (r"\1", r"invalid escape sequence: `\1`"),
        ("(?=a)", "invalid or unsupported Perl syntax: `(?=`"),
        ("(?x)a", "invalid or unsupported Perl syntax: `(?x`"),
        ("[a", "missing closing ]: `[a`"),
        ("a{1001}", "invalid repeat count: `{1001}`"),
        ("(a{100}){100}", "invalid repeat count: `{100}`"),
        ("(a", "missing closing ): `(a`"),
        ("a)", "unexpected ): `a)`"),
        ("[b-a]", "invalid character class range: `b-a`"),
        ("*a", "missing argument to repetition operator: `*`"),
        ("(?P<n", "invalid named capture: `(?P<n`"),
        ("(?P<a b>c)", "invalid named capture: `(?P<a b>`"),
        ("a\\", "trailing backslash at end of expression: ``"),
        (r"\pX", r"invalid character class range: `\pX`"),
        ("[[:foo:]]", "invalid character class range: `[:foo:]`"),
    ] {
        assert_eq!(complaint(pattern), expected, "{pattern}");
    }
    assert_eq!(
        call("regex.match", &["\"[a\"", "\"\""]),
        "regex.match: error parsing regexp: missing closing ]: `[a`"
    );
}

#[test]
fn finds_splits_and_replaces() {
    check(&[
        ("regex.find_n", &["\"a.\"", "\"abacad\"", "-1"], "[\"ab\", \"ac\", \"ad\"]"),
        ("regex.find_n", &["\"a.\"", "\"abacad\"", "0"], "[]"),
        ("regex.find_n", &["\"a*\"", "\"baac\"", "-1"], "[\"\", \"aa\", \"\"]"),
        (
            "regex.find_all_string_submatch_n",
            &["\"a(x)?b\"", "\"axb ab\"", "-1"],
            "[[\"axb\", \"x\"], [\"ab\", \"\"]]",
        ),
        ("regex.split", &["\"a*\"", "\"baac\""], "[\"b\", \"c\"]"),
        ("regex.split", &["\",\"", "\"\""], "[\"\"]"),
        ("regex.split", &["\",\"", "\"a,,b,\""], "[\"a\", \"\", \"b\", \"\"]"),
        ("regex.replace", &["\"foo\"", "\"^[a-z]\"", "\"F\""], "\"Foo\""),
        ("regex.replace", &["\"ab\"", "\"(?P<x>a)\"", "\"${x}$1$$-$1x$\""], "\"aa$-$b\""),
        ("regex.replace", &["\"ab\"", "\"x*\"", "\"-\""], "\"-a-b-\""),
        ("regex.is_valid", &["\"(a\""], "false"),
        ("regex.is_valid", &["1"], "false"),
        ("regex.template_match", &["\"urn:{.*}.x\"", "\"urn:abc.x\"", "\"{\"", "\"}\""], "true"),
        (
            "regex.template_match",
            &["\"urn:{.*\"", "\"urn\"", "\"{\"", "\"}\""],
            "regex.template_match: unbalanced braces in \"urn:{.*\"",
        ),
        (
            "regex.template_match",
            &["\"a\"", "\"a\"", "\"{{\"", "\"}\""],
            "regex.template_match: start delimiter has to be exactly one character long but is 2 long",
        ),
    ]);
}

#[test]
fn globs_meet_where_a_text_fits_both() {
    check(&[
        ("regex.globs_match", &["\"a.a.[0-9]+z\"", "\"b.b.b\""], "false"),
        ("regex.globs_match", &["\".a.a\"", "\"b.b.\""], "true"),
        ("regex.globs_match", &["\"foo.*bar\"", "\"foobar\""], "true"),
        ("regex.globs_match", &["\"[a-c]+\"", "\"[d-f]*\""], "false"),
        (
            "regex.globs_match",
            &["\"[a\"", "\"b\""],
            "regex.globs_match: input:[a, pos:2, found [ without matching ]: the input provided is invalid",
        ),
    ]);
}
