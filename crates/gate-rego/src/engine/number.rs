//! Numbers as OPA has them: the text as it was given, compared exactly, with integer arithmetic of
//! any size and other arithmetic in binary floats of 64 bits of mantissa.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use num_bigint::{BigInt, Sign};

mod arithmetic;
mod collected;
mod decimal;
mod float;
mod format;

pub(crate) use arithmetic::ArithmeticError;
use decimal::Decimal;

/// A number. Integers of 64 bits in their plain form are held as such; any other form
/// (`1.10`, `-0`, `1e3`, 30 digits) is held with its text, which is also how it is printed.
#[derive(Clone)]
pub struct Number(Form);

#[derive(Clone)]
enum Form {
    Integer(i64),
    Text(Arc<Text>),
}

/// A number that is no plain integer of 64 bits: its text and what that says.
struct Text {
    text: Box<str>,
    decimal: Decimal,
}

/// Why a text is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// It does not have JSON's form of a number.
    #[error("not a number")]
    Syntax,
    /// Its exponent or its number of digits is beyond what is computed with.
    #[error("number too big")]
    TooBig,
}

/// The greatest binary exponent, as OPA bounds it: beyond it, printing takes forever.
pub(crate) const BINARY_EXPONENT: i64 = 100_000;
/// The greatest number of digits of one number.
const DIGITS: usize = 40_000;

impl Number {
    /// The number that a text in JSON's form says.
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        if let Some(integer) = plain_integer(text) {
            return Ok(Self(Form::Integer(integer)));
        }
        if text.len() > DIGITS {
            return Err(NumberError::TooBig);
        }
        let decimal = Decimal::parse(text)?;
        if decimal.binary_exponent().abs() > BINARY_EXPONENT {
            return Err(NumberError::TooBig);
        }
        Ok(Self(Form::Text(Arc::new(Text { text: text.into(), decimal }))))
    }

    /// The number nearest to a float, printed shortest; `None` where it is not finite.
    pub fn from_f64(float: f64) -> Option<Self> {
        let text = format::float64(float)?;
        Self::parse(&text).ok()
    }

    /// The integer, where the text is one of at most 19 digits without exponent (`7`, `7.0`).
    pub fn as_i64(&self) -> Option<i64> {
        match &self.0 {
            Form::Integer(integer) => Some(*integer),
            Form::Text(text) => integer_with_zero_fraction(&text.text),
        }
    }

    /// The exact integer, whatever its form (`1e30`, `2.0`); `None` where there is a fraction.
    pub fn as_integer(&self) -> Option<BigInt> {
        match &self.0 {
            Form::Integer(integer) => Some(BigInt::from(*integer)),
            Form::Text(text) => text.decimal.integer(),
        }
    }

    /// The nearest float of 64 bits; infinite where the number is beyond them.
    pub fn as_f64(&self) -> f64 {
        match &self.0 {
            // Rounding is what is asked for.
            #[expect(clippy::cast_precision_loss)]
            Form::Integer(integer) => *integer as f64,
            Form::Text(text) => text.text.parse().unwrap_or(f64::NAN),
        }
    }

    /// Whether the number has no fraction.
    pub fn is_integer(&self) -> bool {
        match &self.0 {
            Form::Integer(_) => true,
            Form::Text(text) => text.decimal.is_integer(),
        }
    }

    /// Whether the number is zero, in any form.
    pub fn is_zero(&self) -> bool {
        match &self.0 {
            Form::Integer(integer) => *integer == 0,
            Form::Text(text) => text.decimal.is_zero(),
        }
    }

    fn decimal(&self) -> std::borrow::Cow<'_, Decimal> {
        match &self.0 {
            Form::Integer(integer) => std::borrow::Cow::Owned(Decimal::from(*integer)),
            Form::Text(text) => std::borrow::Cow::Borrowed(&text.decimal),
        }
    }
}

/// `-?(0|[1-9][0-9]*)` within 64 bits, except `-0`, whose text differs from its value's.
fn plain_integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
    let plain = match digits {
        [b'0'] => digits.len() == text.len(),
        [b'1'..=b'9', rest @ ..] => rest.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    if plain { text.parse().ok() } else { None }
}

fn integer_with_zero_fraction(text: &str) -> Option<i64> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    if unsigned.len() > 19 {
        return None;
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.bytes().all(|byte| byte == b'0') { whole.parse().ok() } else { None }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Form::Integer(left), Form::Integer(right)) => left.cmp(right),
            _ => self.decimal().compare(&other.decimal()),
        }
    }
}

impl Hash for Number {
    /// Equal numbers have the same nearest float, so they hash alike in any form.
    fn hash<H: Hasher>(&self, state: &mut H) {
        let float = self.as_f64();
        let bits = if float == 0.0 { 0 } else { float.to_bits() };
        bits.hash(state);
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Integer(integer) => write!(f, "{integer}"),
            Form::Text(text) => f.write_str(&text.text),
        }
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<i64> for Number {
    fn from(integer: i64) -> Self {
        Self(Form::Integer(integer))
    }
}

impl From<BigInt> for Number {
    fn from(integer: BigInt) -> Self {
        if let Ok(small) = i64::try_from(&integer) {
            return Self(Form::Integer(small));
        }
        let text = integer.to_string().into_boxed_str();
        let (sign, digits) = integer.into_parts();
        let decimal = Decimal::new(sign == Sign::Minus, &digits, 0);
        Self(Form::Text(Arc::new(Text { text, decimal })))
    }
}

impl From<u64> for Number {
    fn from(integer: u64) -> Self {
        Self::from(BigInt::from(integer))
    }
}

#[cfg(test)]
mod tests;
