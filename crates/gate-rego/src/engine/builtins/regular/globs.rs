//! `regex.globs_match`: whether some text fits two simple expressions (characters, `.`, `[...]`,
//! each with `*` or `+`), with the answers of the algorithm that OPA uses.

use std::collections::BTreeSet;

use crate::engine::builtins::operands::string;
use crate::engine::builtins::{BuiltinError, Context, Outcome};
use crate::engine::value::Value;

/// The most characters that a set may list.
const SET: u32 = 1 << 16;

pub(super) fn globs_match(context: &mut Context, operands: &[Value]) -> Outcome {
    let (left, right) = (string(&operands[0], 1)?, string(&operands[1], 2)?);
    context.work(left.len() + right.len())?;
    let (left, right) = (simple(tokens(left)?), simple(tokens(right)?));
    let Some((left, right)) = trimmed(&left, &right) else {
        return Ok(Some(Value::Bool(false)));
    };
    Ok(Some(Value::Bool(plain(context, left, right)?)))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Repeat {
    Once,
    Some,
    Any,
}

#[derive(Clone, PartialEq, Eq)]
enum Kind {
    Character(char),
    Dot,
    Set(BTreeSet<char>),
}

#[derive(Clone)]
struct Token {
    kind: Kind,
    repeat: Repeat,
}

impl Token {
    fn fits(&self, other: &Self) -> bool {
        match (&self.kind, &other.kind) {
            (Kind::Dot, _) | (_, Kind::Dot) => true,
            (Kind::Character(left), Kind::Character(right)) => left == right,
            (Kind::Character(one), Kind::Set(set)) | (Kind::Set(set), Kind::Character(one)) => {
                set.contains(one)
            }
            (Kind::Set(left), Kind::Set(right)) => !left.is_disjoint(right),
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    characters: Vec<char>,
    at: usize,
}

impl Reader<'_> {
    fn invalid(&self, at: usize, what: &str) -> BuiltinError {
        let text = self.text;
        BuiltinError::evaluation(format!(
            "input:{text}, pos:{at}, {what}: the input provided is invalid"
        ))
    }

    /// The next character and whether it was escaped.
    fn next(&mut self) -> Result<Option<(char, bool)>, BuiltinError> {
        let Some(&first) = self.characters.get(self.at) else { return Ok(None) };
        if first != '\\' {
            self.at += 1;
            return Ok(Some((first, false)));
        }
        let Some(&escaped) = self.characters.get(self.at + 1) else {
            return Err(self.invalid(self.at, "input ends with a \\ (escape) character"));
        };
        self.at += 2;
        Ok(Some((escaped, true)))
    }

    fn repeat(&mut self) -> Result<Repeat, BuiltinError> {
        let before = self.at;
        match self.next()? {
            Some(('+', false)) => Ok(Repeat::Some),
            Some(('*', false)) => Ok(Repeat::Any),
            _ => {
                self.at = before;
                Ok(Repeat::Once)
            }
        }
    }

    fn set(&mut self) -> Result<Kind, BuiltinError> {
        let mut set = BTreeSet::new();
        let mut before = None;
        while let Some((character, escaped)) = self.next()? {
            match character {
                ']' if !escaped => return Ok(Kind::Set(set)),
                '-' if !escaped => {
                    let Some(low) = before.take() else {
                        let what = "range character '-' must be preceded by a Unicode character";
                        return Err(self.invalid(self.at, what));
                    };
                    self.range(low, &mut set)?;
                }
                _ => {
                    set.insert(character);
                    before = Some(character);
                }
            }
        }
        Err(self.invalid(self.at, "found [ without matching ]"))
    }

    fn range(&mut self, low: char, set: &mut BTreeSet<char>) -> Result<(), BuiltinError> {
        let follow = "range character '-' must be followed by a Unicode character";
        if self.at + 1 >= self.characters.len() {
            return Err(self.invalid(self.at, follow));
        }
        let Some((high, escaped)) = self.next()? else {
            return Err(self.invalid(self.at, follow));
        };
        if !escaped && matches!(high, ']' | '-') {
            let what = "range character '-' cannot be followed by a special symbol";
            return Err(self.invalid(self.at, what));
        }
        if high < low {
            let what = format!("range is out of order: '{high}' comes before '{low}' in Unicode");
            return Err(self.invalid(self.at, &what));
        }
        if u32::from(high) - u32::from(low) > SET {
            return Err(BuiltinError::limit("set of too many characters"));
        }
        set.extend(low..=high);
        Ok(())
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, BuiltinError> {
    let mut reader = Reader { text, characters: text.chars().collect(), at: 0 };
    let mut tokens = Vec::new();
    while let Some((character, escaped)) = reader.next()? {
        let kind = match character {
            '.' if !escaped => Kind::Dot,
            '[' if !escaped => reader.set()?,
            ']' if !escaped => {
                return Err(reader.invalid(reader.at, "set-close ']' with no preceding '['"));
            }
            '+' | '*' if !escaped => {
                let what = format!("flag '{character}' must be preceded by a non-flag");
                return Err(reader.invalid(reader.at, &what));
            }
            other => Kind::Character(other),
        };
        let repeat = reader.repeat()?;
        tokens.push(Token { kind, repeat });
    }
    Ok(tokens)
}

/// Joins repeated tokens that follow an equal repeated one.
fn simple(tokens: Vec<Token>) -> Vec<Token> {
    let mut simple: Vec<Token> = Vec::new();
    for token in tokens {
        match simple.last_mut() {
            Some(last)
                if last.repeat != Repeat::Once
                    && token.repeat != Repeat::Once
                    && last.kind == token.kind =>
            {
                if token.repeat == Repeat::Some {
                    last.repeat = Repeat::Some;
                }
            }
            _ => simple.push(token),
        }
    }
    simple
}

fn both_once(left: &Token, right: &Token) -> bool {
    left.repeat == Repeat::Once && right.repeat == Repeat::Once
}

/// The middles, without single tokens at the ends that fit (one at each end is left); `None` where
/// some do not fit.
fn trimmed<'a>(left: &'a [Token], right: &'a [Token]) -> Option<(&'a [Token], &'a [Token])> {
    let mut start = 0;
    while let (Some(one), Some(other)) = (left.get(start), right.get(start))
        && both_once(one, other)
    {
        if !one.fits(other) {
            return None;
        }
        start += 1;
    }
    let start = start.saturating_sub(1);
    let (mut left_end, mut right_end) = (left.len(), right.len());
    while left_end > start && right_end > start {
        let (one, other) = (&left[left_end - 1], &right[right_end - 1]);
        if !both_once(one, other) {
            break;
        }
        if !one.fits(other) {
            return None;
        }
        left_end -= 1;
        right_end -= 1;
    }
    if left_end < left.len() {
        left_end += 1;
        right_end += 1;
    }
    Some((&left[start..left_end], &right[start..right_end]))
}

fn plain(context: &mut Context, left: &[Token], right: &[Token]) -> Result<bool, BuiltinError> {
    let mut at = 0;
    while let (Some(one), Some(other)) = (left.get(at), right.get(at)) {
        context.step()?;
        if !both_once(one, other) {
            return special(context, &left[at..], &right[at..]);
        }
        if !one.fits(other) {
            return Ok(false);
        }
        at += 1;
    }
    Ok(at == left.len() && at == right.len())
}

/// Two sequences, the first token of at least one of which repeats.
fn special(context: &mut Context, left: &[Token], right: &[Token]) -> Result<bool, BuiltinError> {
    match (left[0].repeat, right[0].repeat) {
        (Repeat::Some, _) => some(context, left, right),
        (Repeat::Any, _) => any(context, left, right),
        (Repeat::Once, Repeat::Some) => some(context, right, left),
        (Repeat::Once, _) => any(context, right, left),
    }
}

fn some(context: &mut Context, repeated: &[Token], other: &[Token]) -> Result<bool, BuiltinError> {
    if !repeated[0].fits(&other[0]) {
        return Ok(false);
    }
    if any(context, repeated, &other[1..])? {
        return Ok(true);
    }
    // The other may repeat over all that the first one takes.
    Ok(other[0].repeat != Repeat::Once && plain(context, &repeated[1..], other)?)
}

fn any(context: &mut Context, repeated: &[Token], other: &[Token]) -> Result<bool, BuiltinError> {
    let next = repeated.get(1);
    for (at, token) in other.iter().enumerate() {
        context.step()?;
        if next.is_some_and(|next| next.fits(token))
            && plain(context, &repeated[1..], &other[at..])?
        {
            return Ok(true);
        }
        if !token.fits(&repeated[0]) {
            return Ok(false);
        }
    }
    Ok(next.is_none())
}
