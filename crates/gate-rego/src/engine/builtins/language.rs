//! What the language itself calls: membership, interpolation, walking.

use super::operands::array;
use super::{BuiltinError, Context, Declared, Outcome, Type, printf};
use crate::engine::value::Value;

mod syntax;

const PATH_AND_VALUE: Type = Type::Array(&[Type::ARRAY, Type::Any], None);

pub(super) const TABLE: &[Declared] = &[
    Declared::new("internal.member_2", &[Type::Any, Type::Any], Type::Boolean, member).infix("in"),
    Declared::new(
        "internal.member_3",
        &[Type::Any, Type::Any, Type::Any],
        Type::Boolean,
        member_with_key,
    ),
    Declared::new("internal.template_string", &[Type::ARRAY], Type::String, template_string),
    Declared::new(
        "rego.parse_module",
        &[Type::String, Type::String],
        Type::OBJECT,
        syntax::parse_module,
    ),
    Declared::new("trace", &[Type::String], Type::Boolean, |_, o| {
        super::operands::string(&o[0], 1).map(|_| Some(Value::Bool(true)))
    }),
    // A statement of its own that takes any number of arguments: the compiler knows it.
    Declared::evaluator("print", &[], Type::Any),
    Declared::evaluator("walk", &[Type::Any], PATH_AND_VALUE),
];

fn member(context: &mut Context, operands: &[Value]) -> Outcome {
    let wanted = &operands[0];
    let found = match &operands[1] {
        Value::Set(set) => set.contains(wanted),
        Value::Array(array) => {
            context.work(array.len().saturating_mul(8))?;
            array.iter().any(|item| item == wanted)
        }
        Value::Object(object) => {
            context.work(object.len().saturating_mul(8))?;
            object.values().any(|value| value == wanted)
        }
        _ => false,
    };
    Ok(Some(Value::Bool(found)))
}

fn member_with_key(context: &mut Context, operands: &[Value]) -> Outcome {
    context.step()?;
    let [key, value, collection] = operands else { return Ok(None) };
    let found = match collection {
        Value::Set(set) => set.contains(key) && key == value,
        Value::Array(_) | Value::Object(_) => collection.get(key) == Some(value),
        _ => false,
    };
    Ok(Some(Value::Bool(found)))
}

/// Joins the parts of an interpolated text; a part that may be undefined is a set of none or one.
fn template_string(context: &mut Context, operands: &[Value]) -> Outcome {
    let mut text = String::new();
    for part in array(&operands[0], 1)? {
        let written = match part {
            Value::Set(set) if set.is_empty() => "<undefined>".to_owned(),
            Value::Set(set) => {
                let [single] = set.as_slice() else {
                    let what = "template-strings must not produce multiple outputs";
                    return Err(BuiltinError::evaluation(what));
                };
                plain(context, single)?
            }
            Value::Array(_) | Value::Object(_) => {
                let what = format!("illegal argument type: {}", part.type_name());
                return Err(BuiltinError::evaluation(what));
            }
            primitive => plain(context, primitive)?,
        };
        context.allocate(written.len())?;
        text.push_str(&written);
    }
    Ok(Some(Value::from(text)))
}

fn plain(context: &mut Context, value: &Value) -> Result<String, BuiltinError> {
    match value {
        Value::String(text) => Ok(text.to_string()),
        other => printf::rego(context, other),
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::builtins::testing::{call_with, check};
    use crate::engine::value::Value;

    #[test]
    fn members_are_found() {
        check(&[
            ("internal.member_2", &["1", "[1, 2]"], "true"),
            ("internal.member_2", &["1", "{\"a\": 1}"], "true"),
            ("internal.member_2", &["1", "1"], "false"),
            ("internal.member_3", &["1", "2", "[1, 2]"], "true"),
            ("internal.member_3", &["\"a\"", "2", "{\"a\": 1}"], "false"),
        ]);
    }

    #[test]
    fn texts_are_interpolated() {
        let one = Value::set(vec![Value::array(vec![Value::from("x")])]);
        let parts = vec![Value::from("a "), one, Value::set(Vec::new()), Value::from(1i64)];
        let text = call_with("internal.template_string", &[Value::array(parts)]).unwrap();
        assert_eq!(text, Some(Value::from("a [\"x\"]<undefined>1")));
    }
}
