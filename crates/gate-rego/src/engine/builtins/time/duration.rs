//! Durations such as `1h30m`, as Go reads them, and with days, weeks and years as OPA adds them.

use crate::engine::value::quote;

/// The duration in nanoseconds, or what is wrong.
pub(super) fn parse(text: &str) -> Result<i64, String> {
    if !text.contains(['d', 'w', 'y']) {
        return go(text).map_err(|what| format!("time: {what}duration {}", quote(text)));
    }
    let invalid = || format!("time: invalid duration {}", quote(text));
    let rewritten = rewritten(text).ok_or_else(invalid)?;
    go(&rewritten).map_err(|what| format!("time: {what}duration {}", quote(text)))
}

/// The same with hours in place of days, weeks and years.
fn rewritten(text: &str) -> Option<String> {
    let (sign, mut rest) = match text.as_bytes().first()? {
        b'-' | b'+' => text.split_at(1),
        _ => ("", text),
    };
    let mut out = sign.to_owned();
    loop {
        let length = rest.find(|c: char| c != '.' && !c.is_ascii_digit())?;
        let (digits, behind) = rest.split_at(length);
        if digits.is_empty() {
            return None;
        }
        let known = ["ms", "us", "µs", "ns"].into_iter().find(|unit| behind.starts_with(unit));
        let letter = behind.chars().next().filter(char::is_ascii_lowercase);
        let unit = match (known, letter) {
            (Some(unit), _) => unit,
            (None, Some(_)) => &behind[..1],
            (None, None) => return None,
        };
        let hours = match unit {
            "d" => Some(24.0),
            "w" => Some(7.0 * 24.0),
            "y" => Some(365.0 * 24.0),
            _ => None,
        };
        if let Some(hours) = hours {
            let number: f64 = digits.parse().ok()?;
            out.extend([(number * hours).to_string().as_str(), "h"]);
        } else {
            out.extend([digits, unit]);
        }
        rest = &behind[unit.len()..];
        if rest.is_empty() {
            return Some(out);
        }
    }
}

/// Go's own form; in the error, what stands before the word `duration`.
fn go(text: &str) -> Result<i64, String> {
    let invalid = || "invalid ".to_owned();
    let (negative, mut rest) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total = 0u64;
    while !rest.is_empty() {
        let (whole, behind) = digits(rest);
        let (fraction, behind) = match behind.strip_prefix('.') {
            Some(behind) => digits(behind),
            None => ("", behind),
        };
        if whole.is_empty() && fraction.is_empty() {
            return Err(invalid());
        }
        let length = behind.find(|c: char| c == '.' || c.is_ascii_digit());
        let (unit, behind) = behind.split_at(length.unwrap_or(behind.len()));
        if unit.is_empty() {
            return Err("missing unit in ".to_owned());
        }
        let scale = scale(unit).ok_or_else(|| format!("unknown unit {} in ", quote(unit)))?;
        let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| invalid())? };
        let part = whole.checked_mul(scale).ok_or_else(invalid)?;
        let part = part.checked_add(part_of(fraction, scale)).ok_or_else(invalid)?;
        total = total.checked_add(part).filter(|total| *total <= 1 << 63).ok_or_else(invalid)?;
        rest = behind;
    }
    match (negative, i64::try_from(total)) {
        (false, Ok(total)) => Ok(total),
        (true, Ok(total)) => Ok(-total),
        (true, Err(_)) => Ok(i64::MIN),
        (false, Err(_)) => Err(invalid()),
    }
}

fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().take_while(u8::is_ascii_digit).count())
}

fn scale(unit: &str) -> Option<u64> {
    Some(match unit {
        "ns" => 1,
        "us" | "µs" | "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    })
}

/// A fraction of a unit. Digits beyond what 63 bits hold are not looked at.
fn part_of(fraction: &str, scale: u64) -> u64 {
    let shown = &fraction[..fraction.len().min(18)];
    let number: u64 = shown.parse().unwrap_or(0);
    let size = 10f64.powi(i32::try_from(shown.len()).unwrap_or(0));
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "as Go computes it, in floats"
    )]
    let part = (number as f64 * (scale as f64 / size)) as u64;
    part
}
