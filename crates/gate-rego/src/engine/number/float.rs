//! Binary floats with a mantissa of a chosen number of bits, rounded to nearest, ties to even:
//! the arithmetic that Go's `big.Float` does and so OPA's numbers have.

use std::cmp::Ordering;

use num_bigint::{BigInt, BigUint, Sign};

use super::decimal::Decimal;

/// The bits of mantissa of every result.
pub(super) const PRECISION: u64 = 64;

/// `±mantissa * 2^exponent`; a zero keeps its sign.
#[derive(Clone, Debug)]
pub(super) struct Float {
    pub(super) negative: bool,
    pub(super) mantissa: BigUint,
    pub(super) exponent: i64,
}

impl Float {
    pub(super) fn zero(negative: bool) -> Self {
        Self { negative, mantissa: BigUint::ZERO, exponent: 0 }
    }

    pub(super) fn integer(value: BigInt) -> Self {
        let (sign, mantissa) = value.into_parts();
        Self { negative: sign == Sign::Minus, mantissa, exponent: 0 }
    }

    /// The nearest float. Powers of five are kept in 128 bits, which is exact up to 5^55; beyond,
    /// the last bit may differ from the nearest one, exactly as it does in Go.
    pub(super) fn nearest(decimal: &Decimal) -> Self {
        let digits = Self {
            negative: decimal.negative,
            mantissa: decimal.digits.clone(),
            exponent: decimal.exponent,
        };
        let power = power_of_five(decimal.exponent.unsigned_abs());
        match decimal.exponent.cmp(&0) {
            Ordering::Equal => digits.rounded(PRECISION, false),
            Ordering::Greater => digits.multiply_to(&power, PRECISION),
            Ordering::Less => digits.divide_to(&power, PRECISION),
        }
    }

    pub(super) fn is_zero(&self) -> bool {
        self.mantissa == BigUint::ZERO
    }

    pub(super) fn is_integer(&self) -> bool {
        self.is_zero() || self.exponent + to_i64(self.mantissa.trailing_zeros()) >= 0
    }

    pub(super) fn add(&self, other: &Self) -> Self {
        if self.is_zero() && other.is_zero() {
            return Self::zero(self.negative && other.negative);
        }
        let exponent = self.exponent.min(other.exponent);
        let sum = self.signed_at(exponent) + other.signed_at(exponent);
        let mut sum = Self::integer(sum);
        sum.exponent = exponent;
        sum.rounded(PRECISION, false)
    }

    pub(super) fn negated(mut self) -> Self {
        self.negative = !self.negative;
        self
    }

    pub(super) fn multiply(&self, other: &Self) -> Self {
        self.multiply_to(other, PRECISION)
    }

    /// The quotient; the divisor is not zero.
    pub(super) fn divide(&self, other: &Self) -> Self {
        self.divide_to(other, PRECISION)
    }

    /// The integer part, cut towards zero.
    pub(super) fn truncated(&self) -> BigInt {
        let magnitude = match u64::try_from(self.exponent) {
            Ok(up) => &self.mantissa << up,
            Err(_) => &self.mantissa >> self.exponent.unsigned_abs(),
        };
        BigInt::from_biguint(if self.negative { Sign::Minus } else { Sign::Plus }, magnitude)
    }

    /// The same as a float of 64 bits, where that holds it exactly.
    pub(super) fn as_f64(&self) -> Option<f64> {
        let mantissa =
            u64::try_from(&self.mantissa).ok().filter(|mantissa| *mantissa >> 53 == 0)?;
        let exponent =
            i32::try_from(self.exponent).ok().filter(|it| (-1_022..=970).contains(it))?;
        // Below 2^53 each integer is a float.
        #[expect(clippy::cast_precision_loss)]
        let float = mantissa as f64 * 2f64.powi(exponent);
        Some(if self.negative { -float } else { float })
    }

    fn signed_at(&self, exponent: i64) -> BigInt {
        let shift = (self.exponent - exponent).unsigned_abs();
        let sign = if self.negative { Sign::Minus } else { Sign::Plus };
        BigInt::from_biguint(sign, &self.mantissa << shift)
    }

    pub(super) fn multiply_to(&self, other: &Self, precision: u64) -> Self {
        Self {
            negative: self.negative != other.negative,
            mantissa: &self.mantissa * &other.mantissa,
            exponent: self.exponent + other.exponent,
        }
        .rounded(precision, false)
    }

    fn divide_to(&self, other: &Self, precision: u64) -> Self {
        let negative = self.negative != other.negative;
        if self.is_zero() {
            return Self::zero(negative);
        }
        // Enough bits for the mantissa and the rounding bit; the remainder says whether more follow.
        let wanted = to_i64(precision + 2 + other.mantissa.bits()) - to_i64(self.mantissa.bits());
        let shift = u64::try_from(wanted).unwrap_or(0);
        let dividend = &self.mantissa << shift;
        let quotient = &dividend / &other.mantissa;
        let inexact = &quotient * &other.mantissa != dividend;
        let exponent = self.exponent - other.exponent - to_i64(shift);
        Self { negative, mantissa: quotient, exponent }.rounded(precision, inexact)
    }

    /// Rounds to nearest, ties to even; `more` says that nonzero bits follow the mantissa.
    fn rounded(mut self, precision: u64, more: bool) -> Self {
        if self.is_zero() {
            return Self::zero(self.negative);
        }
        let bits = self.mantissa.bits();
        if bits > precision {
            let drop = bits - precision;
            let half = self.mantissa.bit(drop - 1);
            let below = more || self.mantissa.trailing_zeros().is_some_and(|at| at < drop - 1);
            self.mantissa >>= drop;
            self.exponent += to_i64(drop);
            if half && (below || self.mantissa.bit(0)) {
                self.mantissa += 1u32;
            }
        }
        self
    }
}

/// 5^n in 128 bits, by squaring in 192: each step rounds as Go's does.
fn power_of_five(mut n: u64) -> Float {
    const EXACT: u64 = 27;
    let exact = u32::try_from(n.min(EXACT)).unwrap_or(0);
    let five = |power: u32| BigUint::from(5u32).pow(power);
    let mut result = Float { negative: false, mantissa: five(exact), exponent: 0 };
    n -= n.min(EXACT);
    let mut square = Float { negative: false, mantissa: five(1), exponent: 0 };
    while n > 0 {
        if n & 1 == 1 {
            result = result.multiply_to(&square, PRECISION + 64);
        }
        square = square.multiply_to(&square, PRECISION + 128);
        n >>= 1;
    }
    result
}

fn to_i64(bits: impl IntoBits) -> i64 {
    i64::try_from(bits.bits()).unwrap_or(i64::MAX)
}

trait IntoBits {
    fn bits(self) -> u64;
}

impl IntoBits for u64 {
    fn bits(self) -> u64 {
        self
    }
}

impl IntoBits for Option<u64> {
    fn bits(self) -> u64 {
        self.unwrap_or(0)
    }
}
