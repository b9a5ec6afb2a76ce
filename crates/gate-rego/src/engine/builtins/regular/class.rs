//! Classes of characters in Go's syntax, and escapes.

use super::syntax::{Complaint, complaint};

/// A class that no character is in.
const NOTHING: &str = "[a&&b]";

const POSIX: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct",
    "space", "upper", "word", "xdigit",
];

/// A character by its code, so that nothing in it can mean anything else.
pub(super) fn escaped(code: u32) -> String {
    match char::from_u32(code) {
        Some(character) if character.is_ascii_alphanumeric() => character.to_string(),
        Some(_) => format!("\\x{{{code:x}}}"),
        // A surrogate is no character of any text.
        None => NOTHING.to_owned(),
    }
}

/// A class that an escape names (`\d`, `\pL`) and the length of the escape.
pub(super) fn named(text: &str) -> Result<Option<(String, usize)>, Complaint> {
    let Some(letter) = text.as_bytes().get(1).filter(|_| text.starts_with('\\')) else {
        return Ok(None);
    };
    let class = match letter {
        b'd' => "[0-9]",
        b'D' => "[^0-9]",
        b's' => "[\\t\\n\\x0c\\r ]",
        b'S' => "[^\\t\\n\\x0c\\r ]",
        b'w' => "[0-9A-Za-z_]",
        b'W' => "[^0-9A-Za-z_]",
        b'p' | b'P' => return unicode(text, *letter == b'P').map(Some),
        _ => return Ok(None),
    };
    Ok(Some((class.to_owned(), 2)))
}

/// `\pL`, `\p{Greek}`, `\p{^Greek}`.
fn unicode(text: &str, mut negative: bool) -> Result<(String, usize), Complaint> {
    let invalid = |part: &str| complaint("invalid character class range", part);
    let Some(first) = text[2..].chars().next() else {
        return Err(invalid(text));
    };
    let (mut name, length) = if first == '{' {
        let end = text.find('}').ok_or_else(|| invalid(text))?;
        (&text[3..end], end + 1)
    } else {
        (&text[2..2 + first.len_utf8()], 2 + first.len_utf8())
    };
    if let Some(rest) = name.strip_prefix('^') {
        negative = !negative;
        name = rest;
    }
    let letter = if negative { 'P' } else { 'p' };
    let class = format!("\\{letter}{{{name}}}");
    // Names of properties that Go does not know are left to the engine, which has more.
    let plain = |c: char| c == '_' || c == ' ' || c == '-' || c.is_ascii_alphabetic();
    let known = !name.is_empty() && name.chars().all(plain);
    if !known || regex_syntax::parse(&class).is_err() {
        return Err(invalid(&text[..length]));
    }
    Ok((class, length))
}

/// A character as it stands or by an escape, and its length in the text.
pub(super) fn character(text: &str) -> Result<(u32, usize), Complaint> {
    let mut characters = text.chars();
    let first = characters.next().unwrap_or_default();
    if first != '\\' {
        return Ok((u32::from(first), first.len_utf8()));
    }
    let Some(letter) = characters.next() else {
        return Err("trailing backslash at end of expression: ``".to_owned());
    };
    let simple = match letter {
        'a' => Some(7),
        'f' => Some(12),
        'n' => Some(10),
        'r' => Some(13),
        't' => Some(9),
        'v' => Some(11),
        other if other.is_ascii() && !other.is_ascii_alphanumeric() => Some(u32::from(other)),
        _ => None,
    };
    if let Some(code) = simple {
        return Ok((code, 1 + letter.len_utf8()));
    }
    match letter {
        '0'..='7' => octal(text),
        'x' => hexadecimal(text),
        _ => None,
    }
    .ok_or_else(|| invalid_escape(text, letter))
}

fn invalid_escape(text: &str, letter: char) -> Complaint {
    let length = match (letter, text[2..].chars().next()) {
        ('x', Some('{')) => {
            let digits = text[3..].bytes().take_while(u8::is_ascii_hexdigit).count();
            3 + digits + text[3 + digits..].chars().next().map_or(0, char::len_utf8)
        }
        ('x', _) => 2 + text[2..].chars().take(2).map(char::len_utf8).sum::<usize>(),
        _ => 1 + letter.len_utf8(),
    };
    complaint("invalid escape sequence", &text[..length])
}

/// Up to three digits; a single one that is not zero would be a back reference.
fn octal(text: &str) -> Option<(u32, usize)> {
    let digits = text[1..].bytes().take(3).take_while(|byte| (b'0'..=b'7').contains(byte)).count();
    if digits < 2 && !text[1..].starts_with('0') {
        return None;
    }
    Some((u32::from_str_radix(&text[1..=digits], 8).ok()?, 1 + digits))
}

/// `\x41` and `\x{1F600}`.
fn hexadecimal(text: &str) -> Option<(u32, usize)> {
    let hex = |digits: &str| {
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        if plain { u32::from_str_radix(digits, 16).ok() } else { None }
    };
    if let Some(rest) = text[2..].strip_prefix('{') {
        let digits = &rest[..rest.find('}')?];
        let code = hex(digits).filter(|code| *code <= u32::from(char::MAX))?;
        return Some((code, digits.len() + 4));
    }
    Some((hex(text.get(2..4)?)?, 4))
}

/// `[...]`, written anew, and its length.
pub(super) fn bracketed(source: &str) -> Result<(String, usize), Complaint> {
    let mut at = 1;
    let mut items = String::new();
    let negative = source[at..].starts_with('^');
    at += usize::from(negative);
    let mut first = true;
    while first || !source[at..].starts_with(']') {
        first = false;
        let rest = &source[at..];
        if let Some((class, length)) = posix(rest)? {
            items.push_str(&class);
            at += length;
        } else if let Some((class, length)) = named(rest)? {
            items.push_str(&class);
            at += length;
        } else {
            at += range(source, rest, &mut items)?;
        }
    }
    let items = match (items.is_empty(), negative) {
        (true, false) => NOTHING.to_owned(),
        (true, true) => "[\\x{0}-\\x{10ffff}]".to_owned(),
        (false, _) => format!("[{}{items}]", if negative { "^" } else { "" }),
    };
    Ok((items, at + 1))
}

/// `[:alpha:]` in brackets.
fn posix(text: &str) -> Result<Option<(String, usize)>, Complaint> {
    let Some(inside) = text.strip_prefix("[:").and_then(|rest| rest.split_once(":]")) else {
        return Ok(None);
    };
    let length = inside.0.len() + 4;
    let name = inside.0.strip_prefix('^').unwrap_or(inside.0);
    if !POSIX.contains(&name) {
        return Err(complaint("invalid character class range", &text[..length]));
    }
    Ok(Some((text[..length].to_owned(), length)))
}

/// A character or a range; gives the length of what was read.
fn range(source: &str, text: &str, items: &mut String) -> Result<usize, Complaint> {
    if text.is_empty() {
        return Err(complaint("missing closing ]", source));
    }
    let (low, mut length) = character(text)?;
    let mut high = low;
    let rest = &text[length..];
    if rest.len() >= 2 && rest.starts_with('-') && !rest.starts_with("-]") {
        let (code, more) = character(&rest[1..])?;
        length += 1 + more;
        high = code;
        if high < low {
            return Err(complaint("invalid character class range", &text[..length]));
        }
    }
    let surrogates = 0xd800..=0xdfff;
    let low = if surrogates.contains(&low) { 0xe000 } else { low };
    let high = if surrogates.contains(&high) { 0xd7ff } else { high };
    if low == high {
        items.push_str(&escaped(low));
    } else if low < high {
        let range = format!("\\x{{{low:x}}}-\\x{{{high:x}}}");
        items.push_str(&range);
    }
    Ok(length)
}
