//! The functions that templates call.

use super::compare::{equal, less};
use super::data::Data;
use super::{failed, unsupported};
use crate::engine::builtins::{BuiltinError, Context};
use crate::engine::value::Value;

type Called = Result<Data, BuiltinError>;

const NAMES: [&str; 19] = [
    "and", "call", "eq", "ge", "gt", "html", "index", "js", "le", "len", "lt", "ne", "not", "or",
    "print", "printf", "println", "slice", "urlquery",
];

pub(super) fn is_function(name: &str) -> bool {
    NAMES.contains(&name)
}

pub(super) fn call(context: &mut Context, name: &str, operands: &[Data]) -> Called {
    match (name, operands) {
        ("not", [data]) => Ok(Data::flag(!data.is_true())),
        ("len", [data]) => length(data),
        ("index", [data, keys @ ..]) => {
            keys.iter().try_fold(data.clone(), |data, key| index(&data, key))
        }
        ("eq", [first, rest @ ..]) if !rest.is_empty() => {
            for other in rest {
                if equal(first, other)? {
                    return Ok(Data::flag(true));
                }
            }
            Ok(Data::flag(false))
        }
        ("ne", [left, right]) => Ok(Data::flag(!equal(left, right)?)),
        ("lt", [left, right]) => Ok(Data::flag(less(left, right)?)),
        ("le", [left, right]) => Ok(Data::flag(less(left, right)? || equal(left, right)?)),
        ("gt", [left, right]) => Ok(Data::flag(!(less(left, right)? || equal(left, right)?))),
        ("ge", [left, right]) => Ok(Data::flag(!less(left, right)?)),
        ("print", operands) => printed(context, operands),
        ("println", operands) => {
            let texts: Vec<String> = operands.iter().map(shown).collect();
            Ok(Data::text(texts.join(" ") + "\n"))
        }
        ("printf", [format, operands @ ..]) => formatted(context, format, operands),
        ("html", operands) => Ok(Data::text(html(&joined(operands)))),
        ("js" | "slice" | "call" | "urlquery", _) => {
            Err(unsupported(format_args!("the function {name}")))
        }
        _ => Err(failed(format_args!("wrong number of args for {name}"))),
    }
}

/// A value among others, where none is written otherwise than alone.
fn shown(data: &Data) -> String {
    if data.is_nil() { "<nil>".to_owned() } else { data.written() }
}

/// The operands' texts, with spaces between those neither of which is a text.
fn joined(operands: &[Data]) -> String {
    let mut text = String::new();
    for (at, data) in operands.iter().enumerate() {
        let spaced = at > 0 && data.as_text().is_none() && operands[at - 1].as_text().is_none();
        if spaced {
            text.push(' ');
        }
        text.push_str(&shown(data));
    }
    text
}

fn printed(context: &mut Context, operands: &[Data]) -> Called {
    let text = joined(operands);
    context.allocate(text.len())?;
    Ok(Data::text(text))
}

/// `%v`, `%s` and `%d` as they are, `%q` of plain texts.
fn formatted(context: &mut Context, format: &Data, operands: &[Data]) -> Called {
    let format = format.as_text().ok_or_else(|| failed("wrong type for value; expected string"))?;
    let mut operands = operands.iter();
    let mut text = String::new();
    let mut rest = format.as_str();
    while let Some((before, behind)) = rest.split_once('%') {
        text.push_str(before);
        let verb = behind.chars().next();
        rest = behind.get(1..).unwrap_or_default();
        if verb == Some('%') {
            text.push('%');
            continue;
        }
        let data = operands.next().ok_or_else(|| unsupported("a format without its operand"))?;
        match (verb, data) {
            (Some('v'), data) => text.push_str(&shown(data)),
            (Some('s'), data) if data.as_text().is_some() => text.push_str(&shown(data)),
            (Some('d'), Data::Integer(number)) => text.push_str(&number.to_string()),
            (Some('q'), data) => match data.as_text() {
                Some(plain) => text.push_str(&crate::engine::value::quote(&plain)),
                None => return Err(unsupported("a format of an unusual form")),
            },
            _ => return Err(unsupported("a format of an unusual form")),
        }
        context.work(text.len())?;
    }
    text.push_str(rest);
    if operands.next().is_some() {
        return Err(unsupported("more operands than its format names"));
    }
    context.allocate(text.len())?;
    Ok(Data::text(text))
}

fn html(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '"' => safe.push_str("&#34;"),
            '\'' => safe.push_str("&#39;"),
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '\0' => safe.push('\u{fffd}'),
            other => safe.push(other),
        }
    }
    safe
}

fn length(data: &Data) -> Called {
    let length = match data {
        Data::Value(Value::Array(items)) => items.len(),
        Data::Value(Value::Object(object)) => object.len(),
        other => match other.as_text() {
            Some(text) => text.len(),
            None => return Err(failed("error calling len: len of this type")),
        },
    };
    Ok(Data::Integer(i64::try_from(length).unwrap_or(i64::MAX)))
}

fn index(data: &Data, key: &Data) -> Called {
    match (data, key) {
        (Data::Value(Value::Array(items)), Data::Integer(at)) => {
            let item = usize::try_from(*at).ok().and_then(|at| items.as_slice().get(at));
            let item = item.ok_or_else(|| {
                failed(format_args!("error calling index: index out of range: {at}"))
            })?;
            Ok(Data::Value(item.clone()))
        }
        (Data::Value(Value::Object(object)), Data::Value(Value::String(key))) => {
            Ok(object.field(key).map_or(Data::Missing, |value| Data::Value(value.clone())))
        }
        (Data::Value(Value::String(text)), Data::Integer(at)) => {
            let byte = usize::try_from(*at).ok().and_then(|at| text.as_bytes().get(at));
            let byte = byte.ok_or_else(|| {
                failed(format_args!("error calling index: index out of range: {at}"))
            })?;
            Ok(Data::Integer(i64::from(*byte)))
        }
        (data, _) if data.is_nil() => Err(failed("error calling index: index of untyped nil")),
        _ => Err(failed("error calling index: can't index item with this type")),
    }
}
