//! Writes by a format as Go's `fmt.Sprintf` does, every complaint of its included.

use num_bigint::BigInt;

use super::{BuiltinError, Context};
use crate::engine::number::Number;
use crate::engine::value::Value;

mod big;
mod directive;
mod float;
mod integer;
mod text;
mod writer;

use directive::Reader;
use writer::{Flags, Writer};

/// An argument as OPA hands it to Go: whatever is no number is text.
pub(super) enum Argument {
    Integer(i64),
    Big(BigInt),
    Float(f64),
    Text(String),
}

impl Argument {
    /// The argument for a value, which is written as Rego has it where it is no number or text.
    fn of(context: &mut Context, value: &Value) -> Result<Self, BuiltinError> {
        let argument = match value {
            Value::Number(number) => Self::of_number(number),
            Value::String(text) => Self::Text(text.to_string()),
            other => Self::Text(rego(context, other)?),
        };
        if let Self::Text(text) = &argument {
            context.allocate(text.len())?;
        }
        Ok(argument)
    }

    /// The text decides: `1.0` is a float, and what no float holds is text.
    pub(super) fn of_number(number: &Number) -> Self {
        let text = number.to_string();
        if text.contains(['.', 'e', 'E']) {
            return match number.as_f64() {
                float if float.is_finite() => Self::Float(float),
                _ => Self::Text(text),
            };
        }
        match (text.parse::<i64>(), number.as_integer()) {
            (Ok(integer), _) => Self::Integer(integer),
            (_, Some(integer)) => Self::Big(integer),
            _ => Self::Text(text),
        }
    }

    /// Go's name of the type.
    fn type_name(&self) -> &'static str {
        match self {
            Self::Integer(_) => "int64",
            Self::Big(_) => "*big.Int",
            Self::Float(_) => "float64",
            Self::Text(_) => "string",
        }
    }
}

/// A value in Rego's notation, on a budget: a value that is shared many times is written as often.
pub(super) fn rego(context: &mut Context, value: &Value) -> Result<String, BuiltinError> {
    let length = written_length(context, value)?;
    context.allocate(length)?;
    Ok(value.to_string())
}

/// About how long a value is in Rego's notation.
pub(super) fn written_length(context: &mut Context, value: &Value) -> Result<usize, BuiltinError> {
    context.step()?;
    let mut length = 2usize;
    let mut add = |context: &mut Context, part: &Value| {
        length = length.saturating_add(2).saturating_add(written_length(context, part)?);
        Ok::<_, BuiltinError>(())
    };
    match value {
        Value::Null | Value::Bool(_) => length = 5,
        Value::Number(number) => length = number.to_string().len(),
        Value::String(text) => {
            context.work(text.len())?;
            length = text.len().saturating_add(2);
        }
        Value::Array(items) => items.iter().try_for_each(|item| add(context, item))?,
        Value::Set(items) => items.iter().try_for_each(|item| add(context, item))?,
        Value::Object(entries) => entries.iter().try_for_each(|(key, value)| {
            add(context, key)?;
            add(context, value)
        })?,
    }
    Ok(length)
}

/// The text of a format and its arguments.
pub(super) fn print(
    context: &mut Context,
    format: &str,
    values: &[Value],
) -> Result<String, BuiltinError> {
    context.work(format.len())?;
    let mut arguments = Vec::with_capacity(values.len());
    for value in values {
        context.step()?;
        arguments.push(Argument::of(context, value)?);
    }
    print_arguments(context, format, &arguments)
}

/// The text of a format and arguments that are Go's already.
pub(super) fn print_arguments(
    context: &mut Context,
    format: &str,
    arguments: &[Argument],
) -> Result<String, BuiltinError> {
    let mut reader = Reader::new(format, arguments);
    let mut writer = Writer::new(context);
    while let Some(literal) = reader.literal() {
        writer.push(literal)?;
        reader.directive(&mut writer)?;
    }
    if let Some(extra) = reader.extra() {
        writer.flags = Flags::default();
        writer.push("%!(EXTRA ")?;
        for (at, argument) in extra.iter().enumerate() {
            writer.push(if at > 0 { ", " } else { "" })?;
            writer.push(argument.type_name())?;
            writer.push("=")?;
            write(&mut writer, argument, 'v')?;
        }
        writer.push(")")?;
    }
    Ok(writer.text)
}

/// Writes an argument by a verb.
fn write(writer: &mut Writer, argument: &Argument, verb: char) -> Result<(), BuiltinError> {
    if verb == 'T' {
        return text::plain(writer, argument.type_name());
    }
    let known = match argument {
        Argument::Integer(value) => integer::write(writer, *value, verb)?,
        Argument::Float(value) => float::write(writer, *value, verb)?,
        Argument::Text(value) => text::write(writer, value, verb)?,
        Argument::Big(value) if verb != 'p' => {
            big::write(writer, value, verb)?;
            true
        }
        Argument::Big(_) => false,
    };
    if known {
        return Ok(());
    }
    writer.push(&format!("%!{verb}({}=", argument.type_name()))?;
    write(writer, argument, 'v')?;
    writer.push(")")
}

#[cfg(test)]
mod tests;
