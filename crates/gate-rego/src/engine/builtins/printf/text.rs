//! Texts by a verb.

use std::fmt::Write as _;

use super::writer::Writer;
use crate::engine::builtins::BuiltinError;
use crate::engine::value::quote;

/// Writes a text; `false` where the verb is none for texts.
pub(super) fn write(writer: &mut Writer, text: &str, verb: char) -> Result<bool, BuiltinError> {
    match verb {
        'v' if writer.flags.sharp_value => quoted(writer, text)?,
        'v' | 's' => plain(writer, text)?,
        'q' => quoted(writer, text)?,
        'x' | 'X' => hexadecimal(writer, text, verb)?,
        _ => return Ok(false),
    }
    Ok(true)
}

pub(super) fn plain(writer: &mut Writer, text: &str) -> Result<(), BuiltinError> {
    let text = cut(writer, text);
    writer.padded(text)
}

/// The first characters, as many as the precision says.
fn cut<'a>(writer: &Writer, text: &'a str) -> &'a str {
    let Some(precision) = writer.flags.precision else { return text };
    text.char_indices().nth(precision).map_or(text, |(at, _)| &text[..at])
}

fn quoted(writer: &mut Writer, text: &str) -> Result<(), BuiltinError> {
    let text = cut(writer, text);
    writer.context.allocate(text.len().saturating_mul(2))?;
    let raw = |c: char| c == '\t' || (c >= ' ' && c != '`' && c != '\u{7f}' && c != '\u{feff}');
    let quoted = if writer.flags.sharp && text.chars().all(raw) {
        format!("`{text}`")
    } else if writer.flags.plus {
        ascii(&quote(text))
    } else {
        quote(text)
    };
    writer.padded(&quoted)
}

/// Escapes what is beyond ASCII in a quoted text.
fn ascii(quoted: &str) -> String {
    let mut text = String::with_capacity(quoted.len());
    for character in quoted.chars() {
        let code = u32::from(character);
        // Writing to a string cannot fail.
        let _ = match code {
            0..=0x7f => write!(text, "{character}"),
            0x80..=0xffff => write!(text, "\\u{code:04x}"),
            _ => write!(text, "\\U{code:08x}"),
        };
    }
    text
}

/// A character in single quotes.
pub(super) fn quoted_character(character: char, plus: bool) -> String {
    let inner = match character {
        '\'' => "\\'".to_owned(),
        '"' => "\"".to_owned(),
        other => {
            let quoted = quote(&other.to_string());
            quoted[1..quoted.len() - 1].to_owned()
        }
    };
    let inner = if plus { ascii(&inner) } else { inner };
    format!("'{inner}'")
}

/// Whether Go would escape a character.
pub(super) fn unprintable(character: char) -> bool {
    !matches!(character, '"' | '\\') && quote(&character.to_string()).starts_with("\"\\")
}

fn hexadecimal(writer: &mut Writer, text: &str, verb: char) -> Result<(), BuiltinError> {
    let flags = writer.flags;
    let bytes = text.as_bytes();
    let bytes = &bytes[..flags.precision.unwrap_or(bytes.len()).min(bytes.len())];
    writer.context.allocate(bytes.len().saturating_mul(5))?;
    let prefix = match (flags.sharp, verb) {
        (false, _) => "",
        (true, 'x') => "0x",
        (true, _) => "0X",
    };
    let mut out = String::new();
    for (at, byte) in bytes.iter().enumerate() {
        if at > 0 && flags.space {
            out.push(' ');
        }
        if at == 0 || flags.space {
            out.push_str(prefix);
        }
        // Writing to a string cannot fail.
        let _ = if verb == 'x' { write!(out, "{byte:02x}") } else { write!(out, "{byte:02X}") };
    }
    writer.padded(&out)
}
