//! Bodies of OPA's clients: JSON or YAML into Rego's values, complaints in Go's words.

use std::io::Read;

use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use gate_rego::Value;

use crate::gate::Gate;
use crate::json;
use crate::problem::Problem;

/// A body as it was sent, to be read on the workers.
pub(super) struct Sent {
    form: Form,
    bytes: Bytes,
}

impl Sent {
    /// Takes a body of at most the configured size.
    pub(super) async fn take(
        gate: &Gate,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<Self, Problem> {
        let limit = gate.in_force().server.limits.body_bytes;
        Ok(Self { form: Form::of(headers, limit), bytes: json::read(body, limit).await? })
    }

    /// Its value, or why there is none; `None` where it is empty.
    pub(super) fn value(&self) -> Result<Option<Value>, String> {
        self.form.read(&self.bytes)
    }
}

/// How a body is written.
#[derive(Debug, Clone, Copy, Default)]
struct Form {
    yaml: bool,
    packed: bool,
    /// The greatest size of a packed body, unpacked.
    limit: usize,
}

impl Form {
    /// What the headers say.
    fn of(headers: &HeaderMap, limit: usize) -> Self {
        let says = |name, word| {
            headers.get(name).and_then(|it| it.to_str().ok()).is_some_and(|it| it.contains(word))
        };
        Self { yaml: says(CONTENT_TYPE, "yaml"), packed: says(CONTENT_ENCODING, "gzip"), limit }
    }

    /// The value of a body, or why there is none; `None` where it is empty.
    fn read(self, bytes: &[u8]) -> Result<Option<Value>, String> {
        if !self.packed {
            return value(bytes, self.yaml);
        }
        let mut whole = Vec::new();
        let most = self.limit as u64;
        let mut packed = flate2::read::MultiGzDecoder::new(bytes).take(most.saturating_add(1));
        packed.read_to_end(&mut whole).map_err(|error| format!("gzip: {error}"))?;
        if whole.len() > self.limit {
            return Err(format!("gzip: more than {} bytes", self.limit));
        }
        value(&whole, self.yaml)
    }
}

/// The value of a text, or why there is none; `None` where it is empty.
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
    fn a_packed_body_is_bounded_unpacked() {
        let mut packed =
            flate2::read::GzEncoder::new(&[b' '; 1000][..], flate2::Compression::default());
        let mut bytes = Vec::new();
        packed.read_to_end(&mut bytes).unwrap();
        let read = |limit| Form { packed: true, limit, ..Form::default() }.read(&bytes);
        assert_eq!(read(1000), Ok(None));
        assert!(read(999).is_err());
        assert!(Form { packed: true, limit: 9, ..Form::default() }.read(b"plain").is_err());
    }

    #[test]
    fn an_empty_body_is_no_document() {
        assert_eq!(value(b" \n", false), Ok(None));
        assert_eq!(value(b"", true), Ok(None));
        assert_eq!(value(b"a: 1", true).unwrap().unwrap().field("a"), Some(&Value::from(1_i64)));
    }
}
