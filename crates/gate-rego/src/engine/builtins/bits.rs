//! `bits.*`: integers as endless two's complements.

use num_bigint::{BigInt, Sign};

use super::operands::big_integer;
use super::{BuiltinError, Context, Declared, Outcome, Type};
use crate::engine::number::{BINARY_EXPONENT, Number};
use crate::engine::value::Value;

const TWO: &[Type] = &[Type::Number, Type::Number];

pub(super) const TABLE: &[Declared] = &[
    Declared::new("bits.and", TWO, Type::Number, |_, o| two(o, |x, y| Ok(x & y))),
    Declared::new("bits.lsh", TWO, Type::Number, |_, o| two(o, left)),
    Declared::new("bits.negate", &[Type::Number], Type::Number, negate),
    Declared::new("bits.or", TWO, Type::Number, |_, o| two(o, |x, y| Ok(x | y))),
    Declared::new("bits.rsh", TWO, Type::Number, |_, o| two(o, right)),
    Declared::new("bits.xor", TWO, Type::Number, |_, o| two(o, |x, y| Ok(x ^ y))),
];

type Operation = fn(BigInt, BigInt) -> Result<BigInt, BuiltinError>;

fn two(operands: &[Value], operation: Operation) -> Outcome {
    let (left, right) = (big_integer(&operands[0], 1)?, big_integer(&operands[1], 2)?);
    Ok(Some(Value::Number(Number::from(operation(left, right)?))))
}

fn negate(_: &mut Context, operands: &[Value]) -> Outcome {
    Ok(Some(Value::Number(Number::from(!big_integer(&operands[0], 1)?))))
}

fn left(value: BigInt, by: BigInt) -> Result<BigInt, BuiltinError> {
    let by = distance(by)?;
    if value.sign() == Sign::NoSign {
        return Ok(value);
    }
    let bits = value.bits().saturating_add(by);
    if bits > BINARY_EXPONENT.unsigned_abs() {
        return Err(BuiltinError::limit("number too big"));
    }
    Ok(value << by)
}

fn right(value: BigInt, by: BigInt) -> Result<BigInt, BuiltinError> {
    let by = distance(by)?;
    Ok(value >> by)
}

/// How far to shift; what is too far for a machine word is as far as one says.
fn distance(by: BigInt) -> Result<u64, BuiltinError> {
    if by.sign() == Sign::Minus {
        let what = "must be an unsigned integer number but got a negative integer";
        return Err(BuiltinError::operand(2, what));
    }
    Ok(u64::try_from(by).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use crate::engine::builtins::testing::check;

    #[test]
    fn bits_of_any_number() {
        check(&[
            ("bits.lsh", &["1", "70"], "1180591620717411303424"),
            ("bits.lsh", &["1", "1000000000"], "bits.lsh: number too big"),
            ("bits.rsh", &["-5", "1"], "-3"),
            ("bits.negate", &["5"], "-6"),
            ("bits.and", &["-6", "3"], "2"),
            (
                "bits.or",
                &["1.5", "1"],
                "bits.or: operand 1 must be integer number but got floating-point number",
            ),
            ("bits.xor", &["\"a\"", "1"], "bits.xor: operand 1 must be integer but got string"),
            (
                "bits.lsh",
                &["1", "-1"],
                "bits.lsh: operand 2 must be an unsigned integer number but got a negative integer",
            ),
        ]);
    }
}
