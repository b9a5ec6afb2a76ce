//! Comparisons of Go's basic types; numbers of the document are texts there.

use std::cmp::Ordering;

use super::data::Data;
use super::failed;
use crate::engine::builtins::BuiltinError;
use crate::engine::value::Value;

fn incompatible() -> BuiltinError {
    failed("incompatible types for comparison")
}

pub(super) fn equal(left: &Data, right: &Data) -> Result<bool, BuiltinError> {
    let collection = |data: &Data| matches!(data, Data::Value(Value::Array(_) | Value::Object(_)));
    match (left, right) {
        (left, right) if left.is_nil() || right.is_nil() => Ok(left.is_nil() && right.is_nil()),
        (left, right) if collection(left) || collection(right) => {
            Err(failed("non-comparable type"))
        }
        (Data::Integer(left), Data::Integer(right)) => Ok(left == right),
        (Data::Float(left), Data::Float(right)) => {
            Ok(left.partial_cmp(right) == Some(Ordering::Equal))
        }
        (Data::Value(Value::Bool(left)), Data::Value(Value::Bool(right))) => Ok(left == right),
        (left, right) => match (left.as_text(), right.as_text()) {
            (Some(left), Some(right)) => Ok(left == right),
            _ => Err(incompatible()),
        },
    }
}

pub(super) fn less(left: &Data, right: &Data) -> Result<bool, BuiltinError> {
    match (left, right) {
        (Data::Integer(left), Data::Integer(right)) => Ok(left < right),
        (Data::Float(left), Data::Float(right)) => Ok(left < right),
        (left, right) => match (left.as_text(), right.as_text()) {
            (Some(left), Some(right)) => Ok(left < right),
            _ => Err(incompatible()),
        },
    }
}
