//! `count` and other functions over whole collections.

use super::operands::{list, wrong_element, wrong_type};
use super::{BuiltinError, Context, Declared, Outcome, Type};
use crate::engine::number::{ArithmeticError, Number};
use crate::engine::value::Value;

const NUMBERS: Type = Type::Array(&[], Some(&Type::Number));
const NUMBER_LIST: Type = Type::OneOf(&[NUMBERS, Type::Set(&Type::Number)]);

pub(super) const TABLE: &[Declared] = &[
    Declared::new("all", &[Type::LIST], Type::Boolean, all),
    Declared::new("any", &[Type::LIST], Type::Boolean, any),
    Declared::new("count", &[Type::COUNTABLE], Type::Number, count),
    Declared::new("max", &[Type::LIST], Type::Any, max),
    Declared::new("min", &[Type::LIST], Type::Any, min),
    Declared::new("product", &[NUMBER_LIST], Type::Number, product),
    Declared::new("sort", &[Type::LIST], Type::ARRAY, sort),
    Declared::new("sum", &[NUMBER_LIST], Type::Number, sum),
];

fn count(_: &mut Context, operands: &[Value]) -> Outcome {
    let count = match &operands[0] {
        Value::Array(array) => array.len(),
        Value::Object(object) => object.len(),
        Value::Set(set) => set.len(),
        Value::String(text) => text.chars().count(),
        other => return Err(wrong_type(1, other, &["array", "object", "set", "string"])),
    };
    Ok(Some(Value::from(count)))
}

/// The items of a set or an array; OPA names the two in either order.
fn items<'a>(
    context: &mut Context,
    value: &'a Value,
    kinds: &[&str],
) -> Result<&'a [Value], BuiltinError> {
    let items = list(value, 1).map_err(|_| wrong_type(1, value, kinds))?;
    context.work(items.len().saturating_mul(16))?;
    Ok(items)
}

const SET_OR_ARRAY: &[&str] = &["set", "array"];
const ARRAY_OR_SET: &[&str] = &["array", "set"];

fn all(context: &mut Context, operands: &[Value]) -> Outcome {
    let items = items(context, &operands[0], ARRAY_OR_SET)?;
    Ok(Some(Value::Bool(items.iter().all(|item| *item == Value::Bool(true)))))
}

fn any(context: &mut Context, operands: &[Value]) -> Outcome {
    let items = items(context, &operands[0], ARRAY_OR_SET)?;
    Ok(Some(Value::Bool(items.contains(&Value::Bool(true)))))
}

fn max(context: &mut Context, operands: &[Value]) -> Outcome {
    Ok(items(context, &operands[0], SET_OR_ARRAY)?.iter().max().cloned())
}

fn min(context: &mut Context, operands: &[Value]) -> Outcome {
    Ok(items(context, &operands[0], SET_OR_ARRAY)?.iter().rev().min().cloned())
}

fn sort(context: &mut Context, operands: &[Value]) -> Outcome {
    let items = items(context, &operands[0], SET_OR_ARRAY)?;
    if let array @ Value::Array(_) = &operands[0]
        && items.is_sorted()
    {
        return Ok(Some(array.clone()));
    }
    context.allocate_values(items.len())?;
    let mut sorted = items.to_vec();
    sorted.sort();
    Ok(Some(Value::array(sorted)))
}

type Fold = fn(&[&Number]) -> Result<Number, ArithmeticError>;

fn fold(context: &mut Context, operands: &[Value], fold: Fold) -> Outcome {
    let items = items(context, &operands[0], SET_OR_ARRAY)?;
    let mut numbers = Vec::with_capacity(items.len());
    for item in items {
        // Each number may have thousands of digits.
        context.step()?;
        let number = item.as_number();
        numbers.push(number.ok_or_else(|| wrong_element(1, &operands[0], item, &["number"]))?);
    }
    match fold(&numbers) {
        Ok(number) => Ok(Some(Value::Number(number))),
        Err(error) => Err(BuiltinError::limit(error.to_string())),
    }
}

fn sum(context: &mut Context, operands: &[Value]) -> Outcome {
    fold(context, operands, Number::sum)
}

fn product(context: &mut Context, operands: &[Value]) -> Outcome {
    fold(context, operands, Number::product)
}

#[cfg(test)]
mod tests {
    use crate::engine::builtins::testing::{call, check};

    #[test]
    fn count_counts_elements_and_characters() {
        assert_eq!(call("count", &["[1, 2]"]), "2");
        assert_eq!(call("count", &["\"äö\""]), "2");
        assert_eq!(
            call("count", &["1"]),
            "count: operand 1 must be one of {array, object, set, string} but got number"
        );
    }

    #[test]
    fn folds_are_opas() {
        check(&[
            ("sum", &["[0.1, 0.2]"], "0.3"),
            ("sum", &["[1.0, 2]"], "3"),
            ("sum", &["[18446744073709551616, 1]"], "18446744073709551617"),
            (
                "sum",
                &["[1, \"a\"]"],
                "sum: operand 1 must be array of numbers but got array containing string",
            ),
            ("product", &["[]"], "1"),
            ("product", &["[2, 0.5]"], "1"),
            ("product", &["[0.1, 0.2, 3]"], "0.06"),
            ("product", &["[0.5, 1e30]"], "500000000000000000000000000000"),
            ("max", &["[]"], "undefined"),
            ("max", &["[1, \"a\", null]"], "\"a\""),
            ("min", &["[1, \"a\"]"], "1"),
            ("min", &["1"], "min: operand 1 must be one of {set, array} but got number"),
            ("sort", &["[3, 1, 2]"], "[1, 2, 3]"),
            ("all", &["[true, 1]"], "false"),
            ("all", &["[]"], "true"),
            ("any", &["[1, true]"], "true"),
            ("any", &["{}"], "any: operand 1 must be one of {array, set} but got object"),
        ]);
    }
}
