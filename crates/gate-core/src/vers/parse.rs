//! From the text of a range to its type and constraints.

use std::fmt::Write;

use super::{BYTES, Comparator, Constraint, RangeError};

/// Reads a range as people write it.
pub(super) fn lenient(text: &str) -> Result<(String, Vec<Constraint>), RangeError> {
    let text: String = text.chars().filter(|character| !character.is_ascii_whitespace()).collect();
    let (name, list) = split(&text)?;
    let parts = list.split('|').filter(|part| !part.is_empty());
    let constraints: Vec<_> = parts.map(constraint).collect::<Result<_, _>>()?;
    if constraints.is_empty() {
        return Err(RangeError::new("has no constraint"));
    }
    Ok((name.to_ascii_lowercase(), constraints))
}

/// Reads a range in which nothing is left to the writer's taste but the order, which the caller
/// checks.
pub(super) fn canonical(text: &str) -> Result<(String, Vec<Constraint>), RangeError> {
    if text.contains(|character: char| character.is_ascii_whitespace()) {
        return Err(RangeError::new("has blanks"));
    }
    let (name, list) = split(text)?;
    if name.contains(|character: char| character.is_ascii_uppercase()) {
        return Err(RangeError::new("the type is not in lower case"));
    }
    let mut constraints = vec![];
    for part in list.split('|') {
        if part.is_empty() {
            return Err(RangeError::new("a constraint is empty"));
        }
        let read = constraint(part)?;
        let written = format!("{}{}", read.comparator.sign(), encode(&read.version));
        if read.comparator != Comparator::Any && written != part {
            return Err(RangeError::new(format!("`{part}` is written `{written}`")));
        }
        if name == "datetime" && read.version.contains(['t', 'z']) {
            return Err(RangeError::new("a time is written with `T` and `Z`"));
        }
        constraints.push(read);
    }
    Ok((name.to_owned(), constraints))
}

fn split(text: &str) -> Result<(&str, &str), RangeError> {
    if text.len() > BYTES {
        return Err(RangeError::new(format!("has more than {BYTES} bytes")));
    }
    let scheme = text.get(..5).filter(|scheme| scheme.eq_ignore_ascii_case("vers:"));
    let rest = scheme.and(text.get(5..)).ok_or_else(|| RangeError::new("is no `vers:` range"))?;
    let (name, list) =
        rest.split_once('/').ok_or_else(|| RangeError::new("has no `/` after its type"))?;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    if name.is_empty() || !name.bytes().all(fits) {
        return Err(RangeError::new(format!("`{name}` is no type of a range")));
    }
    Ok((name, list))
}

fn constraint(text: &str) -> Result<Constraint, RangeError> {
    if text == "*" {
        return Ok(Constraint { comparator: Comparator::Any, version: String::new() });
    }
    let (comparator, version) = [
        (">=", Comparator::GreaterOrEqual),
        ("<=", Comparator::LessOrEqual),
        ("!=", Comparator::NotEqual),
        (">", Comparator::Greater),
        ("<", Comparator::Less),
        ("=", Comparator::Equal),
    ]
    .into_iter()
    .find_map(|(sign, comparator)| Some((comparator, text.strip_prefix(sign)?)))
    .unwrap_or((Comparator::Equal, text));
    let version = decode(version)?;
    if version.is_empty() {
        return Err(RangeError::new("a constraint has no version"));
    }
    Ok(Constraint { comparator, version })
}

fn decode(text: &str) -> Result<String, RangeError> {
    let broken = || RangeError::new(format!("`{text}` has a broken `%`"));
    let mut bytes = vec![];
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || {
            let digit = char::from(rest.next()?).to_digit(16)?;
            u8::try_from(digit).ok()
        };
        let (high, low) = digit().zip(digit()).ok_or_else(broken)?;
        bytes.push(high << 4 | low);
    }
    String::from_utf8(bytes).map_err(|_| broken())
}

/// A version as it stands in a range.
pub(super) fn encode(version: &str) -> String {
    let mut out = String::new();
    for byte in version.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'~' | b':' | b'+') {
            out.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
