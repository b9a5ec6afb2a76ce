//! How the ecosystems order their versions, one file a family.

use std::cmp::Ordering;

pub(super) mod calendar;
pub(super) mod gentoo;
pub(super) mod maven;
pub(super) mod numbers;
pub(super) mod pypi;
pub(super) mod segments;
pub(super) mod semver;

/// Compares numbers of any length that are written in decimal digits.
fn digits(left: &str, right: &str) -> Ordering {
    let (left, right) = (left.trim_start_matches('0'), right.trim_start_matches('0'));
    left.len().cmp(&right.len()).then_with(|| left.cmp(right))
}

/// Whether a text is a number.
fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The longest start of a text whose bytes are of one sort, and the rest.
fn take(text: &str, sort: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|character| !sort(character)).unwrap_or(text.len()))
}
