//! Upper and lower case, and text backwards: each character by itself, as Go maps them.

use crate::engine::builtins::operands::string;
use crate::engine::builtins::{Context, Outcome};
use crate::engine::value::Value;

pub(super) fn lower(context: &mut Context, operands: &[Value]) -> Outcome {
    map(context, &operands[0], lower_character)
}

pub(super) fn upper(context: &mut Context, operands: &[Value]) -> Outcome {
    map(context, &operands[0], upper_character)
}

pub(super) fn reverse(context: &mut Context, operands: &[Value]) -> Outcome {
    let text = string(&operands[0], 1)?;
    context.allocate(text.len())?;
    context.work(text.len())?;
    Ok(Some(Value::from(text.chars().rev().collect::<String>())))
}

fn map(context: &mut Context, value: &Value, mapping: fn(char) -> char) -> Outcome {
    let text = string(value, 1)?;
    context.allocate(text.len())?;
    context.work(text.len())?;
    let mapped: String = text.chars().map(mapping).collect();
    Ok(Some(if mapped == text { value.clone() } else { Value::from(mapped) }))
}

fn lower_character(character: char) -> char {
    // The one character whose lower case in full is two, but one by itself.
    if character == 'İ' { 'i' } else { single(character.to_lowercase(), character) }
}

fn upper_character(character: char) -> char {
    // Greek with iota below: in full two characters, by itself one of title case.
    let shift = match character {
        '\u{1f80}'..='\u{1f87}' | '\u{1f90}'..='\u{1f97}' | '\u{1fa0}'..='\u{1fa7}' => 8,
        '\u{1fb3}' | '\u{1fc3}' | '\u{1ff3}' => 9,
        _ => return single(character.to_uppercase(), character),
    };
    char::from_u32(u32::from(character) + shift).unwrap_or(character)
}

/// The mapping, where it is one character; otherwise there is none for the character by itself.
fn single(mut mapping: impl Iterator<Item = char>, character: char) -> char {
    match (mapping.next(), mapping.next()) {
        (Some(mapped), None) => mapped,
        _ => character,
    }
}
