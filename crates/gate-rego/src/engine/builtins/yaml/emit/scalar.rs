//! Texts as YAML scalars: plain where that reads back as the same text, else quoted or in a block.

use std::fmt::Write as _;

use super::super::resolve::{Scalar, resolve};

/// A text as a value; in a block its lines are indented by a level.
pub(super) fn value(text: &str, level: usize) -> String {
    let form = Form::of(text);
    if text.contains('\n') {
        return if form.block { block(text, level) } else { double_quoted(text) };
    }
    single_line(text, &form)
}

/// A text as a key on one line.
pub(super) fn key(text: &str) -> String {
    single_line(text, &Form::of(text))
}

fn single_line(text: &str, form: &Form) -> String {
    if !reads_back(text) {
        return double_quoted(text);
    }
    match (form.plain, form.single) {
        (true, _) => text.to_owned(),
        (false, true) => format!("'{}'", text.replace('\'', "''")),
        (false, false) => double_quoted(text),
    }
}

/// Whether the text means itself where it is plain, for readers of older YAML too.
fn reads_back(text: &str) -> bool {
    let old = matches!(
        text,
        "y" | "Y"
            | "yes"
            | "Yes"
            | "YES"
            | "on"
            | "On"
            | "ON"
            | "n"
            | "N"
            | "no"
            | "No"
            | "NO"
            | "off"
            | "Off"
            | "OFF"
    );
    matches!(resolve(text), Scalar::Text | Scalar::Merge) && !old && !base_60(text) && !date(text)
}

/// Numbers such as `1:20`, which older YAML reads in base 60.
fn base_60(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let mut parts = unsigned.split(':');
    let first = parts.next().unwrap_or_default();
    let starts = first.starts_with(|c: char| c.is_ascii_digit());
    if !starts || !first.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_') {
        return false;
    }
    let rest: Vec<&str> = parts.collect();
    let Some((last, middle)) = rest.split_last() else { return false };
    let (last, fraction) = last.split_once('.').unwrap_or((last, ""));
    let sixty = |part: &str| matches!(part.as_bytes(), [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9']);
    sixty(last)
        && middle.iter().all(|part| sixty(part))
        && fraction.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_')
}

/// Dates, with a time or without: `2001-01-01`, `2001-1-1 1:2:3.5`, `2001-01-01T00:00:00Z`.
fn date(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits != 4 || text.as_bytes().get(4) != Some(&b'-') {
        return false;
    }
    let (day, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], Some((&text[at + 1..], text.as_bytes()[at]))),
        None => (text, None),
    };
    let number = |part: &str, least: u32, most: u32| {
        let fits = (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        fits && part.parse().is_ok_and(|number| (least..=most).contains(&number))
    };
    let mut parts = day[5..].split('-');
    let (month, day) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    if parts.next().is_some() || !number(month, 1, 12) || !number(day, 1, 31) {
        return false;
    }
    let Some((time, separator)) = time else { return true };
    let time = if separator == b' ' {
        time
    } else {
        let zone = time.find(['Z', '+', '-']).unwrap_or(0);
        let (time, zone) = time.split_at(zone);
        let offset = zone.len() == 6 && zone.as_bytes()[3] == b':';
        if zone != "Z" && !offset {
            return false;
        }
        time
    };
    let (clock, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let parts: Vec<&str> = clock.split(':').collect();
    let fraction = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    matches!(parts.as_slice(), [hour, minute, second]
        if number(hour, 0, 23) && number(minute, 0, 59) && number(second, 0, 59))
        && fraction
}

/// The forms that a text may take.
struct Form {
    plain: bool,
    single: bool,
    block: bool,
}

impl Form {
    fn of(text: &str) -> Self {
        let characters: Vec<char> = text.chars().collect();
        let blank =
            |at: usize| characters.get(at).is_none_or(|c| matches!(c, ' ' | '\t') || is_break(*c));
        let mut indicators = text.starts_with("---") || text.starts_with("...");
        let (mut special, mut tab) = (false, false);
        let (mut space_before_break, mut break_before_space) = (false, false);
        for (at, &character) in characters.iter().enumerate() {
            indicators |= match character {
                '#' if at == 0 => true,
                '#' => {
                    characters[at - 1] == ' '
                        || characters[at - 1] == '\t'
                        || is_break(characters[at - 1])
                }
                ':' => blank(at + 1),
                '?' | '-' if at == 0 => blank(1),
                ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%'
                | '@' | '`' => at == 0,
                _ => false,
            };
            tab |= character == '\t';
            special |= character != '\t' && !is_break(character) && !is_printable(character);
            let before = at.checked_sub(1).map(|at| characters[at]);
            space_before_break |= is_break(character) && before == Some(' ');
            break_before_space |= character == ' ' && before.is_some_and(is_break);
        }
        let first = characters.first().copied().unwrap_or(' ');
        let last = characters.last().copied().unwrap_or(' ');
        let edges = first == ' ' || last == ' ' || is_break(first) || is_break(last);
        let breaks = characters.iter().copied().any(is_break);
        let unquoted_fails = edges || break_before_space || space_before_break || tab || special;
        Self {
            plain: !(unquoted_fails || breaks || indicators),
            single: !(break_before_space || space_before_break || tab || special || breaks),
            block: !(last == ' ' || space_before_break || special),
        }
    }
}

fn is_break(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// What Go's package prints as it is: nothing beyond 16 bits.
fn is_printable(character: char) -> bool {
    matches!(character, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}')
        && character != '\u{feff}'
}

fn block(text: &str, level: usize) -> String {
    let level = level.max(1);
    let hint = if text.starts_with(' ') || text.starts_with(is_break) { "2" } else { "" };
    let chomp = match text.strip_suffix('\n') {
        None => "-",
        Some(before) if before.is_empty() || before.ends_with(is_break) => "+",
        Some(_) => "",
    };
    let mut out = format!("|{hint}{chomp}\n");
    let indent = "  ".repeat(level);
    let body = text.strip_suffix('\n').unwrap_or(text);
    for line in body.split('\n') {
        if !line.is_empty() {
            out.push_str(&indent);
            out.push_str(line);
        }
        out.push('\n');
    }
    out
}

fn double_quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        let code = u32::from(character);
        // Writing to a string cannot fail.
        let _ = match character {
            '"' => write!(out, "\\\""),
            '\\' => write!(out, "\\\\"),
            '\0' => write!(out, "\\0"),
            '\u{7}' => write!(out, "\\a"),
            '\u{8}' => write!(out, "\\b"),
            '\t' => write!(out, "\\t"),
            '\n' => write!(out, "\\n"),
            '\u{b}' => write!(out, "\\v"),
            '\u{c}' => write!(out, "\\f"),
            '\r' => write!(out, "\\r"),
            '\u{1b}' => write!(out, "\\e"),
            '\u{85}' => write!(out, "\\N"),
            '\u{2028}' => write!(out, "\\L"),
            '\u{2029}' => write!(out, "\\P"),
            other if is_printable(other) => write!(out, "{other}"),
            _ if code <= 0xff => write!(out, "\\x{code:02X}"),
            _ if code <= 0xffff => write!(out, "\\u{code:04X}"),
            _ => write!(out, "\\U{code:08X}"),
        };
    }
    out.push('"');
    out
}
