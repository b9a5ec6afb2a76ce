//! From a configuration file's bytes to the value that rules see as `input.object`: JSON, YAML, TOML,
//! HCL, INI, XML and Dockerfiles, in the shapes that Conftest gives them.

pub mod conftest;
mod detect;
mod dockerfile;
mod hcl;
mod ini;
mod toml;
mod value;
mod xml;
mod yaml;

use serde_json::Value;

pub use detect::Syntax;

use crate::limits;

/// A file that is a configuration file by its name, and cannot be read as one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is no {syntax} that Gate reads: {message}")]
pub struct Unreadable {
    /// What it should be.
    pub syntax: Syntax,
    /// What is wrong with it, with the place where that is known.
    pub message: String,
}

/// Reads a configuration file; `None` for a file that is none.
///
/// The content decides. Where the name says as well what the file is (`main.tf`, `Dockerfile`), it must
/// be that: a rule that nobody could ask about a broken file would read as one that let it pass.
pub fn read(name: Option<&str>, bytes: &[u8]) -> Result<Option<Value>, Unreadable> {
    let named = name.and_then(Syntax::of_name);
    let refuse = |syntax, message: String| Err(Unreadable { syntax, message });
    let text = match text(bytes) {
        Ok(text) => text,
        Err(message) => return named.map_or(Ok(None), |syntax| refuse(syntax, message)),
    };
    match named {
        Some(syntax) => {
            let read = syntax.read(text).map(|value| Some(value).filter(|it| !it.is_null()));
            read.or_else(|message| refuse(syntax, message))
        }
        None => Ok(detect::candidates(text)
            .filter_map(|syntax| syntax.read(text).ok())
            .find(|value| value.is_object() || value.is_array())),
    }
}

/// The documents of a YAML or JSON text, empty ones left out.
pub fn documents(text: &str) -> Result<Vec<Value>, String> {
    let text = self::text(text.as_bytes())?;
    let mut documents = match text.trim_start().chars().next() {
        Some('{') => value::json(text).map(|it| vec![it]).or_else(|_| yaml::documents(text))?,
        _ => yaml::documents(text)?,
    };
    documents.retain(|it| !it.is_null());
    Ok(documents)
}

/// Whether the name of a file says that it is a configuration file.
pub fn is_named(name: &str) -> bool {
    Syntax::of_name(name).is_some()
}

/// Whether a file that begins so may be a configuration file: text, or one by its name.
pub fn may_be(name: &str, beginning: &[u8]) -> bool {
    let is_text = || {
        !beginning.contains(&0)
            // The beginning may end within a character.
            && std::str::from_utf8(beginning).map_or_else(|it| it.error_len().is_none(), |_| true)
    };
    is_named(name) || is_text()
}

/// UTF-8 without a byte order mark and of a size that is read.
fn text(bytes: &[u8]) -> Result<&str, String> {
    if bytes.len() > limits::DOCUMENT_BYTES {
        return Err(format!("has {} bytes, more than {}", bytes.len(), limits::DOCUMENT_BYTES));
    }
    if bytes.contains(&0) {
        return Err("is binary".to_owned());
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|error| format!("is not UTF-8 from byte {}", error.valid_up_to()))?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn value(name: Option<&str>, text: &str) -> Value {
        read(name, text.as_bytes()).unwrap().unwrap_or_default()
    }

    #[test]
    fn the_content_tells_what_a_file_is() {
        for (text, expected) in [
            (r#"{"planned_values": {}}"#, json!({"planned_values": {}})),
            ("[1, 2]", json!([1, 2])),
            ("apiVersion: v1\nkind: Pod\n", json!({"apiVersion": "v1", "kind": "Pod"})),
            ("---\n- hosts: all\n  become: true\n", json!([{"hosts": "all", "become": true}])),
            ("title = \"x\"\n[owner]\nname = 'y'\n", json!({"title": "x", "owner": {"name": "y"}})),
            ("resource \"a\" \"b\" {\n  n = 1\n}\n", json!({"resource": {"a": {"b": [{"n": 1}]}}})),
            ("[server]\nport = 80\nname = a b\n", json!({"server": {"port": 80, "name": "a b"}})),
            ("<a b=\"c\">d</a>", json!({"a": {"-b": "c", "#content": "d"}})),
        ] {
            assert_eq!(value(None, text), expected, "{text}");
        }
        let commands =
            value(None, "# syntax=docker/dockerfile:1\nFROM alpine:3 AS base\nUSER 65532\n");
        assert_eq!(
            (&commands[0]["Cmd"], &commands[1]["Value"]),
            (&json!("from"), &json!(["65532"]))
        );
    }

    #[test]
    fn what_is_no_document_has_no_value() {
        for text in [
            &b""[..],
            b"hello",
            b"#!/bin/sh\nset -e\necho a: b\n",
            b"PK\x03\x04\0\0",
            b"\xff\xfe",
            b"{{ template }}",
            b"<html><br></html>",
            b"a: [\n",
        ] {
            assert_eq!(read(None, text), Ok(None), "{text:?}");
        }
    }

    #[test]
    fn only_text_and_what_is_named_so_may_be_a_document() {
        assert!(
            may_be("a", "é".as_bytes()) && may_be("a", &"é".as_bytes()[..1]) && may_be("a", b"")
        );
        assert!(!may_be("a", b"\x7fELF\0") && !may_be("a.tar.gz", b"\x1f\x8b\x08"));
        assert!(may_be("a.json", b"\0"));
    }

    #[test]
    fn a_file_that_its_name_makes_a_document_must_be_one() {
        for (name, text) in [
            ("plan.json", &b"{\"a\": 1,}"[..]),
            ("plan.json", b"{\"a\": 1, \"a\": 2}"),
            ("pod.yaml", b"a: [\n"),
            ("pod.yml", b"a: 1\na: 2\n"),
            ("main.tf", b"resource {"),
            ("a.toml", b"a = "),
            ("a.ini", b"just words\n"),
            ("a.xml", b"<a>"),
            ("Dockerfile", b"RUN true\n"),
            ("images/Dockerfile.prod", b"\0"),
        ] {
            assert!(read(Some(name), text).is_err(), "{name}");
        }
        assert_eq!(read(Some("empty.yaml"), b"# nothing\n"), Ok(None));
        assert_eq!(value(Some("x.ini"), "a = 1\n"), json!({"DEFAULT": {"a": 1}}));
        assert_eq!(read(Some("notes.txt"), b"a: [\n"), Ok(None));
    }

    #[test]
    fn documents_that_grow_or_nest_without_end_are_refused() {
        // Documents are read on deep stacks; unoptimised frames are larger than a test's is.
        let thread = std::thread::Builder::new().stack_size(8 << 20);
        thread.spawn(documents_without_end).unwrap().join().unwrap();
    }

    fn documents_without_end() {
        let laughs: String = (0..40)
            .map(|at| match at {
                0 => "a0: &a0 [lol, lol]\n".to_owned(),
                _ => format!("a{at}: &a{at} [*a{0}, *a{0}, *a{0}, *a{0}]\n", at - 1),
            })
            .collect();
        let deep =
            |open: &str, close: &str| format!("{}{}", open.repeat(10_000), close.repeat(10_000));
        for (name, text) in [
            ("a.yaml", laughs),
            ("a.yaml", deep("[", "]")),
            ("a.yaml", (0..5_000).flat_map(|at| [" ".repeat(at), "a:\n".to_owned()]).collect()),
            ("a.json", deep("[", "]")),
            ("a.toml", format!("a = {}", deep("[", "]"))),
            ("a.tf", format!("a = {}", deep("[", "]"))),
            ("a.tf", format!("a = {}true", "!".repeat(100_000))),
            ("a.xml", deep("<a>", "</a>")),
            ("a.xml", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>".to_owned()),
        ] {
            assert!(read(Some(name), text.as_bytes()).is_err(), "{name}");
        }
    }
}
