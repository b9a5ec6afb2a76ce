//! `regex.replace`: replaces matches by a text that may name groups (`$1`, `${name}`).

use std::ops::Range;

use super::expression::{Expression, expression};
use crate::engine::builtins::operands::string;
use crate::engine::builtins::{BuiltinError, Context, Outcome};
use crate::engine::value::Value;

pub(super) fn replace(context: &mut Context, operands: &[Value]) -> Outcome {
    let text = string(&operands[0], 1)?;
    let pattern = string(&operands[1], 2)?;
    let replacement = parts(string(&operands[2], 3)?);
    let expression = expression(context, pattern)?;
    let mut out = String::new();
    let mut copied = 0;
    for groups in expression.captures(text) {
        let Some(Some(whole)) = groups.first() else { continue };
        push(context, &mut out, &text[copied..whole.start])?;
        for part in &replacement {
            let part = match part {
                Part::Text(text) => text,
                Part::Group(name) => group(&expression, &groups, name).map_or("", |at| &text[at]),
            };
            push(context, &mut out, part)?;
        }
        copied = whole.end;
    }
    push(context, &mut out, &text[copied..])?;
    Ok(Some(Value::from(out)))
}

fn push(context: &mut Context, out: &mut String, part: &str) -> Result<(), BuiltinError> {
    context.allocate(part.len())?;
    context.work(part.len())?;
    out.push_str(part);
    Ok(())
}

/// The group of a number, or the first of a name that took part.
fn group(
    expression: &Expression,
    groups: &[Option<Range<usize>>],
    name: &str,
) -> Option<Range<usize>> {
    let number = name.bytes().all(|byte| byte.is_ascii_digit());
    // A number with a leading zero or of more than nine digits is a name, and no group has it.
    if number && name.len() <= 9 && (name == "0" || !name.starts_with('0')) {
        return groups.get(name.parse::<usize>().ok()?)?.clone();
    }
    let named = expression.names.iter().zip(groups);
    named.filter(|(group, _)| group.as_deref() == Some(name)).find_map(|(_, range)| range.clone())
}

enum Part<'a> {
    Text(&'a str),
    Group(&'a str),
}

/// The parts of a replacement; a `$` without a name behind is text.
fn parts(template: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('$') {
        parts.push(Part::Text(before));
        if let Some(behind) = after.strip_prefix('$') {
            parts.push(Part::Text("$"));
            rest = behind;
        } else if let Some((name, behind)) = name(after) {
            parts.push(Part::Group(name));
            rest = behind;
        } else {
            parts.push(Part::Text("$"));
            rest = after;
        }
    }
    parts.push(Part::Text(rest));
    parts
}

/// The longest name at the start, in braces or not, and what is behind it.
fn name(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix('{');
    let start = inside.unwrap_or(text);
    let letter = |c: char| c == '_' || c.is_alphanumeric();
    let length = start.find(|c: char| !letter(c)).unwrap_or(start.len());
    let (name, behind) = start.split_at(length);
    if name.is_empty() {
        return None;
    }
    if inside.is_some() { Some((name, behind.strip_prefix('}')?)) } else { Some((name, behind)) }
}
