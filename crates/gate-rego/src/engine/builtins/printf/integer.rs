//! Integers of 64 bits by a verb.

use super::text::{quoted_character, unprintable};
use super::writer::Writer;
use crate::engine::builtins::BuiltinError;

/// Writes an integer; `false` where the verb is none for integers.
pub(super) fn write(writer: &mut Writer, value: i64, verb: char) -> Result<bool, BuiltinError> {
    let size = value.unsigned_abs();
    let digits = match verb {
        'd' | 'v' => size.to_string(),
        'b' => format!("{size:b}"),
        'o' | 'O' => format!("{size:o}"),
        'x' => format!("{size:x}"),
        'X' => format!("{size:X}"),
        'c' => {
            writer.padded(&character(value).to_string())?;
            return Ok(true);
        }
        'q' => {
            let quoted = quoted_character(character(value), writer.flags.plus);
            writer.padded(&quoted)?;
            return Ok(true);
        }
        'U' => {
            unicode(writer, value)?;
            return Ok(true);
        }
        _ => return Ok(false),
    };
    number(writer, &digits, value < 0, verb)?;
    Ok(true)
}

fn number(
    writer: &mut Writer,
    digits: &str,
    negative: bool,
    verb: char,
) -> Result<(), BuiltinError> {
    let flags = writer.flags;
    let least = match flags.precision {
        // No precision and nothing to say: nothing but the width.
        Some(0) if digits == "0" => return writer.spaced(""),
        Some(precision) => precision,
        // Zeros stand between the sign and the digits.
        None if flags.zero && !flags.minus => {
            let sign = usize::from(negative || flags.plus || flags.space);
            flags.width.unwrap_or(0).saturating_sub(sign)
        }
        None => 0,
    };
    let zeros = least.saturating_sub(digits.len());
    writer.context.allocate(zeros)?;
    let digits = format!("{}{digits}", "0".repeat(zeros));
    let prefix = match verb {
        'O' => "0o",
        'b' if flags.sharp => "0b",
        'o' if flags.sharp && !digits.starts_with('0') => "0",
        'x' if flags.sharp => "0x",
        'X' if flags.sharp => "0X",
        _ => "",
    };
    let sign = sign(negative, flags.plus, flags.space);
    writer.spaced(&format!("{sign}{prefix}{digits}"))
}

pub(super) fn sign(negative: bool, plus: bool, space: bool) -> &'static str {
    match (negative, plus, space) {
        (true, ..) => "-",
        (false, true, _) => "+",
        (false, false, true) => " ",
        _ => "",
    }
}

fn character(value: i64) -> char {
    let code = u32::try_from(value).ok();
    code.and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// `U+0041`, with the character itself behind where it is asked for and can be printed.
fn unicode(writer: &mut Writer, value: i64) -> Result<(), BuiltinError> {
    let digits = format!("{:04X}", value.cast_unsigned());
    let zeros = writer.flags.precision.unwrap_or(0).saturating_sub(digits.len());
    writer.context.allocate(zeros)?;
    let mut text = format!("U+{}{digits}", "0".repeat(zeros));
    let shown = u32::try_from(value).ok().and_then(char::from_u32);
    if let Some(shown) = shown.filter(|shown| writer.flags.sharp && !unprintable(*shown)) {
        text.extend([" '", &shown.to_string(), "'"]);
    }
    writer.spaced(&text)
}
