//! `object.subset`: what is contained in what.

use crate::engine::builtins::{BuiltinError, Context, Outcome};
use crate::engine::value::{Array, Object, Set, Value};

pub(super) fn subset(context: &mut Context, operands: &[Value]) -> Outcome {
    let contained = match (&operands[0], &operands[1]) {
        (Value::Object(whole), Value::Object(part)) => objects(context, whole, part)?,
        (Value::Set(whole), Value::Set(part)) => sets(context, whole, part)?,
        (Value::Array(whole), Value::Array(part)) => arrays(context, whole, part)?,
        (Value::Array(whole), Value::Set(part)) => array_and_set(context, whole, part)?,
        _ => {
            return Err(BuiltinError {
                kind: crate::engine::builtins::ErrorKind::Type,
                message: "both arguments object.subset must be of the same type or array and set"
                    .to_owned(),
            });
        }
    };
    Ok(Some(Value::Bool(contained)))
}

fn objects(context: &mut Context, whole: &Object, part: &Object) -> Result<bool, BuiltinError> {
    for (key, part) in part {
        context.step()?;
        let Some(whole) = whole.get(key) else { return Ok(false) };
        let contained = match (whole, part) {
            _ if whole == part => true,
            (Value::Object(whole), Value::Object(part)) => objects(context, whole, part)?,
            (Value::Set(whole), Value::Set(part)) => sets(context, whole, part)?,
            (Value::Array(whole), Value::Array(part)) => arrays(context, whole, part)?,
            _ => false,
        };
        if !contained {
            return Ok(false);
        }
    }
    Ok(true)
}

fn sets(context: &mut Context, whole: &Set, part: &Set) -> Result<bool, BuiltinError> {
    context.work(part.len().saturating_mul(16))?;
    Ok(part.iter().all(|item| whole.contains(item)))
}

/// Whether the part stands in the whole as it is. A search that failed in the middle goes on behind
/// the place it began at, as in OPA.
fn arrays(context: &mut Context, whole: &Array, part: &Array) -> Result<bool, BuiltinError> {
    if part.len() > whole.len() {
        return Ok(false);
    }
    for start in 0..=whole.len() - part.len() {
        context.step()?;
        let mut same = 0;
        for (left, right) in whole.as_slice()[start..].iter().zip(part) {
            context.step()?;
            if left != right {
                break;
            }
            same += 1;
        }
        if same == part.len() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the array's items cover the set; an empty array covers nothing, not even an empty set,
/// and an item that is there twice counts twice, as in OPA.
fn array_and_set(context: &mut Context, whole: &Array, part: &Set) -> Result<bool, BuiltinError> {
    let mut missing = part.len();
    for item in whole {
        context.step()?;
        if part.contains(item) {
            missing = missing.saturating_sub(1);
        }
        if missing == 0 {
            return Ok(true);
        }
    }
    Ok(false)
}
