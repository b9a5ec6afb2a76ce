//! Reads an expression in Go's syntax and writes it in that of this program's engine, with Go's
//! complaints about what it does not take.

use super::class::{self, escaped};

/// The greatest count of a repetition, and of nested ones together.
const REPEATS: u32 = 1_000;

/// An expression written anew.
pub(super) struct Translated {
    pub(super) pattern: String,
    /// The names of the groups, the whole match first.
    pub(super) names: Vec<Option<String>>,
}

/// What is wrong, in Go's words.
pub(super) type Complaint = String;

pub(super) fn complaint(what: &str, part: &str) -> Complaint {
    format!("{what}: `{part}`")
}

/// Writes an expression anew.
pub(super) fn translate(source: &str) -> Result<Translated, Complaint> {
    let mut translator = Translator {
        source,
        at: 0,
        out: String::with_capacity(source.len() * 2),
        names: vec![None],
        groups: Vec::new(),
        widest: 1,
        operand: None,
        repeated: None,
    };
    while translator.at < source.len() {
        translator.item()?;
    }
    if !translator.groups.is_empty() {
        return Err(complaint("missing closing )", source));
    }
    Ok(Translated { pattern: translator.out, names: translator.names })
}

struct Translator<'a> {
    source: &'a str,
    at: usize,
    out: String,
    names: Vec<Option<String>>,
    /// For each open group, the widest repetition before it.
    groups: Vec<u32>,
    /// The widest repetition in the group so far.
    widest: u32,
    /// What a repetition would repeat: how often its widest part is repeated already.
    operand: Option<u32>,
    /// Where a repetition began that ended right here: another one may not follow it.
    repeated: Option<usize>,
}

impl Translator<'_> {
    fn rest(&self) -> &str {
        &self.source[self.at..]
    }

    fn item(&mut self) -> Result<(), Complaint> {
        let Some(first) = self.rest().chars().next() else { return Ok(()) };
        if matches!(first, '*' | '+' | '?') {
            self.at += 1;
            return self.repetition(self.at - 1, first.to_string(), u32::from(first != '?'), false);
        }
        if first == '{'
            && let Some(count) = Count::read(self.rest())
        {
            return self.counted(&count);
        }
        self.repeated = None;
        match first {
            '(' => self.group()?,
            ')' => self.close()?,
            '|' => {
                self.at += 1;
                self.out.push('|');
                self.operand = None;
            }
            '^' | '$' | '.' => {
                self.at += 1;
                self.push(&first.to_string());
            }
            '[' => {
                let (text, length) = class::bracketed(self.rest())?;
                self.at += length;
                self.push(&text);
            }
            '\\' => self.escape()?,
            other => {
                self.at += other.len_utf8();
                self.push(&escaped(u32::from(other)));
            }
        }
        Ok(())
    }

    /// Something that can be repeated.
    fn push(&mut self, text: &str) {
        self.out.push_str(text);
        self.operand = Some(1);
    }

    fn counted(&mut self, count: &Count) -> Result<(), Complaint> {
        let start = self.at;
        let text = &self.source[start..start + count.length];
        let (least, most) = (count.least, count.most);
        let too_large = least > REPEATS || most.is_some_and(|most| most > REPEATS || least > most);
        if too_large {
            return Err(complaint("invalid repeat count", text));
        }
        self.at += count.length;
        self.repetition(start, text.to_owned(), most.unwrap_or(least), true)
    }

    fn repetition(
        &mut self,
        start: usize,
        mut text: String,
        count: u32,
        counted: bool,
    ) -> Result<(), Complaint> {
        if self.rest().starts_with('?') {
            self.at += 1;
            text.push('?');
        }
        if let Some(before) = self.repeated {
            let part = &self.source[before..self.at];
            return Err(complaint("invalid nested repetition operator", part));
        }
        let part = &self.source[start..self.at];
        let Some(width) = self.operand else {
            return Err(complaint("missing argument to repetition operator", part));
        };
        let width = if counted { width * count.max(1) } else { width };
        if counted && width > REPEATS {
            return Err(complaint("invalid repeat count", part));
        }
        self.out.push_str(&text);
        self.operand = Some(width);
        self.widest = self.widest.max(width);
        self.repeated = Some(start);
        Ok(())
    }

    fn open(&mut self, text: &str) {
        self.out.push_str(text);
        self.groups.push(self.widest);
        self.widest = 1;
        self.operand = None;
    }

    fn close(&mut self) -> Result<(), Complaint> {
        let Some(before) = self.groups.pop() else {
            return Err(complaint("unexpected )", self.source));
        };
        self.at += 1;
        self.out.push(')');
        self.operand = Some(self.widest);
        self.widest = self.widest.max(before);
        Ok(())
    }

    fn group(&mut self) -> Result<(), Complaint> {
        let rest = self.rest();
        if !rest.starts_with("(?") {
            self.at += 1;
            self.names.push(None);
            self.open("(");
            return Ok(());
        }
        let name_at = match rest {
            _ if rest.starts_with("(?P<") && rest.len() > 4 => 4,
            _ if rest.starts_with("(?<") && rest.len() > 3 => 3,
            _ => return self.flags(),
        };
        let Some(end) = rest.find('>') else {
            return Err(complaint("invalid named capture", rest));
        };
        let name = rest.get(name_at..end).unwrap_or_default();
        let word = |c: char| c == '_' || c.is_ascii_alphanumeric();
        if name.is_empty() || !name.chars().all(word) {
            return Err(complaint("invalid named capture", &rest[..=end]));
        }
        let name = name.to_owned();
        self.at += end + 1;
        self.names.push(Some(name));
        self.open("(");
        Ok(())
    }

    /// `(?flags)` and `(?flags:`, each flag written once.
    fn flags(&mut self) -> Result<(), Complaint> {
        let rest = self.rest();
        let (mut on, mut off) = (String::new(), String::new());
        let (mut negative, mut seen) = (false, false);
        for (at, character) in rest.char_indices().skip(2) {
            let part = &rest[..at + character.len_utf8()];
            let refused = Err(complaint("invalid or unsupported Perl syntax", part));
            match character {
                'i' | 'm' | 's' | 'U' => {
                    let flags = if negative { &mut off } else { &mut on };
                    if !flags.contains(character) {
                        flags.push(character);
                    }
                    seen = true;
                }
                '-' if negative => return refused,
                '-' => (negative, seen) = (true, false),
                ':' | ')' if negative && !seen => return refused,
                ':' | ')' => {
                    on.retain(|flag| !off.contains(flag));
                    let minus = if off.is_empty() { "" } else { "-" };
                    self.at += part.len();
                    let text = format!("(?{on}{minus}{off}{character}");
                    if character == ':' {
                        self.open(&text);
                    } else if text != "(?)" {
                        self.out.push_str(&text);
                    }
                    return Ok(());
                }
                _ => return refused,
            }
        }
        Err(complaint("invalid or unsupported Perl syntax", rest))
    }

    fn escape(&mut self) -> Result<(), Complaint> {
        let rest = self.rest();
        let text = match rest.as_bytes().get(1) {
            Some(b'A') => "\\A",
            Some(b'z') => "\\z",
            Some(b'b') => "(?-u:\\b)",
            Some(b'B') => "(?-u:\\B)",
            Some(b'C') => return Err(complaint("invalid escape sequence", "\\C")),
            Some(b'Q') => {
                let literal = &rest[2..];
                let (literal, length) = match literal.split_once("\\E") {
                    Some((literal, _)) => (literal, literal.len() + 4),
                    None => (literal, rest.len()),
                };
                let characters: Vec<String> =
                    literal.chars().map(|c| escaped(u32::from(c))).collect();
                self.at += length;
                for character in characters {
                    self.push(&character);
                }
                return Ok(());
            }
            _ => {
                let (text, length) = if let Some(named) = class::named(rest)? {
                    named
                } else {
                    let (code, length) = class::character(rest)?;
                    (escaped(code), length)
                };
                self.at += length;
                self.push(&text);
                return Ok(());
            }
        };
        self.at += 2;
        self.push(text);
        Ok(())
    }
}

/// A count such as `{2,3}`.
struct Count {
    least: u32,
    /// `None` where there is no upper bound.
    most: Option<u32>,
    length: usize,
}

impl Count {
    /// Reads a count; whatever has not its exact form is literal text.
    fn read(text: &str) -> Option<Self> {
        let inside = &text[1..text.find('}')?];
        let (least, most) = match inside.split_once(',') {
            None => (number(inside)?, Some(number(inside)?)),
            Some((least, "")) => (number(least)?, None),
            Some((least, most)) => (number(least)?, Some(number(most)?)),
        };
        Some(Self { least, most, length: inside.len() + 2 })
    }
}

/// A number without leading zeros; a large one is any that is too large.
fn number(text: &str) -> Option<u32> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !plain || (text.len() > 1 && text.starts_with('0')) {
        return None;
    }
    Some(text.parse().unwrap_or(u32::MAX))
}
