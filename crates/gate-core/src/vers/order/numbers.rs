//! Numbers between dots, and the ecosystems that add little to them: RubyGems, OpenSSL.

use std::cmp::Ordering;

use super::{digits, is_number, take};

/// Numbers between dots; what follows the first other character is ignored.
pub(in crate::vers) fn intdot(left: &str, right: &str) -> Ordering {
    fn numbers(text: &str) -> Vec<&str> {
        let (numbers, _) = take(text, |it| it.is_ascii_digit() || it == '.');
        numbers.split('.').collect()
    }
    padded(&numbers(left), &numbers(right))
}

/// Compares numbers place by place; an absent one is zero.
pub(super) fn padded(left: &[&str], right: &[&str]) -> Ordering {
    (0..left.len().max(right.len()))
        .map(|at| digits(left.get(at).unwrap_or(&"0"), right.get(at).unwrap_or(&"0")))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// RubyGems: a word makes a version older than a number in its place does.
pub(in crate::vers) fn gem(left: &str, right: &str) -> Ordering {
    fn segments(text: &str) -> Vec<String> {
        let text = text.replace('-', ".pre.");
        let mut segments = vec![];
        for part in text.split('.').filter(|part| !part.is_empty()) {
            let mut rest = part;
            while !rest.is_empty() {
                let digit = rest.starts_with(|it: char| it.is_ascii_digit());
                let (segment, after) = take(rest, |it| it.is_ascii_digit() == digit);
                segments.push(segment.to_owned());
                rest = after;
            }
        }
        while segments.last().is_some_and(|last| digits(last, "").is_eq()) {
            segments.pop();
        }
        segments
    }
    let (left, right) = (segments(left), segments(right));
    for at in 0..left.len().max(right.len()) {
        let one = left.get(at).map_or("0", String::as_str);
        let other = right.get(at).map_or("0", String::as_str);
        let order = match (is_number(one), is_number(other)) {
            (true, true) => digits(one, other),
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => one.cmp(other),
        };
        if order.is_ne() {
            return order;
        }
    }
    Ordering::Equal
}

/// OpenSSL: letters after the numbers up to 1.1.1, semantic versions from 3.0 on.
pub(in crate::vers) fn openssl(left: &str, right: &str) -> Ordering {
    fn split(text: &str) -> (Vec<&str>, bool, &str) {
        let (numbers, rest) = take(text, |it| it.is_ascii_digit() || it == '.');
        // A pre-release stands before the version, a letter after it.
        (numbers.split('.').collect(), !rest.starts_with('-'), rest)
    }
    let (left, right) = (split(left), split(right));
    padded(&left.0, &right.0).then_with(|| left.1.cmp(&right.1)).then_with(|| left.2.cmp(right.2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_the_numbers_counts_where_the_ecosystem_says_so() {
        assert_eq!(intdot("1.02beta", "1.2"), Ordering::Equal);
        assert_eq!(gem("1.0.0.rc1", "1.0"), Ordering::Less);
        assert_eq!(gem("1.0", "1.0.0"), Ordering::Equal);
        assert_eq!(openssl("1.1.1z", "1.1.1za"), Ordering::Less);
        assert_eq!(openssl("3.0.0-alpha1", "3.0.0"), Ordering::Less);
    }
}
