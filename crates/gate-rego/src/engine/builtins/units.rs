//! `units.*`: amounts with the prefixes of SI and of powers of two.

use num_bigint::BigInt;

use super::conversions::normal;
use super::operands::string;
use super::{BuiltinError, Context, Declared, Outcome, Type};
use crate::engine::number::{ArithmeticError, Number, NumberError};
use crate::engine::value::Value;

pub(super) const TABLE: &[Declared] = &[
    Declared::new("units.parse", &[Type::String], Type::Number, parse),
    Declared::new("units.parse_bytes", &[Type::String], Type::Number, parse_bytes),
];

/// The most digits of an exponent.
const EXPONENT_DIGITS: usize = 6;
/// 0.001 as a float of 64 bits, which OPA takes for milli: this many 2^-60.
const MILLI: u64 = 1_152_921_504_606_847;
/// The greatest exponent of ten that is computed with.
const EXPONENT: i64 = 20_000;

/// The number and the unit of an amount.
fn split(text: &str) -> Option<(&str, &str)> {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let sign = |at: usize| matches!(bytes.get(at), Some(b'+' | b'-'));
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'e' | b'E' => {
                if !digit(at + 1) && !sign(at + 1) {
                    break;
                }
                at += usize::from(sign(at + 1));
                let digits = bytes[at + 1..].iter().take_while(|byte| byte.is_ascii_digit());
                if digits.count() > EXPONENT_DIGITS {
                    return None;
                }
            }
            b'0'..=b'9' | b'.' | b'+' | b'-' => {}
            _ => break,
        }
        at += 1;
    }
    Some(text.split_at(at))
}

fn failed(function: &str, what: &str) -> BuiltinError {
    // OPA names the function once more.
    BuiltinError::evaluation(format!("{function}: {what}"))
}

const KIBI: u64 = 1 << 10;

fn parse(context: &mut Context, operands: &[Value]) -> Outcome {
    let text = string(&operands[0], 1)?.replace('"', "");
    context.work(text.len())?;
    let failed = |what: &str| failed("units.parse", what);
    if text.contains(' ') {
        return Err(failed("spaces not allowed in resource strings"));
    }
    let (number, unit) = split(&text).ok_or_else(|| failed("exponent too large"))?;
    if number.is_empty() {
        return Err(failed("no amount provided"));
    }
    // `m` and `M` differ, other letters do not.
    let mut unit = unit.to_owned();
    let rest = unit.chars().next().map_or(0, char::len_utf8);
    unit = format!("{}{}", &unit[..rest], unit[rest..].to_lowercase());
    let scale = match unit.as_str() {
        "m" => MILLI,
        "" => 1,
        "k" | "K" => 1_000,
        "ki" | "Ki" => KIBI,
        "M" => 1_000_000,
        "mi" | "Mi" => KIBI.pow(2),
        "g" | "G" => 1_000_000_000,
        "gi" | "Gi" => KIBI.pow(3),
        "t" | "T" => 1_000_000_000_000,
        "ti" | "Ti" => KIBI.pow(4),
        "p" | "P" => 1_000_000_000_000_000,
        "pi" | "Pi" => KIBI.pow(5),
        "e" | "E" => 1_000_000_000_000_000_000,
        "ei" | "Ei" => KIBI.pow(6),
        unknown => return Err(failed(&format!("unit {unknown} not recognized"))),
    };
    let (digits, exponent) =
        decimal(number).ok_or_else(|| failed("could not parse amount to a number"))?;
    if exponent.abs() > EXPONENT {
        return Err(BuiltinError::limit("number too big"));
    }
    let power = BigInt::from(10).pow(u32::try_from(exponent.unsigned_abs()).unwrap_or(0));
    let (mut over, mut under) = (digits * scale, BigInt::from(1));
    if exponent < 0 {
        under = power;
    } else {
        over *= power;
    }
    if unit == "m" {
        under <<= 60;
    }
    Ok(Some(Value::Number(fraction(&over, &under)?)))
}

/// The digits of a decimal number and the exponent of ten that they are multiplied by.
fn decimal(text: &str) -> Option<(BigInt, i64)> {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], text[at + 1..].parse::<i64>().ok()?),
        None => (text, 0),
    };
    let (sign, mantissa) = match mantissa.as_bytes().first()? {
        b'-' => ("-", &mantissa[1..]),
        b'+' => ("", &mantissa[1..]),
        _ => ("", mantissa),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let shift = i64::try_from(fraction.len()).ok()?;
    Some((format!("{sign}{digits}").parse().ok()?, exponent - shift))
}

/// A quotient: an integer where it is one, else with ten digits behind the point.
fn fraction(over: &BigInt, under: &BigInt) -> Result<Number, BuiltinError> {
    let whole = over / under;
    if &whole * under == *over {
        return Ok(Number::from(whole));
    }
    let scaled = over.magnitude() * 10u64.pow(10);
    let mut quotient = &scaled / under.magnitude();
    if (scaled - &quotient * under.magnitude()) * 2u32 >= *under.magnitude() {
        quotient += 1u32;
    }
    let digits = format!("{quotient:0>11}");
    let (whole, fraction) = digits.split_at(digits.len() - 10);
    let sign = if over.sign() == num_bigint::Sign::Minus { "-" } else { "" };
    Number::parse(&format!("{sign}{whole}.{fraction}"))
        .map_err(|error| BuiltinError::limit(error.to_string()))
}

fn parse_bytes(context: &mut Context, operands: &[Value]) -> Outcome {
    let text = string(&operands[0], 1)?.to_lowercase().replace('"', "");
    context.work(text.len())?;
    let failed = |what: &str| failed("units.parse_bytes", what);
    if text.contains(' ') {
        return Err(failed("spaces not allowed in resource strings"));
    }
    let (number, unit) = split(&text).ok_or_else(|| failed("exponent too large"))?;
    if number.is_empty() {
        return Err(failed("no byte amount provided"));
    }
    let scale: u64 = match unit {
        "" => 1,
        "kb" | "k" => 1_000,
        "kib" | "ki" => KIBI,
        "mb" | "m" => 1_000_000,
        "mib" | "mi" => KIBI.pow(2),
        "gb" | "g" => 1_000_000_000,
        "gib" | "gi" => KIBI.pow(3),
        "tb" | "t" => 1_000_000_000_000,
        "tib" | "ti" => KIBI.pow(4),
        "pb" | "p" => 1_000_000_000_000_000,
        "pib" | "pi" => KIBI.pow(5),
        "eb" | "e" => 1_000_000_000_000_000_000,
        "eib" | "ei" => KIBI.pow(6),
        unknown => return Err(failed(&format!("byte unit {unknown} not recognized"))),
    };
    let number = Number::parse(&normal(number)).map_err(|error| match error {
        NumberError::Syntax => failed("could not parse byte amount to a number"),
        NumberError::TooBig => BuiltinError::limit("number too big"),
    })?;
    let product = number
        .multiply(&Number::from(scale))
        .map_err(|error: ArithmeticError| BuiltinError::limit(error.to_string()))?;
    Ok(Some(Value::Number(Number::from(product.truncated()))))
}

#[cfg(test)]
mod tests {
    use crate::engine::builtins::testing::check;

    #[test]
    fn amounts_have_units() {
        check(&[
            ("units.parse", &["\"10K\""], "10000"),
            ("units.parse", &["\"1.5Mi\""], "1572864"),
            ("units.parse", &["\"100m\""], "0.1000000000"),
            ("units.parse", &["\"0.0001m\""], "0.0000001000"),
            ("units.parse", &["\"1e3\""], "1000"),
            ("units.parse", &["\"-5\""], "-5"),
            ("units.parse", &["\"1E\""], "1000000000000000000"),
            ("units.parse", &["\"x\""], "units.parse: units.parse: no amount provided"),
            (
                "units.parse",
                &["\"1 K\""],
                "units.parse: units.parse: spaces not allowed in resource strings",
            ),
            ("units.parse", &["\"1zz\""], "units.parse: units.parse: unit zz not recognized"),
            (
                "units.parse",
                &["\"1.1.1\""],
                "units.parse: units.parse: could not parse amount to a number",
            ),
            ("units.parse", &["\"1e9999999\""], "units.parse: units.parse: exponent too large"),
            ("units.parse", &["\"0x10\""], "units.parse: units.parse: unit x10 not recognized"),
            ("units.parse_bytes", &["\"10MiB\""], "10485760"),
            ("units.parse_bytes", &["\"1.5kb\""], "1500"),
            ("units.parse_bytes", &["\"0.1ki\""], "102"),
            ("units.parse_bytes", &["\"0.3k\""], "300"),
            (
                "units.parse_bytes",
                &["\"\""],
                "units.parse_bytes: units.parse_bytes: no byte amount provided",
            ),
            (
                "units.parse_bytes",
                &["\"1..2k\""],
                "units.parse_bytes: units.parse_bytes: could not parse byte amount to a number",
            ),
        ]);
    }
}
