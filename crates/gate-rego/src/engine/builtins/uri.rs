//! `uri.*`: locators as Go takes them apart.

use super::operands::string;
use super::{BuiltinError, Context, Declared, Outcome, Type};
use crate::engine::value::{Value, quote};

mod parse;

pub(super) use parse::Uri;

const PARTS: Type = Type::Object(&[], Some(&(Type::String, Type::String)));

pub(super) const TABLE: &[Declared] = &[
    Declared::new("uri.is_valid", &[Type::String], Type::Boolean, is_valid),
    Declared::new("uri.parse", &[Type::String], PARTS, uri_parse),
];

fn is_valid(context: &mut Context, operands: &[Value]) -> Outcome {
    let Some(text) = operands[0].as_str() else { return Ok(Some(Value::Bool(false))) };
    context.work(text.len())?;
    Ok(Some(Value::Bool(!text.is_empty() && Uri::parse(text).is_ok())))
}

/// A locator, or Go's complaint about it.
pub(super) fn read(text: &str) -> Result<Uri, BuiltinError> {
    Uri::parse(text).map_err(|why| {
        let text = quote(text);
        BuiltinError::evaluation(format!("parse {text}: {why}"))
    })
}

fn uri_parse(context: &mut Context, operands: &[Value]) -> Outcome {
    let text = string(&operands[0], 1)?;
    context.work(text.len().saturating_mul(4))?;
    context.allocate(text.len().saturating_mul(4))?;
    let uri = read(text)?;
    let mut parts: Vec<(&str, &str)> = vec![
        ("scheme", &uri.scheme),
        ("hostname", uri.hostname()),
        ("port", uri.port()),
        ("path", &uri.path),
        ("raw_query", &uri.query),
        ("fragment", &uri.fragment),
    ];
    if !uri.path.is_empty() {
        parts.push(("raw_path", &uri.raw_path));
    }
    let parts = parts.into_iter().filter(|(_, part)| !part.is_empty());
    let entries = parts.map(|(name, part)| (Value::from(name), Value::from(part)));
    Ok(Some(Value::object(entries.collect())))
}

#[cfg(test)]
mod tests {
    use crate::engine::builtins::testing::{call, check};

    #[test]
    fn locators_are_taken_apart() {
        for (text, expected) in [
            (
                "https://user:p@host.com:8080/a%2Fb/c?x=1&y#frag%20x",
                r#"{"fragment": "frag x", "hostname": "host.com", "path": "/a/b/c", "port": "8080", "raw_path": "/a%2Fb/c", "raw_query": "x=1&y", "scheme": "https"}"#,
            ),
            ("mailto:a@b.c", r#"{"scheme": "mailto"}"#),
            (
                "http://[::1]:80/",
                r#"{"hostname": "::1", "path": "/", "port": "80", "raw_path": "/", "scheme": "http"}"#,
            ),
            (
                "http://[fe80::1%25en0]/",
                r#"{"hostname": "fe80::1%en0", "path": "/", "raw_path": "/", "scheme": "http"}"#,
            ),
            ("//h/p", r#"{"hostname": "h", "path": "/p", "raw_path": "/p"}"#),
            ("///p", r#"{"path": "///p", "raw_path": "///p"}"#),
            (
                "HTTP://H/é",
                r#"{"hostname": "H", "path": "/é", "raw_path": "/é", "scheme": "http"}"#,
            ),
            ("a/b:c", r#"{"path": "a/b:c", "raw_path": "a/b:c"}"#),
            ("http://h:/", r#"{"hostname": "h", "path": "/", "raw_path": "/", "scheme": "http"}"#),
            ("", "{}"),
            ("http://a b/", r#"invalid character " " in host name"#),
            ("http://host:port/", r#"invalid port ":port" after host"#),
            (":foo", "missing protocol scheme"),
            ("1a:b", "first path segment in URL cannot contain colon"),
            ("http://h/%zz", r#"invalid URL escape "%zz""#),
            ("http://ho%73t/", r#"invalid URL escape "%73""#),
            ("http://[::1/", "missing ']' in host"),
            ("http://us^er@h/", "net/url: invalid userinfo"),
            ("http://h\u{1}", "net/url: invalid control character in URL"),
        ] {
            let answer = call("uri.parse", &[&serde_json::to_string(text).unwrap()]);
            let answer = answer
                .split_once(": ")
                .filter(|_| answer.starts_with("uri"))
                .map_or(answer.as_str(), |(_, rest)| {
                    rest.split_once("\": ").map_or(rest, |(_, why)| why)
                });
            assert_eq!(answer, expected, "{text}");
        }
        check(&[
            ("uri.is_valid", &["\"http://a b\""], "false"),
            ("uri.is_valid", &["\"\""], "false"),
            ("uri.is_valid", &["\"/a\""], "true"),
        ]);
    }
}
