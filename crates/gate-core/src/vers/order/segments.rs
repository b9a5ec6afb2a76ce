//! RPM, Arch Linux and Debian: an epoch, a version and a release, compared run by run.

use std::cmp::Ordering;

use super::{digits, take};

/// RPM: `epoch:version-release`.
pub(in crate::vers) fn rpm(left: &str, right: &str) -> Ordering {
    let ((left_epoch, left), (right_epoch, right)) = (epoch(left), epoch(right));
    let ((left, left_release), (right, right_release)) = (release(left), release(right));
    digits(left_epoch, right_epoch)
        .then_with(|| rpm_runs(left, right))
        .then_with(|| both(left_release, right_release, rpm_runs))
}

/// Arch Linux: as RPM, but that separators count.
pub(in crate::vers) fn alpm(left: &str, right: &str) -> Ordering {
    let ((left_epoch, left), (right_epoch, right)) = (epoch(left), epoch(right));
    let ((left, left_release), (right, right_release)) = (release(left), release(right));
    digits(left_epoch, right_epoch)
        .then_with(|| alpm_runs(left, right))
        .then_with(|| both(left_release, right_release, alpm_runs))
}

/// Debian: `epoch:upstream-revision`; a tilde sorts before everything, the end included.
pub(in crate::vers) fn deb(left: &str, right: &str) -> Ordering {
    let ((left_epoch, left), (right_epoch, right)) = (epoch(left), epoch(right));
    let ((left, left_revision), (right, right_revision)) = (release(left), release(right));
    digits(left_epoch, right_epoch).then_with(|| deb_runs(left, right)).then_with(|| {
        deb_runs(left_revision.unwrap_or_default(), right_revision.unwrap_or_default())
    })
}

fn epoch(text: &str) -> (&str, &str) {
    match text.split_once(':') {
        Some((epoch, rest)) if super::is_number(epoch) => (epoch, rest),
        _ => ("", text),
    }
}

fn release(text: &str) -> (&str, Option<&str>) {
    text.rsplit_once('-').map_or((text, None), |(version, release)| (version, Some(release)))
}

/// A release counts where both versions have one.
fn both(left: Option<&str>, right: Option<&str>, compare: fn(&str, &str) -> Ordering) -> Ordering {
    left.zip(right).map_or(Ordering::Equal, |(left, right)| compare(left, right))
}

fn is_digit(character: char) -> bool {
    character.is_ascii_digit()
}

fn is_letter(character: char) -> bool {
    character.is_ascii_alphabetic()
}

/// The runs at the start of both, of digits where the left one begins with a digit, and the rests.
/// Where the right one has no such run: a number is newer than letters.
fn run<'a>(left: &'a str, right: &'a str) -> (Ordering, &'a str, &'a str) {
    let number = left.starts_with(is_digit);
    let sort = if number { is_digit } else { is_letter };
    let ((left, left_rest), (right, right_rest)) = (take(left, sort), take(right, sort));
    let order = match (right.is_empty(), number) {
        (true, true) => Ordering::Greater,
        (true, false) => Ordering::Less,
        (false, true) => digits(left, right),
        (false, false) => left.cmp(right),
    };
    (order, left_rest, right_rest)
}

fn rpm_runs<'a>(mut left: &'a str, mut right: &'a str) -> Ordering {
    let mark = |character: char| is_digit(character) || is_letter(character);
    loop {
        let skip = |character: char| !mark(character) && !matches!(character, '~' | '^');
        (left, right) = (take(left, skip).1, take(right, skip).1);
        match (left.strip_prefix('~'), right.strip_prefix('~')) {
            (Some(after), Some(other)) => {
                (left, right) = (after, other);
                continue;
            }
            (Some(_), None) => return Ordering::Less,
            (None, Some(_)) => return Ordering::Greater,
            (None, None) => {}
        }
        match (left.strip_prefix('^'), right.strip_prefix('^')) {
            (Some(after), Some(other)) => {
                (left, right) = (after, other);
                continue;
            }
            (Some(_), None) => {
                return if right.is_empty() { Ordering::Greater } else { Ordering::Less };
            }
            (None, Some(_)) => {
                return if left.is_empty() { Ordering::Less } else { Ordering::Greater };
            }
            (None, None) => {}
        }
        if left.is_empty() || right.is_empty() {
            return left.len().min(1).cmp(&right.len().min(1));
        }
        let (order, left_rest, right_rest) = run(left, right);
        if order.is_ne() {
            return order;
        }
        (left, right) = (left_rest, right_rest);
    }
}

fn alpm_runs<'a>(mut left: &'a str, mut right: &'a str) -> Ordering {
    let skip = |character: char| !is_digit(character) && !is_letter(character);
    while !left.is_empty() && !right.is_empty() {
        let ((gap, left_rest), (other, right_rest)) = (take(left, skip), take(right, skip));
        (left, right) = (left_rest, right_rest);
        if left.is_empty() || right.is_empty() {
            break;
        }
        if gap.len() != other.len() {
            return gap.len().cmp(&other.len());
        }
        let (order, left_rest, right_rest) = run(left, right);
        if order.is_ne() {
            return order;
        }
        (left, right) = (left_rest, right_rest);
    }
    // Letters that are left over never make a version newer: 1.5b comes before 1.5.
    match (left.is_empty(), right.is_empty()) {
        (true, true) => Ordering::Equal,
        (true, false) if !right.starts_with(is_letter) => Ordering::Less,
        _ if left.starts_with(is_letter) => Ordering::Less,
        _ => Ordering::Greater,
    }
}

fn deb_runs(mut left: &str, mut right: &str) -> Ordering {
    let weight = |character: Option<char>| match character {
        Some('~') => -1,
        None => 0,
        Some(character) if is_letter(character) => i64::from(u32::from(character)),
        Some(character) => i64::from(u32::from(character)) + 0x0100_0000,
    };
    while !left.is_empty() || !right.is_empty() {
        let other = |character: char| !is_digit(character);
        let ((words, left_rest), (others, right_rest)) = (take(left, other), take(right, other));
        let (mut words, mut others) = (words.chars(), others.chars());
        loop {
            let pair = (words.next(), others.next());
            if pair == (None, None) {
                break;
            }
            let order = weight(pair.0).cmp(&weight(pair.1));
            if order.is_ne() {
                return order;
            }
        }
        let ((number, left_rest), (against, right_rest)) =
            (take(left_rest, is_digit), take(right_rest, is_digit));
        let order = digits(number, against);
        if order.is_ne() {
            return order;
        }
        (left, right) = (left_rest, right_rest);
    }
    Ordering::Equal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_distribution_has_its_own_order() {
        for (compare, lesser, greater) in [
            (deb as fn(&str, &str) -> Ordering, "1.0~rc1-1", "1.0-1"),
            (deb, "1.0-1", "1:0.9-1"),
            (deb, "2.36-9+deb12u9", "2.36-9+deb12u10"),
            (deb, "1.0", "1.0a"),
            (rpm, "1.0~rc1", "1.0"),
            (rpm, "1.0", "1.0^git1"),
            (rpm, "1.1.1k-7.el8", "1.1.1k-12.el8"),
            (rpm, "1.0a", "1.0.1"),
            (alpm, "1.5b", "1.5"),
        ] {
            assert_eq!(compare(lesser, greater), Ordering::Less, "{lesser} {greater}");
            assert_eq!(compare(greater, lesser), Ordering::Greater, "{lesser} {greater}");
            assert_eq!(compare(lesser, lesser), Ordering::Equal);
        }
        assert_eq!(alpm("1.5-1", "1.5"), Ordering::Equal);
        assert_eq!(rpm("0:1.0", "1.0"), Ordering::Equal);
    }
}
