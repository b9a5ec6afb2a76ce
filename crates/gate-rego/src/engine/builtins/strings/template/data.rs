//! What commands work on: values of the document, and numbers that Go would count with.

use std::fmt::Write as _;

use super::failed;
use crate::engine::builtins::BuiltinError;
use crate::engine::value::Value;

#[derive(Clone)]
pub(super) enum Data {
    /// No value at all.
    Missing,
    /// A value of the document. Its numbers are texts to Go.
    Value(Value),
    Integer(i64),
    Float(f64),
}

impl Data {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Value(Value::from(text.into()))
    }

    pub(super) fn flag(flag: bool) -> Self {
        Self::Value(Value::Bool(flag))
    }

    /// The text of a text or of a document's number.
    pub(super) fn as_text(&self) -> Option<String> {
        match self {
            Self::Value(Value::String(text)) => Some(text.to_string()),
            Self::Value(Value::Number(number)) => Some(number.to_string()),
            _ => None,
        }
    }

    pub(super) fn is_nil(&self) -> bool {
        matches!(self, Self::Missing | Self::Value(Value::Null))
    }

    pub(super) fn is_true(&self) -> bool {
        match self {
            Self::Missing => false,
            Self::Integer(number) => *number != 0,
            Self::Float(number) => *number != 0.0,
            Self::Value(value) => match value {
                Value::Null => false,
                Value::Bool(value) => *value,
                // A number is a text that is not empty.
                Value::Number(_) => true,
                Value::String(text) => !text.is_empty(),
                Value::Array(items) => !items.is_empty(),
                Value::Object(object) => !object.is_empty(),
                Value::Set(set) => !set.is_empty(),
            },
        }
    }

    pub(super) fn field(&self, name: &str) -> Result<Self, BuiltinError> {
        match self {
            Self::Missing => Ok(Self::Missing),
            Self::Value(Value::Object(object)) => {
                Ok(object.field(name).map_or(Self::Missing, |value| Self::Value(value.clone())))
            }
            Self::Value(Value::Null) => {
                Err(failed(format_args!("nil pointer evaluating interface {{}}.{name}")))
            }
            _ => Err(failed(format_args!("can't evaluate field {name} in type interface {{}}"))),
        }
    }

    /// The data as it is rendered.
    pub(super) fn written(&self) -> String {
        match self {
            Self::Missing | Self::Value(Value::Null) => "<no value>".to_owned(),
            Self::Integer(number) => number.to_string(),
            Self::Float(number) => float(*number),
            Self::Value(value) => {
                let mut text = String::new();
                write(&mut text, value);
                text
            }
        }
    }
}

/// A float as Go prints it: shortest, with an exponent where it is long.
fn float(number: f64) -> String {
    let text = format!("{number:e}");
    match text.split_once('e').map(|(mantissa, exponent)| (mantissa, exponent.parse::<i32>())) {
        Some((mantissa, Ok(exponent))) if !(-4..21).contains(&exponent) => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs())
        }
        _ => number.to_string(),
    }
}

/// Writes a value that stands in another one.
fn write(text: &mut String, value: &Value) {
    match value {
        Value::Null => text.push_str("<nil>"),
        Value::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => {
            // Writing to a string cannot fail.
            let _ = write!(text, "{number}");
        }
        Value::String(string) => text.push_str(string),
        Value::Array(items) => list(text, items.as_slice()),
        Value::Set(items) => list(text, items.as_slice()),
        Value::Object(object) => {
            text.push_str("map[");
            for (at, (key, value)) in object.iter().enumerate() {
                if at > 0 {
                    text.push(' ');
                }
                write(text, key);
                text.push(':');
                write(text, value);
            }
            text.push(']');
        }
    }
}

fn list(text: &mut String, items: &[Value]) {
    text.push('[');
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            text.push(' ');
        }
        write(text, item);
    }
    text.push(']');
}
