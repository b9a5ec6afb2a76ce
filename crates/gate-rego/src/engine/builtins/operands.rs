//! Takes operands by type, with OPA's words where the type is wrong. Positions count from 1.

use num_bigint::BigInt;

use super::BuiltinError;
use crate::engine::number::Number;
use crate::engine::value::{Array, Object, Set, Value};

/// `operand 1 must be string but got number`.
pub(crate) fn wrong_type(position: usize, got: &Value, expected: &[&str]) -> BuiltinError {
    let got = got.type_name();
    BuiltinError::operand(position, format_args!("must be {} but got {got}", one_of(expected)))
}

/// `operand 1 must be array of strings but got array containing number`.
pub(crate) fn wrong_element(
    position: usize,
    collection: &Value,
    got: &Value,
    expected: &[&str],
) -> BuiltinError {
    let (kind, got) = (collection.type_name(), got.type_name());
    let wanted = match expected {
        [single] => format!("{single}s"),
        several => format!("(any of) {{{}}}", several.join(", ")),
    };
    BuiltinError::operand(
        position,
        format_args!("must be {kind} of {wanted} but got {kind} containing {got}"),
    )
}

/// `operand 2 must be one of {2, 8}`.
pub(crate) fn wrong_choice(position: usize, expected: &[&str]) -> BuiltinError {
    BuiltinError::operand(position, format_args!("must be {}", one_of(expected)))
}

fn one_of(expected: &[&str]) -> String {
    match expected {
        [single] => (*single).to_owned(),
        several => format!("one of {{{}}}", several.join(", ")),
    }
}

/// A string.
pub(crate) fn string(value: &Value, position: usize) -> Result<&str, BuiltinError> {
    value.as_str().ok_or_else(|| wrong_type(position, value, &["string"]))
}

/// A boolean.
pub(crate) fn boolean(value: &Value, position: usize) -> Result<bool, BuiltinError> {
    match value {
        Value::Bool(value) => Ok(*value),
        other => Err(wrong_type(position, other, &["boolean"])),
    }
}

/// A number.
pub(crate) fn number(value: &Value, position: usize) -> Result<&Number, BuiltinError> {
    value.as_number().ok_or_else(|| wrong_type(position, value, &["number"]))
}

const FLOAT: &str = "must be integer number but got floating-point number";

/// An integer of 64 bits.
pub(crate) fn integer(value: &Value, position: usize) -> Result<i64, BuiltinError> {
    number(value, position)?.as_i64().ok_or_else(|| BuiltinError::operand(position, FLOAT))
}

/// An integer of any size.
pub(crate) fn big_integer(value: &Value, position: usize) -> Result<BigInt, BuiltinError> {
    let number = value.as_number().ok_or_else(|| wrong_type(position, value, &["integer"]))?;
    number.as_integer().ok_or_else(|| BuiltinError::operand(position, FLOAT))
}

/// An array.
pub(crate) fn array(value: &Value, position: usize) -> Result<&Array, BuiltinError> {
    value.as_array().ok_or_else(|| wrong_type(position, value, &["array"]))
}

/// An object.
pub(crate) fn object(value: &Value, position: usize) -> Result<&Object, BuiltinError> {
    value.as_object().ok_or_else(|| wrong_type(position, value, &["object"]))
}

/// A set.
pub(crate) fn set(value: &Value, position: usize) -> Result<&Set, BuiltinError> {
    value.as_set().ok_or_else(|| wrong_type(position, value, &["set"]))
}

/// The items of an array or a set.
pub(crate) fn list(value: &Value, position: usize) -> Result<&[Value], BuiltinError> {
    match value {
        Value::Array(array) => Ok(array.as_slice()),
        Value::Set(set) => Ok(set.as_slice()),
        other => Err(wrong_type(position, other, &["array", "set"])),
    }
}

/// The strings of an array or a set.
pub(crate) fn strings(value: &Value, position: usize) -> Result<Vec<&str>, BuiltinError> {
    let item = |item: &'_ Value| match item.as_str() {
        Some(_) => Ok(()),
        None => Err(wrong_element(position, value, item, &["string"])),
    };
    let items = list(value, position)?;
    items.iter().try_for_each(item)?;
    Ok(items.iter().filter_map(Value::as_str).collect())
}
