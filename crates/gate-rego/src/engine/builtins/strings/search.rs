//! Where a text stands in another: positions count characters.

use crate::engine::builtins::operands::string;
use crate::engine::builtins::{BuiltinError, Context, Outcome};
use crate::engine::value::Value;

pub(super) fn contains(context: &mut Context, operands: &[Value]) -> Outcome {
    let (text, part) = (string(&operands[0], 1)?, string(&operands[1], 2)?);
    context.work(text.len())?;
    Ok(Some(Value::Bool(text.contains(part))))
}

/// How often a text stands in another without overlap; an empty one stands around each character.
pub(super) fn count(context: &mut Context, operands: &[Value]) -> Outcome {
    let (text, part) = (string(&operands[0], 1)?, string(&operands[1], 2)?);
    context.work(text.len())?;
    let count = if part.is_empty() { text.chars().count() + 1 } else { text.matches(part).count() };
    Ok(Some(Value::from(count)))
}

pub(super) fn index_of(context: &mut Context, operands: &[Value]) -> Outcome {
    let (text, part) = searched(context, operands)?;
    let found = text.find(part).map(|at| text[..at].chars().count());
    Ok(Some(found.map_or(Value::from(-1i64), Value::from)))
}

/// All positions, of overlapping ones too.
pub(super) fn index_of_n(context: &mut Context, operands: &[Value]) -> Outcome {
    let (text, part) = searched(context, operands)?;
    let first = part.chars().next().map_or(1, char::len_utf8);
    let mut positions = Vec::new();
    let (mut start, mut counted, mut characters) = (0, 0, 0);
    while let Some(at) = text[start..].find(part) {
        context.allocate_values(1)?;
        context.work(at)?;
        let at = start + at;
        characters += text[counted..at].chars().count();
        counted = at;
        positions.push(Value::from(characters));
        start = at + first;
    }
    Ok(Some(Value::array(positions)))
}

fn searched<'a>(
    context: &mut Context,
    operands: &'a [Value],
) -> Result<(&'a str, &'a str), BuiltinError> {
    let (text, part) = (string(&operands[0], 1)?, string(&operands[1], 2)?);
    if part.is_empty() {
        return Err(BuiltinError::evaluation("empty search character"));
    }
    context.work(text.len())?;
    Ok((text, part))
}
