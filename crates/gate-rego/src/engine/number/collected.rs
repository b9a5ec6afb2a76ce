//! Sums and products of many numbers: exact where all are integers, in floats otherwise.

use num_bigint::BigInt;

use super::arithmetic::{ArithmeticError, bounded};
use super::float::Float;
use super::{Number, format};

/// The bits of mantissa of a product: OPA starts from a float of 53, which then bounds all of it.
const PRODUCT: u64 = 53;

impl Number {
    /// The sum of numbers.
    pub(crate) fn sum(numbers: &[&Self]) -> Result<Self, ArithmeticError> {
        if let Some(exact) = exact(numbers, 0, |sum, number| sum + number) {
            return exact;
        }
        let sum = numbers.iter().fold(Float::zero(false), |sum, number| sum.add(&number.float()));
        Self::from_float(&sum)
    }

    /// The product of numbers.
    pub(crate) fn product(numbers: &[&Self]) -> Result<Self, ArithmeticError> {
        if let Some(exact) = exact(numbers, 1, |product, number| product * number) {
            return exact;
        }
        let product = numbers.iter().fold(Float::integer(BigInt::from(1)), |product, number| {
            product.multiply_to(&number.float(), PRODUCT)
        });
        let text = match product.as_f64() {
            // A float's own text in full has the fewest digits too, and zeros behind them.
            Some(float) if product.is_integer() => Some(float.to_string()),
            Some(float) => format::float64(float),
            None => None,
        };
        match text {
            Some(text) => Self::parse(&text).map_err(|_| ArithmeticError::TooBig),
            None => Self::from_float(&product),
        }
    }
}

/// The exact result, where all numbers are integers.
fn exact(
    numbers: &[&Number],
    start: i64,
    operation: fn(BigInt, BigInt) -> BigInt,
) -> Option<Result<Number, ArithmeticError>> {
    let mut result = BigInt::from(start);
    for number in numbers {
        result = operation(result, number.as_integer()?);
        if let Err(error) = bounded(&result) {
            return Some(Err(error));
        }
    }
    Some(Ok(Number::from(result)))
}
