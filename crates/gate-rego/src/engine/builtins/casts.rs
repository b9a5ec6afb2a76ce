//! `cast_*`: a value that must be of a type already; lists become each other.

use super::operands::{boolean, list, object, string, wrong_type};
use super::{Context, Declared, Outcome, Type};
use crate::engine::value::Value;

pub(super) const TABLE: &[Declared] = &[
    Declared::new("cast_array", &[Type::Any], Type::ARRAY, array),
    Declared::new("cast_boolean", &[Type::Any], Type::Boolean, |_, o| {
        boolean(&o[0], 1).map(|_| Some(o[0].clone()))
    }),
    Declared::new("cast_null", &[Type::Any], Type::Null, null),
    Declared::new("cast_object", &[Type::Any], Type::OBJECT, |_, o| {
        object(&o[0], 1).map(|_| Some(o[0].clone()))
    }),
    Declared::new("cast_set", &[Type::Any], Type::SET, set),
    Declared::new("cast_string", &[Type::Any], Type::String, |_, o| {
        string(&o[0], 1).map(|_| Some(o[0].clone()))
    }),
];

fn null(_: &mut Context, operands: &[Value]) -> Outcome {
    match &operands[0] {
        Value::Null => Ok(Some(Value::Null)),
        other => Err(wrong_type(1, other, &["null"])),
    }
}

fn array(context: &mut Context, operands: &[Value]) -> Outcome {
    if let Value::Array(_) = operands[0] {
        return Ok(Some(operands[0].clone()));
    }
    let items = list(&operands[0], 1)?;
    context.allocate_values(items.len())?;
    Ok(Some(Value::array(items.to_vec())))
}

fn set(context: &mut Context, operands: &[Value]) -> Outcome {
    if let Value::Set(_) = operands[0] {
        return Ok(Some(operands[0].clone()));
    }
    let items = list(&operands[0], 1)?;
    context.allocate_values(items.len())?;
    context.work(items.len().saturating_mul(16))?;
    Ok(Some(Value::set(items.to_vec())))
}

#[cfg(test)]
mod tests {
    use crate::engine::builtins::testing::check;

    #[test]
    fn casts_refuse_other_types() {
        check(&[
            ("cast_set", &["[1, 1]"], "{1}"),
            (
                "cast_array",
                &["{}"],
                "cast_array: operand 1 must be one of {array, set} but got object",
            ),
            ("cast_string", &["1"], "cast_string: operand 1 must be string but got number"),
            ("cast_null", &["null"], "null"),
            ("cast_boolean", &["1"], "cast_boolean: operand 1 must be boolean but got number"),
            ("cast_object", &["{\"a\": 1}"], "{\"a\": 1}"),
        ]);
    }
}
