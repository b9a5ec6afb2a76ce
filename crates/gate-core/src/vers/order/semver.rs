//! Semantic versions, and NuGet and Conan, which differ from them a little.

use std::cmp::Ordering;

use super::numbers::padded;
use super::{digits, is_number};

/// Semantic versions 2.0 of any number of places, with or without a `v`.
pub(in crate::vers) fn semver(left: &str, right: &str) -> Ordering {
    let (left, right) = (split(left), split(right));
    padded(&left.numbers, &right.numbers).then_with(|| pre(left.pre, right.pre, str::cmp))
}

/// NuGet: words are compared without regard to case.
pub(in crate::vers) fn nuget(left: &str, right: &str) -> Ordering {
    let (left, right) = (split(left), split(right));
    let folded = |one: &str, other: &str| one.to_lowercase().cmp(&other.to_lowercase());
    padded(&left.numbers, &right.numbers).then_with(|| pre(left.pre, right.pre, folded))
}

struct Parts<'a> {
    numbers: Vec<&'a str>,
    pre: Option<&'a str>,
}

fn split(text: &str) -> Parts<'_> {
    let text = text.trim_start_matches(['v', 'V', '=']);
    let text = text.split_once('+').map_or(text, |(version, _)| version);
    let (numbers, pre) = text.split_once('-').map_or((text, None), |(it, pre)| (it, Some(pre)));
    Parts { numbers: numbers.split('.').collect(), pre }
}

/// A pre-release stands before its version; its parts are compared one by one.
fn pre(
    left: Option<&str>,
    right: Option<&str>,
    words: impl Fn(&str, &str) -> Ordering,
) -> Ordering {
    let (left, right) = match (left, right) {
        (None, None) => return Ordering::Equal,
        (None, Some(_)) => return Ordering::Greater,
        (Some(_), None) => return Ordering::Less,
        (Some(left), Some(right)) => (left, right),
    };
    let (mut left, mut right) = (left.split('.'), right.split('.'));
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(one), Some(other)) => match (is_number(one), is_number(other)) {
                (true, true) => digits(one, other),
                (true, false) => Ordering::Less,
                (false, true) => Ordering::Greater,
                (false, false) => words(one, other),
            },
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// Conan: any number of places, which may be words; a build makes a version newer.
pub(in crate::vers) fn conan(left: &str, right: &str) -> Ordering {
    let (left, left_build) = optional(left, '+');
    let (right, right_build) = optional(right, '+');
    let (left, left_pre) = optional(left, '-');
    let (right, right_pre) = optional(right, '-');
    let absent_last = match (left_pre, right_pre) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(one), Some(other)) => places(one, other),
    };
    let absent_first = match (left_build, right_build) {
        (Some(one), Some(other)) => places(one, other),
        (one, other) => one.is_some().cmp(&other.is_some()),
    };
    places(left, right).then(absent_last).then(absent_first)
}

fn optional(text: &str, mark: char) -> (&str, Option<&str>) {
    text.split_once(mark).map_or((text, None), |(before, after)| (before, Some(after)))
}

fn places(left: &str, right: &str) -> Ordering {
    fn items(text: &str) -> Vec<&str> {
        let mut items: Vec<_> = text.split('.').collect();
        while items.last().is_some_and(|last| is_number(last) && digits(last, "").is_eq()) {
            items.pop();
        }
        items
    }
    let (left, right) = (items(left), items(right));
    for (one, other) in left.iter().zip(&right) {
        let numbers = is_number(one) && is_number(other);
        let order = if numbers { digits(one, other) } else { one.cmp(other) };
        if order.is_ne() {
            return order;
        }
    }
    left.len().cmp(&right.len())
}
