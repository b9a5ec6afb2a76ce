//! A decimal number taken apart: sign, digits and a power of ten, for exact comparison.

use std::cmp::Ordering;

use num_bigint::{BigInt, BigUint, Sign};

use super::NumberError;

/// `±digits * 10^exponent`, without zeros at the end of the digits; zero has exponent 0.
#[derive(Clone)]
pub(super) struct Decimal {
    pub(super) negative: bool,
    pub(super) digits: BigUint,
    pub(super) exponent: i64,
    /// How many decimal digits there are; 0 for zero.
    length: i64,
}

/// No exponent beyond this is looked at: such a number is refused by its magnitude.
const EXPONENT: i64 = 1_000_000;

impl Decimal {
    pub(super) fn new(negative: bool, digits: &BigUint, exponent: i64) -> Self {
        Self::from_text(negative, &digits.to_string(), exponent)
    }

    /// Reads `-?digits(.digits)?([eE][+-]?digits)?`.
    pub(super) fn parse(text: &str) -> Result<Self, NumberError> {
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match rest.find(['e', 'E']) {
            Some(at) => (&rest[..at], parse_exponent(&rest[at + 1..])?),
            None => (rest, 0),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((_, "")) => return Err(NumberError::Syntax),
            Some(parts) => parts,
            None => (mantissa, ""),
        };
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(fraction) {
            return Err(NumberError::Syntax);
        }
        if whole.len() > 1 && whole.starts_with('0') {
            return Err(NumberError::Syntax);
        }
        let scale = i64::try_from(fraction.len()).map_err(|_| NumberError::TooBig)?;
        Ok(Self::from_text(negative, &[whole, fraction].concat(), exponent - scale))
    }

    fn from_text(negative: bool, digits: &str, exponent: i64) -> Self {
        let stripped = digits.trim_end_matches('0');
        let dropped = digits.len() - stripped.len();
        let significant = stripped.trim_start_matches('0');
        let length = i64::try_from(significant.len()).unwrap_or(i64::MAX);
        if length == 0 {
            return Self { negative, digits: BigUint::ZERO, exponent: 0, length };
        }
        let exponent = exponent.saturating_add(i64::try_from(dropped).unwrap_or(i64::MAX));
        let digits = BigUint::parse_bytes(significant.as_bytes(), 10).unwrap_or_default();
        Self { negative, digits, exponent, length }
    }

    pub(super) fn is_zero(&self) -> bool {
        self.length == 0
    }

    pub(super) fn is_integer(&self) -> bool {
        self.exponent >= 0
    }

    /// The exact integer; the exponent is bounded by the number's check when it was read.
    pub(super) fn integer(&self) -> Option<BigInt> {
        let exponent = u32::try_from(self.exponent).ok()?;
        let sign = if self.negative { Sign::Minus } else { Sign::Plus };
        Some(BigInt::from_biguint(sign, &self.digits * BigUint::from(10u32).pow(exponent)))
    }

    /// The number's size as a power of two, near enough to bound it.
    pub(super) fn binary_exponent(&self) -> i64 {
        if self.is_zero() { 0 } else { (self.length + self.exponent).saturating_mul(3322) / 1000 }
    }

    pub(super) fn compare(&self, other: &Self) -> Ordering {
        match (self.signum(), other.signum()) {
            (0, 0) => Ordering::Equal,
            (left, right) if left != right => left.cmp(&right),
            (1, _) => self.compare_magnitude(other),
            _ => other.compare_magnitude(self),
        }
    }

    fn signum(&self) -> i8 {
        match (self.is_zero(), self.negative) {
            (true, _) => 0,
            (false, false) => 1,
            (false, true) => -1,
        }
    }

    fn compare_magnitude(&self, other: &Self) -> Ordering {
        let size = (self.length + self.exponent).cmp(&(other.length + other.exponent));
        if size != Ordering::Equal {
            return size;
        }
        // The leading digits have the same weight, so the longer one only needs aligned digits.
        let aligned = |decimal: &Self, by: i64| {
            &decimal.digits * BigUint::from(10u32).pow(u32::try_from(by).unwrap_or(0))
        };
        match self.length - other.length {
            0 => self.digits.cmp(&other.digits),
            more if more > 0 => self.digits.cmp(&aligned(other, more)),
            less => aligned(self, -less).cmp(&other.digits),
        }
    }
}

impl From<i64> for Decimal {
    fn from(integer: i64) -> Self {
        Self::from_text(integer < 0, &integer.unsigned_abs().to_string(), 0)
    }
}

fn parse_exponent(text: &str) -> Result<i64, NumberError> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NumberError::Syntax);
    }
    let exponent: i64 = text.parse().map_err(|_| NumberError::TooBig)?;
    if exponent.abs() > EXPONENT { Err(NumberError::TooBig) } else { Ok(exponent) }
}
