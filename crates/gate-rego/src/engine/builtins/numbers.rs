//! `numbers.range` and `numbers.range_step`.

use num_bigint::{BigInt, Sign};

use super::operands::big_integer;
use super::{BuiltinError, Context, Declared, Outcome, Type};
use crate::engine::number::Number;
use crate::engine::value::Value;

const NUMBERS: Type = Type::Array(&[], Some(&Type::Number));

pub(super) const TABLE: &[Declared] = &[
    Declared::new("numbers.range", &[Type::Number, Type::Number], NUMBERS, range),
    Declared::new(
        "numbers.range_step",
        &[Type::Number, Type::Number, Type::Number],
        NUMBERS,
        range_step,
    ),
];

fn range(context: &mut Context, operands: &[Value]) -> Outcome {
    let (first, last) = (big_integer(&operands[0], 1)?, big_integer(&operands[1], 2)?);
    numbers(context, first, &last, &BigInt::from(1))
}

fn range_step(context: &mut Context, operands: &[Value]) -> Outcome {
    let (first, last) = (big_integer(&operands[0], 1)?, big_integer(&operands[1], 2)?);
    let step = big_integer(&operands[2], 3)?;
    if step.sign() != Sign::Plus {
        let what = "numbers.range_step: step must be a positive integer";
        return Err(BuiltinError::evaluation(what));
    }
    numbers(context, first, &last, &step)
}

/// The numbers from one towards another, up or down.
fn numbers(context: &mut Context, first: BigInt, last: &BigInt, step: &BigInt) -> Outcome {
    let distance = last - &first;
    let count = distance.magnitude() / step.magnitude();
    let count = usize::try_from(count).unwrap_or(usize::MAX).saturating_add(1);
    context.allocate_values(count)?;
    let step = if distance.sign() == Sign::Minus { -step } else { step.clone() };
    let mut items = Vec::with_capacity(count);
    let mut next = first;
    for _ in 0..count {
        context.step()?;
        if i64::try_from(&next).is_err() {
            // Such a number is held with its text.
            context.allocate(128)?;
        }
        items.push(Value::Number(Number::from(next.clone())));
        next += &step;
    }
    Ok(Some(Value::array(items)))
}

#[cfg(test)]
mod tests {
    use crate::engine::builtins::testing::check;

    #[test]
    fn ranges_go_up_and_down_within_the_budget() {
        check(&[
            ("numbers.range", &["3", "1"], "[3, 2, 1]"),
            (
                "numbers.range",
                &["9223372036854775807", "9223372036854775808"],
                "[9223372036854775807, 9223372036854775808]",
            ),
            (
                "numbers.range",
                &["1.5", "2"],
                "numbers.range: operand 1 must be integer number but got floating-point number",
            ),
            ("numbers.range", &["1", "1000000000"], "numbers.range: evaluation ran out of memory"),
            ("numbers.range", &["1", "1e30"], "numbers.range: evaluation ran out of memory"),
            ("numbers.range_step", &["1", "10", "3"], "[1, 4, 7, 10]"),
            ("numbers.range_step", &["10", "0", "3"], "[10, 7, 4, 1]"),
            (
                "numbers.range_step",
                &["1", "10", "0"],
                "numbers.range_step: numbers.range_step: step must be a positive integer",
            ),
        ]);
    }
}
