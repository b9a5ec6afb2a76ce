//! Functions over arrays.

use super::operands::{array, integer};
use super::{Context, Declared, Outcome, Type};
use crate::engine::value::Value;

pub(super) const TABLE: &[Declared] = &[
    Declared::new("array.concat", &[Type::ARRAY, Type::ARRAY], Type::ARRAY, concat),
    Declared::new("array.flatten", &[Type::ARRAY], Type::ARRAY, flatten),
    Declared::new("array.reverse", &[Type::ARRAY], Type::ARRAY, reverse),
    Declared::new("array.slice", &[Type::ARRAY, Type::Number, Type::Number], Type::ARRAY, slice),
];

fn concat(context: &mut Context, operands: &[Value]) -> Outcome {
    let (left, right) = (array(&operands[0], 1)?, array(&operands[1], 2)?);
    if left.is_empty() {
        return Ok(Some(operands[1].clone()));
    }
    if right.is_empty() {
        return Ok(Some(operands[0].clone()));
    }
    context.allocate_values(left.len().saturating_add(right.len()))?;
    Ok(Some(Value::array([left.as_slice(), right.as_slice()].concat())))
}

/// Takes the items of nested arrays in their place, one level deep.
fn flatten(context: &mut Context, operands: &[Value]) -> Outcome {
    let mut items = Vec::new();
    for item in array(&operands[0], 1)? {
        match item {
            Value::Array(nested) => {
                context.allocate_values(nested.len())?;
                context.work(nested.len())?;
                items.extend_from_slice(nested.as_slice());
            }
            other => {
                context.allocate_values(1)?;
                items.push(other.clone());
            }
        }
    }
    Ok(Some(Value::array(items)))
}

fn reverse(context: &mut Context, operands: &[Value]) -> Outcome {
    let items = array(&operands[0], 1)?;
    context.allocate_values(items.len())?;
    Ok(Some(Value::array(items.iter().rev().cloned().collect())))
}

/// The items from one index up to another; indexes beyond the ends mean the ends.
fn slice(context: &mut Context, operands: &[Value]) -> Outcome {
    let items = array(&operands[0], 1)?.as_slice();
    let (start, stop) = (integer(&operands[1], 2)?, integer(&operands[2], 3)?);
    let within = |index: i64| usize::try_from(index.max(0)).unwrap_or(usize::MAX);
    let stop = within(stop).min(items.len());
    let start = within(start).min(stop);
    context.allocate_values(stop - start)?;
    Ok(Some(Value::array(items[start..stop].to_vec())))
}

#[cfg(test)]
mod tests {
    use crate::engine::builtins::testing::check;

    #[test]
    fn arrays_are_joined_and_cut() {
        check(&[
            ("array.concat", &["[1]", "[2]"], "[1, 2]"),
            ("array.concat", &["[1]", "1"], "array.concat: operand 2 must be array but got number"),
            ("array.flatten", &["[1, [2, [3]], 4]"], "[1, 2, [3], 4]"),
            ("array.reverse", &["[1, 2]"], "[2, 1]"),
            ("array.slice", &["[1, 2, 3]", "-1", "2"], "[1, 2]"),
            ("array.slice", &["[1, 2, 3]", "2", "9"], "[3]"),
            ("array.slice", &["[1, 2, 3]", "2", "1"], "[]"),
        ]);
    }
}
