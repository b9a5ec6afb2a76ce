//! Floats by a verb, as Go's `strconv` writes them.

use super::writer::{Flags, Writer};
use crate::engine::builtins::BuiltinError;

/// More digits than this behind the point are all zero: the smallest float has 1,074.
const DIGITS: usize = 1_100;

/// Writes a float; `false` where the verb is none for floats.
pub(super) fn write(writer: &mut Writer, value: f64, verb: char) -> Result<bool, BuiltinError> {
    let flags = writer.flags;
    let precision = flags.precision;
    writer.context.allocate(precision.unwrap_or(0).saturating_add(400))?;
    let size = value.abs();
    let mut number = match verb {
        'v' | 'g' => general(size, precision, flags),
        'G' => general(size, precision, flags).to_uppercase(),
        'e' => scientific(size, precision.unwrap_or(6)),
        'E' => scientific(size, precision.unwrap_or(6)).to_uppercase(),
        'f' | 'F' => fixed(size, precision.unwrap_or(6)),
        'b' => binary(size),
        'x' => hexadecimal(size, precision),
        'X' => hexadecimal(size, precision).to_uppercase(),
        _ => return Ok(false),
    };
    if flags.sharp && matches!(verb, 'e' | 'E' | 'f' | 'F') {
        number = with_point(number);
    }
    let sign = super::integer::sign(value.is_sign_negative(), flags.plus, flags.space);
    if !sign.is_empty() && flags.zero && !flags.minus {
        // The sign stands before the zeros.
        let missing = writer.missing(sign.len() + number.len());
        writer.push(sign)?;
        writer.repeat('0', missing)?;
        writer.push(&number)?;
        return Ok(true);
    }
    writer.padded(&format!("{sign}{number}"))?;
    Ok(true)
}

/// A point, where the digits have none.
fn with_point(number: String) -> String {
    if number.contains('.') {
        return number;
    }
    match number.find(['e', 'E']) {
        Some(at) => format!("{}.{}", &number[..at], &number[at..]),
        None => format!("{number}."),
    }
}

fn fixed(size: f64, precision: usize) -> String {
    let near = precision.min(DIGITS);
    format!("{size:.near$}{}", "0".repeat(precision - near))
}

fn scientific(size: f64, precision: usize) -> String {
    let near = precision.min(DIGITS);
    let text = format!("{size:.near$e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    format!("{digits}{}{}", "0".repeat(precision - near), exponent_text(exponent))
}

/// An exponent has a sign and at least two digits.
fn exponent_text(exponent: &str) -> String {
    let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |rest| ('-', rest));
    format!("e{sign}{digits:0>2}")
}

/// `%g`: with an exponent where that is below -4 or not below the precision.
fn general(size: f64, precision: Option<usize>, flags: Flags) -> String {
    let wanted = precision.map(|precision| precision.clamp(1, DIGITS));
    let text = match wanted {
        None => format!("{size:e}"),
        Some(precision) => format!("{size:.*e}", precision - 1),
    };
    let (mantissa, exponent_digits) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent_digits.parse().unwrap_or(0);
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_end_matches('0');
    let count = i32::try_from(digits.len()).unwrap_or(0);
    let least = match wanted.and_then(|precision| i32::try_from(precision).ok()) {
        None => 6,
        // Digits that are not there do not count.
        Some(precision) if precision > count && count > exponent => count,
        Some(precision) => precision,
    };
    let plain = (-4..least).contains(&exponent) || size == 0.0;
    let number = if plain { placed(digits, exponent) } else { pointed(digits) };
    let number = if flags.sharp { sharpened(&number, precision) } else { number };
    if plain { number } else { format!("{number}{}", exponent_text(exponent_digits)) }
}

/// Digits with the point where the exponent puts it.
fn placed(digits: &str, exponent: i32) -> String {
    let point = exponent + 1;
    let Ok(whole) = usize::try_from(point) else {
        let zeros = usize::try_from(-point).unwrap_or(0);
        return format!("0.{}{digits}", "0".repeat(zeros));
    };
    match (digits, whole) {
        ("", _) => "0".to_owned(),
        (_, 0) => format!("0.{digits}"),
        _ if digits.len() <= whole => format!("{digits}{}", "0".repeat(whole - digits.len())),
        _ => format!("{}.{}", &digits[..whole], &digits[whole..]),
    }
}

fn pointed(digits: &str) -> String {
    match digits.split_at_checked(1) {
        Some((first, "")) => first.to_owned(),
        Some((first, rest)) => format!("{first}.{rest}"),
        None => "0".to_owned(),
    }
}

/// `#` keeps the point and as many zeros as the precision asks for, six where it says nothing.
fn sharpened(number: &str, precision: Option<usize>) -> String {
    let significant = number.trim_start_matches(['0', '.']);
    let digits = significant.bytes().filter(u8::is_ascii_digit).count();
    let digits = if number == "0" { 1 } else { digits };
    let zeros = "0".repeat(precision.unwrap_or(6).max(1).saturating_sub(digits));
    let point = if number.contains('.') { "" } else { "." };
    format!("{number}{point}{zeros}")
}

/// The mantissa as an integer and the exponent of two: `4503599627370496p-52`.
fn binary(size: f64) -> String {
    let (mantissa, exponent) = parts(size);
    format!("{mantissa}p{}{}", if exponent < 0 { "-" } else { "+" }, exponent.abs())
}

fn parts(size: f64) -> (u64, i64) {
    let bits = size.to_bits();
    let fraction = bits & ((1 << 52) - 1);
    match i64::try_from(bits >> 52).unwrap_or(0) {
        0 => (fraction, -1_074),
        biased => (fraction | (1 << 52), biased - 1_075),
    }
}

/// `0x1.8p+00`.
fn hexadecimal(size: f64, precision: Option<usize>) -> String {
    let (mut mantissa, mut exponent) = parts(size);
    if mantissa == 0 {
        exponent = 0;
    } else {
        let shift = mantissa.leading_zeros() - 3;
        mantissa <<= shift;
        // One bit before the point and 60 behind.
        exponent += 60 - i64::from(shift);
    }
    let mut digits = precision.unwrap_or(15).min(15);
    let drop = u32::try_from(60 - 4 * digits).unwrap_or(0);
    if drop > 0 {
        let half = 1u64 << (drop - 1);
        let rest = mantissa & ((1 << drop) - 1);
        let odd = (mantissa >> drop) & 1 == 1;
        mantissa >>= drop;
        if rest > half || (rest == half && odd) {
            mantissa += 1;
        }
        mantissa <<= drop;
        if mantissa >> 61 != 0 {
            mantissa >>= 1;
            exponent += 1;
        }
    }
    let all = format!("{:015x}", mantissa & ((1 << 60) - 1));
    if precision.is_none() {
        digits = all.trim_end_matches('0').len();
    }
    let zeros = precision.unwrap_or(0).saturating_sub(15);
    let point = if digits + zeros > 0 { "." } else { "" };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!(
        "0x{}{point}{}{}p{sign}{:02}",
        mantissa >> 60,
        &all[..digits],
        "0".repeat(zeros),
        exponent.abs()
    )
}
