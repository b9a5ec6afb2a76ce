//! What texts begin and end with.

use crate::engine::builtins::operands::{string, strings, wrong_type};
use crate::engine::builtins::{BuiltinError, Context, Outcome};
use crate::engine::value::Value;

pub(super) fn starts_with(_: &mut Context, operands: &[Value]) -> Outcome {
    let (text, prefix) = (string(&operands[0], 1)?, string(&operands[1], 2)?);
    Ok(Some(Value::Bool(text.starts_with(prefix))))
}

pub(super) fn ends_with(_: &mut Context, operands: &[Value]) -> Outcome {
    let (text, suffix) = (string(&operands[0], 1)?, string(&operands[1], 2)?);
    Ok(Some(Value::Bool(text.ends_with(suffix))))
}

pub(super) fn any_prefix_match(context: &mut Context, operands: &[Value]) -> Outcome {
    let texts = texts(&operands[0], 1)?;
    let prefixes = self::texts(&operands[1], 2)?;
    let bytes = |texts: Vec<&str>| texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    any_match(context, bytes(texts), bytes(prefixes))
}

pub(super) fn any_suffix_match(context: &mut Context, operands: &[Value]) -> Outcome {
    let texts = texts(&operands[0], 1)?;
    let suffixes = self::texts(&operands[1], 2)?;
    let backwards =
        |texts: Vec<&str>| texts.iter().map(|text| text.bytes().rev().collect()).collect();
    any_match(context, backwards(texts), backwards(suffixes))
}

fn texts(value: &Value, position: usize) -> Result<Vec<&str>, BuiltinError> {
    match value {
        Value::String(text) => Ok(vec![text]),
        Value::Array(_) | Value::Set(_) => strings(value, position),
        other => Err(wrong_type(position, other, &["string", "set", "array"])),
    }
}

/// Texts that share a prefix stand together once sorted, right behind the prefix itself, so only
/// the first text not before each prefix is looked at.
fn any_match(context: &mut Context, mut texts: Vec<Vec<u8>>, prefixes: Vec<Vec<u8>>) -> Outcome {
    context.work(texts.iter().chain(&prefixes).map(Vec::len).sum())?;
    texts.sort_unstable();
    for prefix in prefixes {
        context.step()?;
        let at = texts.partition_point(|text| *text < prefix);
        if texts.get(at).is_some_and(|text| text.starts_with(&prefix)) {
            return Ok(Some(Value::Bool(true)));
        }
    }
    Ok(Some(Value::Bool(false)))
}
