//! `semver.*`: versions by semver.org 2.0.0, with a `v` before them or not.

use std::cmp::Ordering;

use super::operands::string;
use super::{BuiltinError, Context, Declared, Outcome, Type};
use crate::engine::value::{Value, quote};

pub(super) const TABLE: &[Declared] = &[
    Declared::new("semver.compare", &[Type::String, Type::String], Type::Number, compare),
    Declared::new("semver.is_valid", &[Type::Any], Type::Boolean, is_valid),
];

struct Version<'a> {
    numbers: [i64; 3],
    /// Empty where the version is a release.
    before: &'a str,
}

impl<'a> Version<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let (text, metadata) = cut(text, '+');
        let (text, before) = cut(text, '-');
        if metadata.is_some_and(|metadata| !metadata.split('.').all(identifier)) {
            return None;
        }
        let before_fits = |part: &str| identifier(part) && !(decimal(part) && padded(part));
        if before.is_some_and(|before| !before.split('.').all(before_fits)) {
            return None;
        }
        let mut parts = text.split('.');
        let mut number = || {
            let part = parts.next()?;
            if part.is_empty() || !decimal(part) || padded(part) { None } else { part.parse().ok() }
        };
        let numbers = [number()?, number()?, number()?];
        if parts.next().is_some() {
            return None;
        }
        Some(Self { numbers, before: before.unwrap_or_default() })
    }

    fn compare(&self, other: &Self) -> Ordering {
        let numbers = self.numbers.cmp(&other.numbers);
        if numbers != Ordering::Equal || self.before == other.before {
            return numbers;
        }
        match (self.before.is_empty(), other.before.is_empty()) {
            // What comes before a release is less than it.
            (true, _) => Ordering::Greater,
            (_, true) => Ordering::Less,
            _ => self.before.split('.').map(Part).cmp(other.before.split('.').map(Part)),
        }
    }
}

/// A part of what comes before a release: numbers are less than words.
struct Part<'a>(&'a str);

impl Ord for Part<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (decimal(self.0), decimal(other.0)) {
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => self.0.cmp(other.0),
            // A number that no machine word holds is the greatest that one holds.
            (true, true) => {
                let number = |text: &str| text.parse().unwrap_or(i64::MAX);
                number(self.0).cmp(&number(other.0))
            }
        }
    }
}

impl PartialOrd for Part<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Part<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Part<'_> {}

fn cut(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at).map_or((text, None), |(before, after)| (before, Some(after)))
}

fn identifier(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn decimal(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn padded(text: &str) -> bool {
    text.len() > 1 && text.starts_with('0')
}

fn compare(context: &mut Context, operands: &[Value]) -> Outcome {
    let (left, right) = (string(&operands[0], 1)?, string(&operands[1], 2)?);
    context.work(left.len().saturating_add(right.len()))?;
    let version = |position: usize, text| {
        Version::parse(text).ok_or_else(|| {
            let text = quote(text);
            let what = format!("operand {position}: string {text} is not a valid SemVer");
            BuiltinError::evaluation(what)
        })
    };
    let (left, right) = (version(1, left)?, version(2, right)?);
    Ok(Some(Value::from(left.compare(&right) as i64)))
}

fn is_valid(context: &mut Context, operands: &[Value]) -> Outcome {
    let text = operands[0].as_str();
    context.work(text.map_or(0, str::len))?;
    Ok(Some(Value::Bool(text.is_some_and(|text| Version::parse(text).is_some()))))
}

#[cfg(test)]
mod tests {
    use crate::engine::builtins::testing::{call, check};

    #[test]
    fn versions_are_in_order() {
        for (left, right, expected) in [
            ("1.0.0-alpha", "1.0.0-alpha.1", "-1"),
            ("1.0.0-alpha.1", "v1.0.0-alpha.beta", "-1"),
            ("1.0.0-rc.11", "1.0.0-rc.2", "1"),
            ("1.0.0-rc.1", "1.0.0", "-1"),
            ("1.0.0+a", "1.0.0+b", "0"),
            ("1.10.0", "1.9.9", "1"),
        ] {
            let quoted = |text: &str| format!("\"{text}\"");
            let answer = call("semver.compare", &[&quoted(left), &quoted(right)]);
            assert_eq!(answer, expected, "{left} {right}");
        }
        check(&[
            (
                "semver.compare",
                &["\"1.0\"", "\"1.0.0\""],
                "semver.compare: operand 1: string \"1.0\" is not a valid SemVer",
            ),
            ("semver.is_valid", &["\"01.0.0\""], "false"),
            ("semver.is_valid", &["\"1.0.0-01\""], "false"),
            ("semver.is_valid", &["\"1.0.0-0a.b-c+x.01\""], "true"),
            ("semver.is_valid", &["1"], "false"),
        ]);
    }
}
