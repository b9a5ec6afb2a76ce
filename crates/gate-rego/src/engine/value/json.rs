//! Values as JSON: numbers by their text, sets as sorted arrays, keys that are no strings as JSON text.

use std::borrow::Cow;

use serde::ser::{Error as _, Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::value::RawValue;

use super::Value;

impl Value {
    /// The value as compact JSON text.
    pub fn to_json(&self) -> String {
        let mut text = String::new();
        write_json(self, &mut text);
        text
    }
}

/// Appends a value as compact JSON text, keys in the order of the text that they are written as.
pub(super) fn write_json(value: &Value, text: &mut String) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => text.push_str(&number.to_string()),
        Value::String(string) => write_string(string, text),
        Value::Array(array) => write_list(array.as_slice(), text),
        Value::Set(set) => write_list(set.as_slice(), text),
        Value::Object(object) => {
            text.push('{');
            for (at, (key, value)) in fields(object).iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                write_string(key, text);
                text.push(':');
                write_json(value, text);
            }
            text.push('}');
        }
    }
}

/// The entries by the text of their keys, in its order; of equal texts (`1` and `"1"`) the last counts.
fn fields(object: &super::Object) -> Vec<(Cow<'_, str>, &Value)> {
    let mut mixed = false;
    let mut fields: Vec<(Cow<'_, str>, &Value)> = Vec::with_capacity(object.len());
    for (key, value) in object {
        match key {
            Value::String(key) => fields.push((Cow::Borrowed(key), value)),
            other => {
                mixed = true;
                fields.push((Cow::Owned(other.to_json()), value));
            }
        }
    }
    if mixed {
        fields.sort_by(|left, right| left.0.cmp(&right.0));
        fields.dedup_by(|later, earlier| {
            let same = later.0 == earlier.0;
            if same {
                earlier.1 = later.1;
            }
            same
        });
    }
    fields
}

fn write_list(items: &[Value], text: &mut String) {
    text.push('[');
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        write_json(item, text);
    }
    text.push(']');
}

fn write_string(string: &str, text: &mut String) {
    // A string always has a form in JSON.
    text.push_str(&serde_json::to_string(string).unwrap_or_default());
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(number) => match plain(number) {
                Some(integer) => serializer.serialize_i64(integer),
                // Raw text keeps each digit where the output is JSON text.
                None => RawValue::from_string(number.to_string())
                    .map_err(S::Error::custom)?
                    .serialize(serializer),
            },
            Self::String(text) => serializer.serialize_str(text),
            Self::Array(array) => list(array.as_slice(), serializer),
            Self::Set(set) => list(set.as_slice(), serializer),
            Self::Object(object) => {
                let mut map = serializer.serialize_map(Some(object.len()))?;
                for (key, value) in fields(object) {
                    map.serialize_entry(&key, value)?;
                }
                map.end()
            }
        }
    }
}

/// The integer, where printing it gives the number's own text.
fn plain(number: &super::Number) -> Option<i64> {
    let integer = number.as_i64()?;
    (integer.to_string() == number.to_string()).then_some(integer)
}

fn list<S: Serializer>(items: &[Value], serializer: S) -> Result<S::Ok, S::Error> {
    let mut sequence = serializer.serialize_seq(Some(items.len()))?;
    for item in items {
        sequence.serialize_element(item)?;
    }
    sequence.end()
}
