//! `json.*`: text, paths, patches and schemas.

use super::operands::{object, string};
use super::{BuiltinError, Context, Declared, Outcome, Type};
use crate::engine::value::{Value, quote};

mod edit;
mod patch;
mod paths;
pub(super) mod read;
mod schema;
pub(super) mod write;

use write::Style;

const PATH: Type = Type::OneOf(&[Type::String, Type::ARRAY]);
const PATHS: Type = Type::OneOf(&[Type::Array(&[], Some(&PATH)), Type::Set(&PATH)]);
const ANY_BY_TEXT: (Type, Type) = (Type::String, Type::Any);
const OPTIONS: Type = Type::Object(
    &[("indent", Type::String), ("prefix", Type::String), ("pretty", Type::Boolean)],
    Some(&ANY_BY_TEXT),
);
const OPERATION: Type =
    Type::Object(&[("op", Type::String), ("path", Type::Any)], Some(&(Type::Any, Type::Any)));

const DOCUMENT: Type = Type::OneOf(&[Type::String, Type::OBJECT]);
const COMPLAINTS: Type = Type::Array(&[], Some(&Type::OBJECT));
const MATCHED: Type = Type::Array(&[Type::Boolean, COMPLAINTS], None);
const CHECKED: Type = Type::Array(&[Type::Boolean, Type::OneOf(&[Type::Null, Type::String])], None);

pub(super) const TABLE: &[Declared] = &[
    Declared::new("json.filter", &[Type::OBJECT, PATHS], Type::OBJECT, paths::filter),
    Declared::new("json.is_valid", &[Type::String], Type::Boolean, is_valid),
    Declared::new("json.marshal", &[Type::Any], Type::String, marshal),
    Declared::new(
        "json.marshal_with_options",
        &[Type::Any, OPTIONS],
        Type::String,
        marshal_with_options,
    ),
    Declared::new("json.match_schema", &[DOCUMENT, DOCUMENT], MATCHED, schema::match_schema),
    Declared::new(
        "json.patch",
        &[Type::Any, Type::Array(&[], Some(&OPERATION))],
        Type::Any,
        patch::patch,
    ),
    Declared::new("json.remove", &[Type::OBJECT, PATHS], Type::OBJECT, paths::remove),
    Declared::new("json.unmarshal", &[Type::String], Type::Any, unmarshal),
    Declared::new("json.verify_schema", &[DOCUMENT], CHECKED, schema::verify_schema),
];

fn is_valid(context: &mut Context, operands: &[Value]) -> Outcome {
    let Some(text) = operands[0].as_str() else { return Ok(Some(Value::Bool(false))) };
    context.work(text.len())?;
    Ok(Some(Value::Bool(read::is_valid(text))))
}

fn unmarshal(context: &mut Context, operands: &[Value]) -> Outcome {
    let text = string(&operands[0], 1)?;
    read::read(context, text).map(Some)
}

fn marshal(context: &mut Context, operands: &[Value]) -> Outcome {
    let text = write::write(context, &operands[0], &Style::Compact)?;
    Ok(Some(Value::from(text)))
}

fn marshal_with_options(context: &mut Context, operands: &[Value]) -> Outcome {
    let (mut prefix, mut indent) = ("", "\t");
    let (mut asked, mut implied) = (None, false);
    for (at, (key, value)) in object(&operands[1], 2)?.iter().enumerate() {
        let name = string(key, at).map_err(|error| {
            let what = format!("failed to stringify key {key} at index {at}: {error}");
            BuiltinError::operand(2, what)
        })?;
        let text = || {
            string(value, at).map_err(|error| {
                let name = quote(name);
                BuiltinError::operand(2, format!("key {name} failed cast to string: {error}"))
            })
        };
        match (name, value) {
            ("prefix", _) => (prefix, implied) = (text()?, true),
            ("indent", _) => (indent, implied) = (text()?, true),
            ("pretty", Value::Bool(pretty)) => asked = Some(*pretty),
            ("pretty", _) => {
                return Err(BuiltinError::operand(2, "key \"pretty\" failed cast to bool"));
            }
            (unknown, _) => {
                let what = format!("object contained unknown key {}", quote(unknown));
                return Err(BuiltinError::operand(2, what));
            }
        }
    }
    if !asked.unwrap_or(implied) {
        return marshal(context, operands);
    }
    let text = write::write(context, &operands[0], &Style::Lines { prefix, indent })?;
    // Go puts the prefix before all lines but the first.
    Ok(Some(Value::from(format!("{prefix}{text}"))))
}

#[cfg(test)]
mod tests;
