//! The keywords of a schema that hold plain values, with OPA's words where they do not.

use super::failed;
use crate::engine::builtins::BuiltinError;
use crate::engine::number::Number;
use crate::engine::value::{Array, Object, Value};

pub(super) const TYPES: [&str; 7] =
    ["array", "boolean", "integer", "number", "null", "object", "string"];

pub(super) fn invalid_type(expected: &str, given: &str) -> BuiltinError {
    failed(format!("Invalid type. Expected: {expected}, given: {given}"))
}

pub(super) fn must_be(key: &str, kind: &str) -> BuiltinError {
    failed(format!("{key} must be of type {kind}"))
}

/// A text.
pub(super) fn text<'a>(schema: &'a Value, key: &str) -> Result<Option<&'a str>, BuiltinError> {
    match schema.field(key) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(invalid_type("string", key)),
    }
}

/// A list.
pub(super) fn list<'a>(schema: &'a Value, key: &str) -> Result<Option<&'a Array>, BuiltinError> {
    match schema.field(key) {
        None => Ok(None),
        Some(Value::Array(items)) => Ok(Some(items)),
        Some(_) => Err(failed(format!("{key} must be of an array"))),
    }
}

/// A map of schemas.
pub(super) fn map<'a>(schema: &'a Value, key: &str) -> Result<Option<&'a Object>, BuiltinError> {
    match schema.field(key) {
        None => Ok(None),
        Some(Value::Object(fields)) => Ok(Some(fields)),
        Some(_) => Err(invalid_type("Valid Schema", key)),
    }
}

/// A count.
fn count(schema: &Value, key: &str) -> Result<Option<i64>, BuiltinError> {
    let Some(value) = schema.field(key) else { return Ok(None) };
    let count = value.as_number().and_then(Number::as_i64);
    let count = count.ok_or_else(|| failed(format!("{key} must be of an integer")))?;
    if count < 0 {
        return Err(failed(format!("{key} must be greater than or equal to 0")));
    }
    Ok(Some(count))
}

/// Two counts, the first of which must not be the greater.
pub(super) fn counts(schema: &Value, [least, most]: [&str; 2]) -> Result<bool, BuiltinError> {
    let (least, most) = (count(schema, least)?, count(schema, most)?);
    Ok(least.zip(most).is_none_or(|(least, most)| least <= most))
}

/// `type`: the name of a type, or several.
pub(super) fn types(schema: &Value) -> Result<(), BuiltinError> {
    let wrong = || invalid_type("type", "string/Array Of Strings");
    let named = match schema.field("type") {
        None => return Ok(()),
        Some(single @ Value::String(_)) => std::slice::from_ref(single),
        Some(Value::Array(several)) => several.as_slice(),
        Some(_) => return Err(wrong()),
    };
    for (at, value) in named.iter().enumerate() {
        let name = value.as_str().ok_or_else(wrong)?;
        if !TYPES.contains(&name) {
            let types = TYPES.join(" ");
            return Err(failed(format!(
                "has a primitive type that is NOT VALID -- given: /{name}/ Expected valid values are:[{types}]"
            )));
        }
        if named[..at].contains(value) {
            return Err(failed(format!("{name} type is duplicated")));
        }
    }
    Ok(())
}

/// `required`: different texts.
pub(super) fn required(schema: &Value) -> Result<(), BuiltinError> {
    let Some(names) = list(schema, "required")? else { return Ok(()) };
    if names.iter().any(|name| name.as_str().is_none()) {
        return Err(invalid_type("string", "required"));
    }
    different(names, "required")
}

/// `enum`: different values.
pub(super) fn values(schema: &Value) -> Result<(), BuiltinError> {
    list(schema, "enum")?.map_or(Ok(()), |values| different(values, "enum"))
}

fn different(items: &Array, key: &str) -> Result<(), BuiltinError> {
    let mut sorted: Vec<&Value> = items.iter().collect();
    sorted.sort();
    if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(failed(format!("{key} items must be unique")));
    }
    Ok(())
}
