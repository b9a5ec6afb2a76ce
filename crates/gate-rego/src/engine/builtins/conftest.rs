//! `parse_config`, `parse_config_file` and `parse_combined_config_files`: the builtins that Conftest
//! adds to Rego. What reads files stands outside, see [`crate::outside`].

use super::{BuiltinError, Context, Declared, Outcome, Type};
use crate::engine::value::Value;
use crate::outside::Need;

const CONFIGURATION: Type = Type::Object(&[], Some(&(Type::String, Type::Any)));
const TEXT: &str = "parse_config";
const FILE: &str = "parse_config_file";
const FILES: &str = "parse_combined_config_files";

pub(super) const TABLE: &[Declared] = &[
    Declared::new(TEXT, &[Type::String, Type::String], CONFIGURATION, |context, operands| {
        read(context, TEXT, operands.to_vec())
    }),
    Declared::new(FILE, &[Type::String], CONFIGURATION, |context, operands| {
        read(context, FILE, beside(context, operands))
    }),
    Declared::new(FILES, &[Type::STRINGS], CONFIGURATION, |context, operands| {
        read(context, FILES, beside(context, operands))
    }),
];

/// Files are named from the module that asks for them.
fn beside(context: &Context, operands: &[Value]) -> Vec<Value> {
    let mut operands = operands.to_vec();
    operands.push(Value::from(context.module.as_ref()));
    operands
}

fn read(context: &mut Context, function: &'static str, operands: Vec<Value>) -> Outcome {
    context.step()?;
    let Some(reader) = context.outside.clone().and_then(|outside| outside.reader()) else {
        return Err(BuiltinError::not_available("only policies of Conftest read configurations"));
    };
    let value = reader(&Need { function, operands }).map_err(BuiltinError::evaluation)?;
    context.allocate_values(1)?;
    Ok(Some(value))
}
