//! `+ - * / %` and rounding.

use super::operands::{number, wrong_type};
use super::{BuiltinError, Context, Declared, Outcome, Type};
use crate::engine::number::{ArithmeticError, Number};
use crate::engine::value::Value;

const NUMBER_OR_SET: Type = Type::OneOf(&[Type::Number, Type::SET]);

pub(super) const TABLE: &[Declared] = &[
    Declared::new("plus", &[Type::Number, Type::Number], Type::Number, plus).infix("+"),
    Declared::new("minus", &[NUMBER_OR_SET, NUMBER_OR_SET], NUMBER_OR_SET, minus).infix("-"),
    Declared::new("mul", &[Type::Number, Type::Number], Type::Number, mul).infix("*"),
    Declared::new("div", &[Type::Number, Type::Number], Type::Number, div).infix("/"),
    Declared::new("rem", &[Type::Number, Type::Number], Type::Number, rem).infix("%"),
    Declared::new("abs", &[Type::Number], Type::Number, abs),
    Declared::new("round", &[Type::Number], Type::Number, round),
    Declared::new("ceil", &[Type::Number], Type::Number, ceil),
    Declared::new("floor", &[Type::Number], Type::Number, floor),
];

type Binary = fn(&Number, &Number) -> Result<Number, ArithmeticError>;
type Unary = fn(&Number) -> Result<Number, ArithmeticError>;

fn binary(operands: &[Value], operation: Binary) -> Outcome {
    outcome(operation(number(&operands[0], 1)?, number(&operands[1], 2)?))
}

fn unary(operands: &[Value], operation: Unary) -> Outcome {
    outcome(operation(number(&operands[0], 1)?))
}

fn outcome(result: Result<Number, ArithmeticError>) -> Outcome {
    match result {
        Ok(number) => Ok(Some(Value::Number(number))),
        // Beyond the bound OPA would go on computing: no answer may differ from its own.
        Err(error @ ArithmeticError::TooBig) => Err(BuiltinError::limit(error.to_string())),
        Err(error) => Err(BuiltinError::evaluation(error.to_string())),
    }
}

fn plus(_: &mut Context, operands: &[Value]) -> Outcome {
    binary(operands, Number::add)
}

fn minus(_: &mut Context, operands: &[Value]) -> Outcome {
    match (&operands[0], &operands[1]) {
        (Value::Number(left), Value::Number(right)) => outcome(left.subtract(right)),
        (Value::Set(left), Value::Set(right)) => {
            Ok(Some(Value::Set(std::sync::Arc::new(left.difference(right)))))
        }
        (Value::Set(_), other @ Value::Number(_)) => Err(wrong_type(2, other, &["set"])),
        // OPA asks for a number here whatever the first operand is.
        (Value::Number(_) | Value::Set(_), other) => Err(wrong_type(2, other, &["number"])),
        (other, _) => Err(wrong_type(1, other, &["number", "set"])),
    }
}

fn mul(_: &mut Context, operands: &[Value]) -> Outcome {
    binary(operands, Number::multiply)
}

fn div(_: &mut Context, operands: &[Value]) -> Outcome {
    binary(operands, Number::divide)
}

fn rem(_: &mut Context, operands: &[Value]) -> Outcome {
    binary(operands, Number::remainder)
}

fn abs(_: &mut Context, operands: &[Value]) -> Outcome {
    unary(operands, Number::absolute)
}

fn round(_: &mut Context, operands: &[Value]) -> Outcome {
    unary(operands, Number::round)
}

fn ceil(_: &mut Context, operands: &[Value]) -> Outcome {
    unary(operands, Number::ceil)
}

fn floor(_: &mut Context, operands: &[Value]) -> Outcome {
    unary(operands, Number::floor)
}

#[cfg(test)]
mod tests {
    use crate::engine::builtins::testing::call;

    #[test]
    fn errors_have_opas_words() {
        assert_eq!(call("plus", &["1", "\"a\""]), "plus: operand 2 must be number but got string");
        assert_eq!(
            call("minus", &["\"a\"", "1"]),
            "minus: operand 1 must be one of {number, set} but got string"
        );
        assert_eq!(call("minus", &["1", "[]"]), "minus: operand 2 must be number but got array");
        assert_eq!(call("div", &["1", "0"]), "div: divide by zero");
        assert_eq!(call("rem", &["1.5", "1"]), "rem: modulo on floating-point number");
    }
}
