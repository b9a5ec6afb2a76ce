//! TOML; dates and times are text.

use serde_json::Value;

use super::value::bounded;

/// Reads a document.
pub(super) fn read(text: &str) -> Result<Value, String> {
    let table: ::toml::Table = ::toml::from_str(text).map_err(|error: ::toml::de::Error| {
        format!("{}{}", error.message(), place(text, error.span()))
    })?;
    let value = plain(::toml::Value::Table(table));
    bounded(value).map_err(|error| error.to_string())
}

fn place(text: &str, span: Option<std::ops::Range<usize>>) -> String {
    let before = span.and_then(|span| text.get(..span.start));
    before.map_or_else(String::new, |it| format!(" at line {}", 1 + it.matches('\n').count()))
}

fn plain(value: ::toml::Value) -> Value {
    match value {
        ::toml::Value::String(text) => text.into(),
        ::toml::Value::Integer(number) => number.into(),
        ::toml::Value::Float(number) => number.into(),
        ::toml::Value::Boolean(flag) => flag.into(),
        ::toml::Value::Datetime(instant) => instant.to_string().into(),
        ::toml::Value::Array(items) => items.into_iter().map(plain).collect(),
        ::toml::Value::Table(table) => {
            table.into_iter().map(|(key, value)| (key, plain(value))).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_type_has_a_value() {
        let text =
            "a = 1\nb = 1.5\nc = [true, \"x\"]\nd = 2026-01-01T00:00:00Z\n[[e.f]]\ng = {h = 1}\n";
        let expected = json!({
            "a": 1, "b": 1.5, "c": [true, "x"], "d": "2026-01-01T00:00:00Z", "e": {"f": [{"g": {"h": 1}}]},
        });
        assert_eq!(read(text).unwrap(), expected);
        assert!(read("a = 1\na = 2\n").is_err());
        assert!(read("\na =\n").unwrap_err().ends_with("at line 2"));
    }
}
