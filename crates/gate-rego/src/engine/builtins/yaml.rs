//! `yaml.*`: YAML as OPA reads and writes it, by way of JSON.

use super::operands::string;
use super::{BuiltinError, Context, Declared, Outcome, Type};
use crate::engine::value::Value;

mod emit;
mod read;
mod resolve;

pub(super) const TABLE: &[Declared] = &[
    Declared::new("yaml.is_valid", &[Type::String], Type::Boolean, is_valid),
    Declared::new("yaml.marshal", &[Type::Any], Type::String, marshal),
    Declared::new("yaml.unmarshal", &[Type::String], Type::Any, unmarshal),
];

fn is_valid(context: &mut Context, operands: &[Value]) -> Outcome {
    let Some(text) = operands[0].as_str() else { return Ok(Some(Value::Bool(false))) };
    match read::read(context, text) {
        Ok(_) => Ok(Some(Value::Bool(true))),
        Err(error @ BuiltinError { kind: super::ErrorKind::Limit, .. }) => Err(error),
        Err(_) => Ok(Some(Value::Bool(false))),
    }
}

fn unmarshal(context: &mut Context, operands: &[Value]) -> Outcome {
    let text = string(&operands[0], 1)?;
    read::read(context, text).map(Some)
}

fn marshal(context: &mut Context, operands: &[Value]) -> Outcome {
    let text = emit::write(context, &operands[0])?;
    Ok(Some(Value::from(text)))
}

#[cfg(test)]
mod tests;
