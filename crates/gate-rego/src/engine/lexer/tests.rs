//! Tokens, and texts that are none.

use super::*;

fn kinds(source: &str) -> Vec<TokenKind> {
    tokens(0, source).unwrap().0.into_iter().map(|token| token.kind).collect()
}

fn refusal(source: &str) -> (u32, u32, String) {
    let error = tokens(0, source).unwrap_err();
    (error.span.line, error.span.column, error.message)
}

#[test]
fn places_count_lines_and_characters() {
    let (tokens, comments) = tokens(0, "ä := 1".trim_start_matches('ä')).unwrap();
    assert_eq!((tokens[1].span.line, tokens[1].span.column), (1, 5));
    assert!(comments.is_empty());
    let (tokens, comments) = super::tokens(0, "\"ä\" x # note\n\ty").unwrap();
    assert_eq!((tokens[1].span.line, tokens[1].span.column, tokens[1].span.start), (1, 5, 5));
    assert_eq!((tokens[2].span.line, tokens[2].span.column), (2, 2));
    assert!(tokens[2].new_line && !tokens[1].new_line);
    assert_eq!(&*comments[0].text, " note");
}

#[test]
fn escapes_are_those_of_json() {
    let string = |text: &str| vec![TokenKind::String(Arc::from(text)), TokenKind::End];
    assert_eq!(kinds(r#""\u00e9\n\ud83d\ude00\ud83d""#), string("é\n😀\u{fffd}"));
    assert_eq!(kinds(r"`\n`"), string("\\n"));
}

#[test]
fn interpolations_nest() {
    let part = |text: &str, first, last| TokenKind::Template {
        text: Arc::from(text),
        raw: false,
        first,
        last,
    };
    let name = |text: &str| TokenKind::Name(Arc::from(text));
    assert_eq!(
        kinds(r#"$"a\{{ {"x": $"{y}"} }b""#),
        vec![
            part("a{", true, false),
            TokenKind::Symbol("{"),
            TokenKind::String(Arc::from("x")),
            TokenKind::Symbol(":"),
            part("", true, false),
            name("y"),
            TokenKind::Symbol("}"),
            part("", false, true),
            TokenKind::Symbol("}"),
            TokenKind::Symbol("}"),
            part("b", false, true),
            TokenKind::End,
        ]
    );
}

#[test]
fn what_is_no_token_is_refused_at_its_place() {
    assert_eq!(refusal("x\n  !"), (2, 3, "illegal ! character".to_owned()));
    assert_eq!(refusal("\"a\nb\"").2, "non-terminated string");
    assert_eq!(refusal("\"\\x\"").2, "illegal escape sequence");
    assert_eq!(refusal("\"\\u12\"").2, "illegal escape sequence");
    assert_eq!(kinds("\"a\tb\"")[0], TokenKind::String(Arc::from("a\tb")));
    assert!(refusal("\"a\t\\n\"").2.contains("control character"));
    assert_eq!(refusal("1a").2, "illegal number format");
    assert_eq!(refusal("1.").2, "expected fraction");
    assert_eq!(refusal("`a").2, "non-terminated string");
    assert_eq!(refusal("$\"{x").2, "non-terminated string");
    assert!(refusal("\u{a0}").2.contains("non-breaking"));
    assert!(refusal(&"$\"{".repeat(100_000)).2.contains("nested too deeply"));
}
