//! Writes a value as YAML in the form of Go's package: two spaces a level, quotes only where needed.

use std::cmp::Ordering;

use super::resolve::{Scalar, resolve};
use crate::engine::builtins::json::write::fields;
use crate::engine::builtins::{BuiltinError, Context};
use crate::engine::number::Number;
use crate::engine::value::Value;

mod scalar;

/// Keys longer than this are written behind a `?`.
const SIMPLE_KEY: usize = 128;

/// The YAML text of a value.
pub(super) fn write(context: &mut Context, value: &Value) -> Result<String, BuiltinError> {
    let mut emitter = Emitter { context, text: String::new() };
    emitter.value(value, 0, true)?;
    Ok(emitter.text)
}

struct Emitter<'a> {
    context: &'a mut Context,
    text: String,
}

impl Emitter<'_> {
    fn push(&mut self, part: &str) -> Result<(), BuiltinError> {
        self.context.allocate(part.len())?;
        self.context.work(part.len())?;
        self.text.push_str(part);
        Ok(())
    }

    fn indent(&mut self, level: usize) -> Result<(), BuiltinError> {
        self.push(&"  ".repeat(level))
    }

    /// A value and its line's end. `inline` says that the line has been begun at this level already.
    fn value(&mut self, value: &Value, level: usize, inline: bool) -> Result<(), BuiltinError> {
        match value {
            Value::Array(items) if !items.is_empty() => self.list(items.as_slice(), level, inline),
            Value::Set(items) if !items.is_empty() => self.list(items.as_slice(), level, inline),
            Value::Object(object) if !object.is_empty() => {
                let fields = fields(self.context, object)?;
                self.mapping(fields, level, inline)
            }
            Value::Array(_) | Value::Set(_) => self.push("[]\n"),
            Value::Object(_) => self.push("{}\n"),
            Value::Null => self.push("null\n"),
            Value::Bool(value) => self.push(if *value { "true\n" } else { "false\n" }),
            Value::Number(value) => self.push(&format!("{}\n", number(value))),
            Value::String(text) => {
                let written = scalar::value(text, level);
                self.push(&written)?;
                if written.ends_with('\n') { Ok(()) } else { self.push("\n") }
            }
        }
    }

    fn list(&mut self, items: &[Value], level: usize, inline: bool) -> Result<(), BuiltinError> {
        for (at, item) in items.iter().enumerate() {
            if at > 0 || !inline {
                self.indent(level)?;
            }
            self.push("- ")?;
            self.value(item, level + 1, true)?;
        }
        Ok(())
    }

    fn mapping(
        &mut self,
        mut fields: Vec<(std::borrow::Cow<'_, str>, &Value)>,
        level: usize,
        inline: bool,
    ) -> Result<(), BuiltinError> {
        fields.sort_by(|left, right| natural(&left.0, &right.0));
        for (at, (key, value)) in fields.iter().enumerate() {
            if at > 0 || !inline {
                self.indent(level)?;
            }
            if key.len() > SIMPLE_KEY || key.contains('\n') {
                self.push("? ")?;
                let written = scalar::value(key, level + 1);
                self.push(&written)?;
                if !written.ends_with('\n') {
                    self.push("\n")?;
                }
                self.indent(level)?;
                self.push(": ")?;
                self.value(value, level + 1, true)?;
                continue;
            }
            self.push(&scalar::key(key))?;
            let nested = match value {
                Value::Array(items) => !items.is_empty(),
                Value::Set(items) => !items.is_empty(),
                Value::Object(object) => !object.is_empty(),
                _ => false,
            };
            self.push(if nested { ":\n" } else { ": " })?;
            self.value(value, level + 1, !nested)?;
        }
        Ok(())
    }
}

/// A number by way of YAML: integers of a machine word as they are, others as floats.
fn number(value: &Number) -> String {
    let text = value.to_string();
    match resolve(&text) {
        Scalar::Signed(integer) => integer.to_string(),
        Scalar::Unsigned(integer) => integer.to_string(),
        Scalar::Float(float) => Number::from_f64(float).map_or(text, |number| number.to_string()),
        _ => text,
    }
}

/// The order of keys in which numbers within them count as numbers.
fn natural(left: &str, right: &str) -> Ordering {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let mut digits = false;
    for (at, (&one, &other)) in left.iter().zip(&right).enumerate() {
        if one == other {
            digits = one.is_numeric();
            continue;
        }
        let (one_letter, other_letter) = (one.is_alphabetic(), other.is_alphabetic());
        if one_letter && other_letter {
            return one.cmp(&other);
        }
        if one_letter || other_letter {
            let less = if digits { one_letter } else { other_letter };
            return if less { Ordering::Less } else { Ordering::Greater };
        }
        let leading = (one == '0' || other == '0')
            && left[..at].iter().rev().take_while(|c| c.is_numeric()).any(|c| *c != '0');
        let (one_number, one_end) = digits_at(&left, at, leading);
        let (other_number, other_end) = digits_at(&right, at, leading);
        return (one_number, one_end, one).cmp(&(other_number, other_end, other));
    }
    left.len().cmp(&right.len())
}

/// The number that stands at a place and its end. A digit other than zero before it counts as one.
fn digits_at(text: &[char], start: usize, leading: bool) -> (i64, usize) {
    let mut number = i64::from(leading);
    let mut at = start;
    while let Some(digit) = text.get(at).and_then(|c| c.to_digit(10)) {
        number = number.wrapping_mul(10).wrapping_add(i64::from(digit));
        at += 1;
    }
    (number, at)
}
