//! The arithmetic of `+ - * / %`, `abs`, `round`, `ceil` and `floor`.

use num_bigint::BigInt;

use super::float::Float;
use super::{Form, Number, format};

/// An operation without a result, in OPA's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ArithmeticError {
    /// The divisor is zero.
    #[error("divide by zero")]
    DivideByZero,
    /// The modulus is zero.
    #[error("modulo by zero")]
    ModuloByZero,
    /// An operand of `%` has a fraction.
    #[error("modulo on floating-point number")]
    ModuloOnFloat,
    /// The result is beyond what is computed with.
    #[error("number too big")]
    TooBig,
}

type Outcome = Result<Number, ArithmeticError>;

impl Number {
    /// The sum: exact for integers.
    pub(crate) fn add(&self, other: &Self) -> Outcome {
        self.combine(other, i64::checked_add, |x, y| x + y, |x, y| x.add(&y))
    }

    /// The difference: exact for integers.
    pub(crate) fn subtract(&self, other: &Self) -> Outcome {
        self.combine(other, i64::checked_sub, |x, y| x - y, |x, y| x.add(&y.negated()))
    }

    /// The product: exact for integers.
    pub(crate) fn multiply(&self, other: &Self) -> Outcome {
        self.combine(other, i64::checked_mul, |x, y| x * y, |x, y| x.multiply(&y))
    }

    /// The quotient: an integer where it is one.
    pub(crate) fn divide(&self, other: &Self) -> Outcome {
        if other.is_zero() {
            return Err(ArithmeticError::DivideByZero);
        }
        // Only within 32 bits: a larger dividend is rounded to a float first, as in OPA.
        if let (Some(x), Some(y)) = (self.small(), other.small())
            && x != 0
            && x % y == 0
        {
            return Ok(Self::from(x / y));
        }
        Self::from_float(&self.float().divide(&other.float()))
    }

    /// The remainder with the dividend's sign; for integers alone.
    pub(crate) fn remainder(&self, other: &Self) -> Outcome {
        if let (Some(x), Some(y)) = (self.small(), other.small()) {
            return x.checked_rem(y).map(Self::from).ok_or(ArithmeticError::ModuloByZero);
        }
        let (Some(x), Some(y)) = (self.as_integer(), other.as_integer()) else {
            return Err(ArithmeticError::ModuloOnFloat);
        };
        if other.is_zero() {
            return Err(ArithmeticError::ModuloByZero);
        }
        Ok(Self::from(x % y))
    }

    /// The number without its sign.
    pub(crate) fn absolute(&self) -> Outcome {
        self.unary(i64::abs, |mut float| {
            float.negative = false;
            float
        })
    }

    /// The nearest integer, halves away from zero.
    pub(crate) fn round(&self) -> Outcome {
        self.unary(
            |x| x,
            |float| {
                let half = Float { negative: float.negative, mantissa: 1u32.into(), exponent: -1 };
                Float::integer(float.add(&half).truncated())
            },
        )
    }

    /// The least integer that is not less.
    pub(crate) fn ceil(&self) -> Outcome {
        self.unary(|x| x, |float| towards(&float, false))
    }

    /// The greatest integer that is not greater.
    pub(crate) fn floor(&self) -> Outcome {
        self.unary(|x| x, |float| towards(&float, true))
    }

    /// The integer part of the nearest float, cut towards zero.
    pub(crate) fn truncated(&self) -> BigInt {
        self.as_integer().unwrap_or_else(|| self.float().truncated())
    }

    fn combine(
        &self,
        other: &Self,
        small: fn(i64, i64) -> Option<i64>,
        exact: fn(BigInt, BigInt) -> BigInt,
        float: fn(Float, Float) -> Float,
    ) -> Outcome {
        if let (Form::Integer(x), Form::Integer(y)) = (&self.0, &other.0)
            && let Some(result) = small(*x, *y)
        {
            return Ok(Self::from(result));
        }
        match (self.as_integer(), other.as_integer()) {
            (Some(x), Some(y)) => {
                let result = exact(x, y);
                bounded(&result)?;
                Ok(Self::from(result))
            }
            _ => Self::from_float(&float(self.float(), other.float())),
        }
    }

    fn unary(&self, small: fn(i64) -> i64, float: fn(Float) -> Float) -> Outcome {
        match self.small() {
            Some(integer) => Ok(Self::from(small(integer))),
            None => Self::from_float(&float(self.float())),
        }
    }

    /// The integer within 32 bits: the window in which OPA computes without rounding.
    fn small(&self) -> Option<i64> {
        self.as_i64().filter(|integer| i32::try_from(*integer).is_ok())
    }

    pub(super) fn float(&self) -> Float {
        Float::nearest(&self.decimal())
    }

    pub(super) fn from_float(float: &Float) -> Outcome {
        if float.exponent.abs() > super::BINARY_EXPONENT {
            return Err(ArithmeticError::TooBig);
        }
        Self::parse(&format::float(float)).map_err(|_| ArithmeticError::TooBig)
    }
}

/// Repeated products double their digits: without a bound, 40 of them fill the memory.
pub(super) fn bounded(integer: &BigInt) -> Result<(), ArithmeticError> {
    if integer.bits() > super::BINARY_EXPONENT.unsigned_abs() {
        return Err(ArithmeticError::TooBig);
    }
    Ok(())
}

/// The integer next to a float in one direction.
fn towards(float: &Float, down: bool) -> Float {
    let cut = Float::integer(float.truncated());
    // Go keeps no negative zero here, so -0.5 rounds up to 1: as OPA has it.
    let inexact = !float.is_integer();
    let beyond = if down { cut.negative } else { !cut.negative };
    if !inexact || !beyond {
        return cut;
    }
    cut.add(&Float { negative: down, mantissa: 1u32.into(), exponent: 0 })
}
