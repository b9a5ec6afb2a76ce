//! Parts of texts.

use crate::engine::builtins::operands::{integer, string};
use crate::engine::builtins::{BuiltinError, Context, Outcome};
use crate::engine::value::Value;

pub(super) fn split(context: &mut Context, operands: &[Value]) -> Outcome {
    let (text, delimiter) = (string(&operands[0], 1)?, string(&operands[1], 2)?);
    charge(context, text)?;
    Ok(Some(values(context, &parts(text, delimiter))?))
}

/// The first parts, or where the number is negative the last ones.
pub(super) fn split_n(context: &mut Context, operands: &[Value]) -> Outcome {
    let (text, delimiter) = (string(&operands[0], 1)?, string(&operands[1], 2)?);
    let count = integer(&operands[2], 3)?;
    charge(context, text)?;
    let parts = parts(text, delimiter);
    let wanted = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX).min(parts.len());
    let chosen = if count >= 0 { &parts[..wanted] } else { &parts[parts.len() - wanted..] };
    Ok(Some(values(context, chosen)?))
}

fn charge(context: &mut Context, text: &str) -> Result<(), BuiltinError> {
    context.work(text.len())?;
    // Each part is a reference of two words before it is a value.
    context.allocate(text.len().saturating_mul(2))
}

/// The parts between delimiters; an empty delimiter parts the characters.
fn parts<'a>(text: &'a str, delimiter: &str) -> Vec<&'a str> {
    if delimiter.is_empty() {
        return text.char_indices().map(|(at, c)| &text[at..at + c.len_utf8()]).collect();
    }
    text.split(delimiter).collect()
}

fn values(context: &mut Context, parts: &[&str]) -> Result<Value, BuiltinError> {
    // A text has its own allocation beside the value that points to it.
    context.allocate_values(parts.len().saturating_mul(2))?;
    context.allocate(parts.iter().map(|part| part.len()).sum())?;
    Ok(Value::array(parts.iter().map(|part| Value::from(*part)).collect()))
}

pub(super) fn substring(context: &mut Context, operands: &[Value]) -> Outcome {
    let text = string(&operands[0], 1)?;
    let start = integer(&operands[1], 2)?;
    let length = integer(&operands[2], 3)?;
    let Ok(start) = usize::try_from(start) else {
        return Err(BuiltinError::evaluation("negative offset"));
    };
    context.work(text.len())?;
    let rest = &text[offset(text, start)..];
    // A negative length means all the rest.
    let end = usize::try_from(length).map_or(rest.len(), |length| offset(rest, length));
    context.allocate(end)?;
    Ok(Some(Value::from(&rest[..end])))
}

/// The byte where a character begins; the text's end where there are fewer.
fn offset(text: &str, characters: usize) -> usize {
    if characters >= text.len() {
        return text.len();
    }
    text.char_indices().nth(characters).map_or(text.len(), |(at, _)| at)
}
