//! Cuts a template into its texts and actions, and an action into its words.

use super::failed;
use crate::engine::builtins::BuiltinError;

/// A piece of a template.
pub(super) enum Piece<'a> {
    Text(&'a str),
    Action(Vec<Word>),
}

/// A word of an action.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Word {
    /// `.name`; a dot alone is without a name. Whether a space stood before it.
    Field(String, bool),
    /// `$name`
    Variable(String),
    /// A keyword, function, or constant.
    Name(String),
    Text(String),
    Integer(i64),
    Float(f64),
    /// `|`, `(`, `)`, `,`, `=` or `:=`.
    Sign(&'static str),
}

const SPACES: [char; 4] = [' ', '\t', '\r', '\n'];

/// The pieces of a template.
pub(super) fn pieces(source: &str) -> Result<Vec<Piece<'_>>, BuiltinError> {
    let mut pieces = Vec::new();
    let (mut rest, mut trim) = (source, false);
    loop {
        let (text, behind) = match rest.split_once("{{") {
            Some((text, behind)) => (text, Some(behind)),
            None => (rest, None),
        };
        let text = if trim { text.trim_start_matches(SPACES) } else { text };
        let Some(mut action) = behind else {
            pieces.push(Piece::Text(text));
            return Ok(pieces);
        };
        let marked = action.strip_prefix('-').filter(|rest| rest.starts_with(SPACES));
        if let Some(marked) = marked {
            pieces.push(Piece::Text(text.trim_end_matches(SPACES)));
            action = marked;
        } else {
            pieces.push(Piece::Text(text));
        }
        let spaceless = if marked.is_some() { action.trim_start_matches(SPACES) } else { action };
        if let Some(comment) = spaceless.strip_prefix("/*") {
            let (_, behind) = comment.split_once("*/").ok_or_else(|| failed("unclosed comment"))?;
            let (behind, trimmed) =
                end(behind).ok_or_else(|| failed("comment ends before closing delimiter"))?;
            (rest, trim) = (behind, trimmed);
            continue;
        }
        let (words, behind, trimmed) = words(action)?;
        pieces.push(Piece::Action(words));
        (rest, trim) = (behind, trimmed);
    }
}

/// What stands behind the end of an action, and whether spaces are to be cut there.
fn end(text: &str) -> Option<(&str, bool)> {
    if let Some(behind) = text.strip_prefix("}}") {
        return Some((behind, false));
    }
    let marked = text.trim_start_matches(SPACES);
    let behind = marked.strip_prefix("-}}").filter(|_| marked.len() < text.len())?;
    Some((behind, true))
}

fn words(action: &str) -> Result<(Vec<Word>, &str, bool), BuiltinError> {
    let mut words = Vec::new();
    let mut rest = action;
    loop {
        if let Some((behind, trim)) = end(rest) {
            return Ok((words, behind, trim));
        }
        let word = rest.trim_start_matches(SPACES);
        let spaced = word.len() < rest.len();
        if let (true, Some((behind, trim))) = (spaced, end(word)) {
            return Ok((words, behind, trim));
        }
        let first = word.chars().next().ok_or_else(|| failed("unclosed action"))?;
        let (word, behind) = match first {
            '"' => quoted(word)?,
            '`' => {
                let (text, behind) = word[1..]
                    .split_once('`')
                    .ok_or_else(|| failed("unterminated raw quoted string"))?;
                (Word::Text(text.to_owned()), behind)
            }
            '\'' => character(word)?,
            '.' if !word[1..].starts_with(|c: char| c.is_ascii_digit()) => {
                let (name, behind) = name(&word[1..]);
                (Word::Field(name.to_owned(), spaced), behind)
            }
            '$' => {
                let (name, behind) = name(&word[1..]);
                (Word::Variable(name.to_owned()), behind)
            }
            '0'..='9' | '+' | '-' | '.' => number(word)?,
            '_' => named(word),
            letter if letter.is_alphabetic() => named(word),
            _ => sign(word)?,
        };
        words.push(word);
        rest = behind;
    }
}

fn name(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| c != '_' && !c.is_alphanumeric()).unwrap_or(text.len());
    text.split_at(end)
}

fn named(text: &str) -> (Word, &str) {
    let (name, behind) = name(text);
    (Word::Name(name.to_owned()), behind)
}

fn sign(text: &str) -> Result<(Word, &str), BuiltinError> {
    ["|", "(", ")", ",", ":=", "="]
        .iter()
        .find_map(|sign| Some((Word::Sign(sign), text.strip_prefix(sign)?)))
        .ok_or_else(|| failed("unexpected character in action"))
}

fn number(text: &str) -> Result<(Word, &str), BuiltinError> {
    let signed = usize::from(text.starts_with(['+', '-']));
    let is_part = |(at, c): (usize, char)| {
        let exponent = at > 0 && matches!(text.as_bytes()[at - 1], b'e' | b'E');
        c.is_ascii_alphanumeric() || matches!(c, '.' | '_') || (exponent && matches!(c, '+' | '-'))
    };
    let end = text.char_indices().skip(signed).find(|found| !is_part(*found));
    let (digits, behind) = text.split_at(end.map_or(text.len(), |(at, _)| at));
    if let Ok(integer) = digits.parse() {
        // A zero before other digits makes them octal in Go.
        let plain = digits.trim_start_matches(['+', '-']);
        if plain.len() == 1 || !plain.starts_with('0') {
            return Ok((Word::Integer(integer), behind));
        }
    } else if let Ok(float) = digits.parse::<f64>()
        && float.is_finite()
    {
        return Ok((Word::Float(float), behind));
    }
    Err(super::unsupported("a number of an unusual form"))
}

/// A text in quotes, whose escapes are nearly JSON's.
fn quoted(text: &str) -> Result<(Word, &str), BuiltinError> {
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            '\n' => break,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => {
                let (literal, behind) = text.split_at(at + 1);
                return Ok((Word::Text(unquoted(literal)?), behind));
            }
            _ => {}
        }
    }
    Err(failed("unterminated quoted string"))
}

fn unquoted(literal: &str) -> Result<String, BuiltinError> {
    let mut text = String::new();
    let mut letters = literal[1..literal.len() - 1].chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            text.push(letter);
            continue;
        }
        let escape = letters.next().ok_or_else(|| failed("invalid syntax"))?;
        text.push(match escape {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'a' => '\u{7}',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'v' => '\u{b}',
            '\\' | '"' | '\'' => escape,
            'u' | 'U' => {
                let count = if escape == 'u' { 4 } else { 8 };
                let digits: String = letters.by_ref().take(count).collect();
                let code = u32::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == count);
                code.and_then(char::from_u32).ok_or_else(|| failed("invalid syntax"))?
            }
            _ => return Err(super::unsupported("an unusual escape")),
        });
    }
    Ok(text)
}

/// A character, which is a number.
fn character(text: &str) -> Result<(Word, &str), BuiltinError> {
    let mut letters = text.chars().skip(1);
    match (letters.next(), letters.next()) {
        (Some(letter), Some('\'')) if letter != '\\' && letter != '\'' => {
            let behind = &text[2 + letter.len_utf8()..];
            Ok((Word::Integer(i64::from(u32::from(letter))), behind))
        }
        _ => Err(super::unsupported("an unusual character constant")),
    }
}
