//! TOML; dates and times are text.

use serde_json::Value;

use super::value::bounded;

/// Reads a document.
pub(super) fn read(text: &str) -> Result<Value, String> {
    read_with(text, &|instant| instant.to_string())
}

/// The same with dates and times alone as instants, which they are for Conftest.
pub(super) fn read_instants(text: &str) -> Result<Value, String> {
    read_with(text, &|instant| match (instant.date, instant.time, instant.offset) {
        (Some(date), None, _) => format!("{date}T00:00:00Z"),
        (None, Some(time), _) => format!("0000-01-01T{time}Z"),
        (Some(date), Some(time), None) => format!("{date}T{time}Z"),
        _ => instant.to_string(),
    })
}

type Instant<'a> = &'a dyn Fn(&::toml::value::Datetime) -> String;

fn read_with(text: &str, instant: Instant<'_>) -> Result<Value, String> {
    let table: ::toml::Table = ::toml::from_str(text).map_err(|error: ::toml::de::Error| {
        format!("{}{}", error.message(), place(text, error.span()))
    })?;
    let value = plain(::toml::Value::Table(table), instant);
    bounded(value).map_err(|error| error.to_string())
}

fn place(text: &str, span: Option<std::ops::Range<usize>>) -> String {
    let before = span.and_then(|span| text.get(..span.start));
    before.map_or_else(String::new, |it| format!(" at line {}", 1 + it.matches('\n').count()))
}

fn plain(value: ::toml::Value, written: Instant<'_>) -> Value {
    match value {
        ::toml::Value::String(text) => text.into(),
        ::toml::Value::Integer(number) => number.into(),
        ::toml::Value::Float(number) => number.into(),
        ::toml::Value::Boolean(flag) => flag.into(),
        ::toml::Value::Datetime(instant) => written(&instant).into(),
        ::toml::Value::Array(items) => items.into_iter().map(|it| plain(it, written)).collect(),
        ::toml::Value::Table(table) => {
            table.into_iter().map(|(key, value)| (key, plain(value, written))).collect()
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
