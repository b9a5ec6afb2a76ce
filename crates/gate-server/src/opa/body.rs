//! Bodies of OPA's clients: JSON or YAML into Rego's values, complaints in Go's words.

use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use gate_rego::Value;

use super::fault::Fault;

/// Whether a body is YAML, by its media type.
pub(super) fn is_yaml(headers: &HeaderMap) -> bool {
    let media = headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
    media.is_some_and(|media| media.contains("yaml"))
}

/// Refuses packed bodies: this server's limit is on what it reads.
pub(super) fn check_plain(headers: &HeaderMap) -> Result<(), Fault> {
    match headers.get(CONTENT_ENCODING).map(|it| it.as_bytes()) {
        None | Some(b"identity") => Ok(()),
        Some(_) => Err(Fault::invalid("Content-Encoding: bodies are taken unpacked")),
    }
}

/// A value, or why there is none; `None` where the body is empty.
pub(super) fn value(bytes: &[u8], yaml: bool) -> Result<Option<Value>, String> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(None);
    }
    if yaml {
        let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
        return gate_rego::value::from_yaml(text).map(Some);
    }
    Value::from_json_bytes(bytes).map(Some).map_err(|error| complaint(bytes, error.offset))
}

/// What Go's decoder says of JSON that breaks off or goes wrong at an offset.
fn complaint(bytes: &[u8], offset: usize) -> String {
    let text = String::from_utf8_lossy(bytes);
    let Some(letter) = text.get(offset..).and_then(|rest| rest.chars().next()) else {
        return "unexpected EOF".to_owned();
    };
    if text.get(..offset).is_some_and(|before| before.trim().is_empty()) {
        return format!("invalid character '{letter}' looking for beginning of value");
    }
    format!("invalid character '{letter}' at byte {offset}")
}

/// The word of Go's decoder for what a value is instead of an object or list.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) | Value::Set(_) => "array",
        Value::Null | Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complaints_are_those_of_go_where_callers_meet_them() {
        let said = |body: &str| value(body.as_bytes(), false).unwrap_err();
        assert_eq!(said("{"), "unexpected EOF");
        assert_eq!(said("{\"a\":"), "unexpected EOF");
        assert_eq!(said("x: 1"), "invalid character 'x' looking for beginning of value");
    }

    #[test]
    fn an_empty_body_is_no_document() {
        assert_eq!(value(b" \n", false), Ok(None));
        assert_eq!(value(b"", true), Ok(None));
        assert_eq!(value(b"a: 1", true).unwrap().unwrap().field("a"), Some(&Value::from(1_i64)));
    }
}
