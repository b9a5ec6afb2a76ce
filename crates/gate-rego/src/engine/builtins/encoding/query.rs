//! The query part of URLs, as Go escapes and reads it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::engine::builtins::operands::{string, wrong_type};
use crate::engine::builtins::{BuiltinError, Context, Outcome, binary};
use crate::engine::value::{Value, quote};

/// Escapes all but letters, digits and `-_.~`; a space is a plus.
pub(in crate::engine::builtins) fn escape(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(*byte));
            }
            b' ' => out.push('+'),
            // Writing to a string cannot fail.
            _ => drop(write!(out, "%{byte:02X}")),
        }
    }
    out
}

/// The bytes that an escaped text says.
pub(super) fn unescape(text: &str) -> Result<Vec<u8>, String> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'+' => out.push(b' '),
            b'%' => {
                let digits = bytes.get(at..at + 2).unwrap_or_default();
                let digit = |byte: u8| char::from(byte).to_digit(16);
                let pair = match digits {
                    [high, low] => digit(*high).zip(digit(*low)),
                    _ => None,
                };
                let Some((high, low)) = pair else {
                    let part = &bytes[at - 1..bytes.len().min(at + 2)];
                    let part = String::from_utf8_lossy(part);
                    return Err(format!("invalid URL escape {}", quote(&part)));
                };
                out.push(u8::try_from(high << 4 | low).unwrap_or_default());
                at += 2;
            }
            other => out.push(*other),
        }
    }
    Ok(out)
}

pub(super) fn encode_object(context: &mut Context, operands: &[Value]) -> Outcome {
    let Value::Object(object) = &operands[0] else {
        return Err(wrong_type(1, &operands[0], &["object"]));
    };
    let wrong = || BuiltinError::operand(1, "values must be string, array[string], or set[string]");
    let mut pairs: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (key, value) in object.iter() {
        let values = match value {
            Value::String(text) => vec![&**text],
            Value::Array(items) => texts(items.as_slice()).ok_or_else(wrong)?,
            Value::Set(items) => texts(items.as_slice()).ok_or_else(wrong)?,
            _ => return Err(wrong()),
        };
        let key = key.as_str().map_or_else(|| key.to_json(), str::to_owned);
        pairs.insert(key, values);
    }
    let mut out = String::new();
    for (key, values) in &pairs {
        let key = escape(key.as_bytes());
        for value in values {
            let length = key.len().saturating_add(value.len().saturating_mul(3));
            context.allocate(length.saturating_add(2))?;
            context.work(length)?;
            if !out.is_empty() {
                out.push('&');
            }
            out.push_str(&key);
            out.push('=');
            out.push_str(&escape(value.as_bytes()));
        }
    }
    Ok(Some(Value::from(out)))
}

fn texts(items: &[Value]) -> Option<Vec<&str>> {
    items.iter().map(Value::as_str).collect()
}

pub(super) fn decode_object(context: &mut Context, operands: &[Value]) -> Outcome {
    let query = string(&operands[0], 1)?;
    context.work(query.len())?;
    let part = |text: &str| {
        let bytes = unescape(text).map_err(BuiltinError::evaluation)?;
        binary::text(bytes)
    };
    let mut values: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        if pair.contains(';') {
            let what = "invalid semicolon separator in query";
            return Err(BuiltinError::evaluation(what));
        }
        context.allocate_values(4)?;
        context.allocate(pair.len().saturating_mul(2))?;
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (key, value) = (part(key)?, part(value)?);
        values.entry(key).or_default().push(Value::from(value));
    }
    let entries = values.into_iter().map(|(key, values)| (Value::from(key), Value::array(values)));
    Ok(Some(Value::object(entries.collect())))
}
