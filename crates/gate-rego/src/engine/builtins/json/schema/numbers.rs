//! Numbers in schemas: multiples without loss, and limits as complaints show them.

use num_bigint::BigInt;

use crate::engine::number::Number;

/// How far exponents may lie apart: beyond it the numbers would be too long to divide.
const APART: u64 = 5_000;

/// Whether a number is a whole multiple of another one that is not zero; `None` if it is too far away.
pub(super) fn is_multiple(number: &Number, of: &Number) -> Option<bool> {
    let (mut digits, exponent) = scaled(number)?;
    let (mut divisor, of_exponent) = scaled(of)?;
    if exponent.abs_diff(of_exponent) > APART {
        return None;
    }
    let power = BigInt::from(10).pow(u32::try_from(exponent.abs_diff(of_exponent)).ok()?);
    if exponent > of_exponent {
        digits *= power;
    } else {
        divisor *= power;
    }
    if divisor == BigInt::ZERO {
        return None;
    }
    Some(digits % divisor == BigInt::ZERO)
}

/// A number as digits times a power of ten.
fn scaled(number: &Number) -> Option<(BigInt, i64)> {
    let text = number.to_string();
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((&text, "0"));
    let exponent: i64 = exponent.parse().ok()?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}").parse().ok()?;
    Some((digits, exponent - i64::try_from(fraction.len()).ok()?))
}

/// A limit as Go prints a big float: shortest, with an exponent from a million on.
pub(super) fn shown(number: &Number) -> String {
    let text = format!("{:e}", number.as_f64());
    let Some((mantissa, exponent)) = text.split_once('e') else { return text };
    let Ok(exponent) = exponent.parse::<i32>() else { return text };
    if (-4..6).contains(&exponent) {
        return number.as_f64().to_string();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs())
}
