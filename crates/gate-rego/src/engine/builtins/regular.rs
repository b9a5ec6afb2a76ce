//! `regex.*`, as Go's expressions are read and matched.

use super::operands::{integer, string};
use super::{BuiltinError, Context, Declared, Outcome, Type};
use crate::engine::value::Value;

mod class;
mod expression;
mod globs;
mod replace;
mod syntax;
mod template;

pub(super) use expression::{Expression, expression, remembered};

const TWO: &[Type] = &[Type::String, Type::String];
const FIND: &[Type] = &[Type::String, Type::String, Type::Number];
const LISTS: Type = Type::Array(&[], Some(&Type::STRINGS));

pub(super) const TABLE: &[Declared] = &[
    Declared::new("re_match", TWO, Type::Boolean, matches),
    Declared::new("regex.find_all_string_submatch_n", FIND, LISTS, find_groups),
    Declared::new("regex.find_n", FIND, Type::STRINGS, find),
    Declared::new("regex.globs_match", TWO, Type::Boolean, globs::globs_match),
    Declared::new("regex.is_valid", &[Type::String], Type::Boolean, is_valid),
    Declared::new("regex.match", TWO, Type::Boolean, matches),
    Declared::new(
        "regex.replace",
        &[Type::String, Type::String, Type::String],
        Type::String,
        replace::replace,
    ),
    Declared::new("regex.split", TWO, Type::STRINGS, split),
    Declared::new(
        "regex.template_match",
        &[Type::String, Type::String, Type::String, Type::String],
        Type::Boolean,
        template::template_match,
    ),
];

fn is_valid(context: &mut Context, operands: &[Value]) -> Outcome {
    let Some(pattern) = operands[0].as_str() else { return Ok(Some(Value::Bool(false))) };
    context.work(pattern.len())?;
    Ok(Some(Value::Bool(syntax::translate(pattern).is_ok())))
}

fn matches(context: &mut Context, operands: &[Value]) -> Outcome {
    let (pattern, text) = (string(&operands[0], 1)?, string(&operands[1], 2)?);
    let expression = expression(context, pattern)?;
    context.work(text.len())?;
    Ok(Some(Value::Bool(expression.is_match(text))))
}

/// How many matches are wanted; a negative number means all.
fn wanted(value: &Value) -> Result<usize, BuiltinError> {
    Ok(usize::try_from(integer(value, 3)?).unwrap_or(usize::MAX))
}

fn find(context: &mut Context, operands: &[Value]) -> Outcome {
    let (pattern, text) = (string(&operands[0], 1)?, string(&operands[1], 2)?);
    let wanted = wanted(&operands[2])?;
    let expression = expression(context, pattern)?;
    let mut found = Vec::new();
    for range in expression.matches(text).take(wanted) {
        charge(context, range.len())?;
        found.push(Value::from(&text[range]));
    }
    context.work(text.len())?;
    Ok(Some(Value::array(found)))
}

fn find_groups(context: &mut Context, operands: &[Value]) -> Outcome {
    let (pattern, text) = (string(&operands[0], 1)?, string(&operands[1], 2)?);
    let wanted = wanted(&operands[2])?;
    let expression = expression(context, pattern)?;
    let mut found = Vec::new();
    for groups in expression.captures(text).take(wanted) {
        let mut parts = Vec::with_capacity(groups.len());
        for range in groups {
            // A group that took no part is an empty text.
            let part = range.map_or("", |range| &text[range]);
            charge(context, part.len())?;
            parts.push(Value::from(part));
        }
        found.push(Value::array(parts));
    }
    context.work(text.len())?;
    Ok(Some(Value::array(found)))
}

/// The text between matches; an empty match at the very start parts nothing.
fn split(context: &mut Context, operands: &[Value]) -> Outcome {
    let (pattern, text) = (string(&operands[0], 1)?, string(&operands[1], 2)?);
    let expression = expression(context, pattern)?;
    if text.is_empty() && !pattern.is_empty() {
        return Ok(Some(Value::array(vec![Value::from("")])));
    }
    let mut parts = Vec::new();
    let (mut begin, mut end) = (0, 0);
    for range in expression.matches(text) {
        end = range.start;
        if range.end != 0 {
            charge(context, end - begin)?;
            parts.push(Value::from(&text[begin..end]));
        }
        begin = range.end;
    }
    if end != text.len() {
        charge(context, text.len() - begin)?;
        parts.push(Value::from(&text[begin..]));
    }
    context.work(text.len())?;
    Ok(Some(Value::array(parts)))
}

fn charge(context: &mut Context, bytes: usize) -> Result<(), BuiltinError> {
    context.work(bytes)?;
    context.allocate_values(2)?;
    context.allocate(bytes)
}

#[cfg(test)]
mod tests;
