//! Prints floats as Go does: the fewest digits that read back as the same float.

use num_bigint::BigUint;

use super::float::{Float, PRECISION};

/// Decimal digits `0.d1d2d3... * 10^point`.
struct Digits {
    digits: Vec<u8>,
    point: i64,
}

/// The text of a result of arithmetic: integers in full, others shortest.
pub(super) fn float(value: &Float) -> String {
    let integer = value.is_integer();
    let sign = if value.negative { "-" } else { "" };
    let zero = || Digits { digits: Vec::new(), point: 0 };
    let digits = if value.is_zero() { zero() } else { shortest(value) };
    format!("{sign}{}", if integer { plain(&digits) } else { general(&digits) })
}

/// The shortest text of a float of 64 bits, in Go's `%g`; `None` where it is not finite.
pub(super) fn float64(value: f64) -> Option<String> {
    if !value.is_finite() {
        return None;
    }
    let text = format!("{:e}", value.abs());
    let (mantissa, exponent) = text.split_once('e')?;
    let mut digits: Vec<u8> =
        mantissa.bytes().filter(u8::is_ascii_digit).map(|byte| byte - b'0').collect();
    let point = exponent.parse::<i64>().ok()? + 1;
    while digits.last() == Some(&0) {
        digits.pop();
    }
    let point = if digits.is_empty() { 1 } else { point };
    let sign = if value.is_sign_negative() { "-" } else { "" };
    Some(format!("{sign}{}", general(&Digits { digits, point })))
}

/// `%f` without more digits than there are.
fn plain(number: &Digits) -> String {
    let mut text = String::new();
    let digit = |at: i64| {
        let digit = usize::try_from(at).ok().and_then(|at| number.digits.get(at));
        char::from(b'0' + digit.copied().unwrap_or(0))
    };
    if number.point > 0 {
        text.extend((0..number.point).map(digit));
    } else {
        text.push('0');
    }
    let length = i64::try_from(number.digits.len()).unwrap_or(i64::MAX);
    if length > number.point {
        text.push('.');
        text.extend((number.point..length).map(digit));
    }
    text
}

/// `%g`: with an exponent where that is below -4 or above 5, as Go decides for shortest texts.
fn general(number: &Digits) -> String {
    let exponent = number.point - 1;
    if number.digits.is_empty() || (-4..6).contains(&exponent) {
        return plain(number);
    }
    scientific(number, exponent)
}

fn scientific(number: &Digits, exponent: i64) -> String {
    let mut text = String::new();
    for (at, digit) in number.digits.iter().enumerate() {
        if at == 1 {
            text.push('.');
        }
        text.push(char::from(b'0' + digit));
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{text}e{sign}{:02}", exponent.abs())
}

/// The fewest digits between the two neighbours' midpoints.
fn shortest(value: &Float) -> Digits {
    let bits = value.mantissa.bits();
    // One bit more than the precision, so that one unit is half a step to the neighbour.
    let wanted = PRECISION + 1;
    let (scaled, exponent) = if bits < wanted {
        let up = wanted - bits;
        (&value.mantissa << up, value.exponent - i64::try_from(up).unwrap_or(0))
    } else {
        let down = bits - wanted;
        (&value.mantissa >> down, value.exponent + i64::try_from(down).unwrap_or(0))
    };
    // A midpoint reads back as this float only if its mantissa is even.
    let inclusive = !scaled.bit(1);
    let lower = decimal(&(&scaled - 1u32), exponent);
    let upper = decimal(&(&scaled + 1u32), exponent);
    cut(decimal(&scaled, exponent), &lower, &upper, inclusive)
}

fn cut(mut exact: Digits, lower: &Digits, upper: &Digits, inclusive: bool) -> Digits {
    let at = |number: &Digits, index: usize| number.digits.get(index).copied().unwrap_or(0);
    for index in 0..exact.digits.len() {
        let digit = exact.digits[index];
        let (low, high) = (at(lower, index), at(upper, index));
        let down = low != digit || (inclusive && index + 1 == lower.digits.len());
        let up = digit != high && (inclusive || digit + 1 < high || index + 1 < upper.digits.len());
        let round_up = match (down, up) {
            (true, true) => nearer_up(&exact.digits, index + 1),
            (true, false) => false,
            (false, true) => true,
            (false, false) => continue,
        };
        exact.digits.truncate(index + 1);
        if round_up {
            increment(&mut exact);
        }
        break;
    }
    while exact.digits.last() == Some(&0) {
        exact.digits.pop();
    }
    exact
}

/// Whether cutting after `length` digits rounds up: to nearest, ties to even.
fn nearer_up(digits: &[u8], length: usize) -> bool {
    match digits.get(length) {
        None => false,
        Some(5) if length + 1 == digits.len() => digits[length - 1] % 2 == 1,
        Some(digit) => *digit >= 5,
    }
}

fn increment(number: &mut Digits) {
    while let Some(last) = number.digits.pop() {
        if last < 9 {
            number.digits.push(last + 1);
            return;
        }
    }
    number.digits.push(1);
    number.point += 1;
}

/// The exact decimal digits of `mantissa * 2^exponent`.
fn decimal(mantissa: &BigUint, exponent: i64) -> Digits {
    let (digits, shift) = if let Ok(up) = u64::try_from(exponent) {
        ((mantissa << up).to_string(), 0)
    } else {
        // m / 2^n = m * 5^n / 10^n.
        let down = exponent.unsigned_abs();
        let power = BigUint::from(5u32).pow(u32::try_from(down).unwrap_or(u32::MAX));
        ((mantissa * power).to_string(), i64::try_from(down).unwrap_or(i64::MAX))
    };
    let point = i64::try_from(digits.len()).unwrap_or(i64::MAX) - shift;
    let digits = digits.trim_end_matches('0').bytes().map(|byte| byte - b'0').collect();
    Digits { digits, point }
}
