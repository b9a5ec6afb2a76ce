//! Takes characters and texts off the ends of a text.

use crate::engine::builtins::operands::string;
use crate::engine::builtins::{Context, Outcome};
use crate::engine::value::Value;

/// What is left of a text, which a second one governs.
type Cut = for<'a> fn(&'a str, &str) -> &'a str;

fn cut(context: &mut Context, operands: &[Value], cut: Cut) -> Outcome {
    let (text, what) = (string(&operands[0], 1)?, string(&operands[1], 2)?);
    rest(context, &operands[0], text, cut(text, what))
}

fn rest(context: &mut Context, operand: &Value, text: &str, rest: &str) -> Outcome {
    context.work(text.len())?;
    if rest.len() == text.len() {
        return Ok(Some(operand.clone()));
    }
    context.allocate(rest.len())?;
    Ok(Some(Value::from(rest)))
}

pub(super) fn trim(context: &mut Context, operands: &[Value]) -> Outcome {
    cut(context, operands, |text, set| text.trim_matches(|c| set.contains(c)))
}

pub(super) fn trim_left(context: &mut Context, operands: &[Value]) -> Outcome {
    cut(context, operands, |text, set| text.trim_start_matches(|c| set.contains(c)))
}

pub(super) fn trim_right(context: &mut Context, operands: &[Value]) -> Outcome {
    cut(context, operands, |text, set| text.trim_end_matches(|c| set.contains(c)))
}

pub(super) fn trim_prefix(context: &mut Context, operands: &[Value]) -> Outcome {
    cut(context, operands, |text, prefix| text.strip_prefix(prefix).unwrap_or(text))
}

pub(super) fn trim_suffix(context: &mut Context, operands: &[Value]) -> Outcome {
    cut(context, operands, |text, suffix| text.strip_suffix(suffix).unwrap_or(text))
}

pub(super) fn trim_space(context: &mut Context, operands: &[Value]) -> Outcome {
    let text = string(&operands[0], 1)?;
    rest(context, &operands[0], text, text.trim())
}
