//! Gentoo and Alpine: numbers, a letter, suffixes, a revision.

use std::cmp::Ordering;

use super::{digits, take};

/// Suffixes in their order; a version without one stands between `rc` and the rest.
const BEFORE: [&str; 4] = ["alpha", "beta", "pre", "rc"];
const AFTER: [&str; 5] = ["cvs", "svn", "git", "hg", "p"];

/// Compares versions of the form `1.2.3b_rc1-r2`.
pub(in crate::vers) fn compare(left: &str, right: &str) -> Ordering {
    let (left, right) = (Version::of(left), Version::of(right));
    components(&left.numbers, &right.numbers)
        .then_with(|| left.letter.cmp(right.letter))
        .then_with(|| suffixes(&left.suffixes, &right.suffixes))
        .then_with(|| digits(left.revision, right.revision))
        .then_with(|| left.rest.cmp(right.rest))
}

struct Version<'a> {
    numbers: Vec<&'a str>,
    letter: &'a str,
    suffixes: Vec<(i8, &'a str)>,
    revision: &'a str,
    /// What is of no known form: compared last, so that different texts are never the same version.
    rest: &'a str,
}

impl<'a> Version<'a> {
    fn of(text: &'a str) -> Self {
        let is_digit = |character: char| character.is_ascii_digit();
        let (numbers, rest) = take(text, |it| is_digit(it) || it == '.');
        let one = rest.starts_with(|it: char| it.is_ascii_lowercase());
        let (letter, mut rest) = rest.split_at(usize::from(one));
        let mut suffixes = vec![];
        while let Some(after) = rest.strip_prefix('_') {
            let (name, after) = take(after, |it| it.is_ascii_lowercase());
            let Some(rank) = rank(name) else { break };
            let (number, after) = take(after, is_digit);
            suffixes.push((rank, number));
            rest = after;
        }
        let mut revision = "";
        if let Some(after) = rest.strip_prefix("-r") {
            (revision, rest) = take(after, is_digit);
        }
        Self { numbers: numbers.split('.').collect(), letter, suffixes, revision, rest }
    }
}

fn rank(suffix: &str) -> Option<i8> {
    let before = BEFORE.iter().zip(-4..).find(|(name, _)| **name == suffix);
    before.or_else(|| AFTER.iter().zip(1..).find(|(name, _)| **name == suffix)).map(|it| it.1)
}

/// The first number counts as a number, the others as a fraction where they begin with a zero.
fn components(left: &[&str], right: &[&str]) -> Ordering {
    for (at, (one, other)) in left.iter().zip(right).enumerate() {
        let order = if at > 0 && (one.starts_with('0') || other.starts_with('0')) {
            one.trim_end_matches('0').cmp(other.trim_end_matches('0'))
        } else {
            digits(one, other)
        };
        if order.is_ne() {
            return order;
        }
    }
    left.len().cmp(&right.len())
}

fn suffixes(left: &[(i8, &str)], right: &[(i8, &str)]) -> Ordering {
    for at in 0..left.len().max(right.len()) {
        let none = (0, "");
        let (one, other) = (left.get(at).unwrap_or(&none), right.get(at).unwrap_or(&none));
        let order = one.0.cmp(&other.0).then_with(|| digits(one.1, other.1));
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}
