//! Python (PEP 440): epoch, release, pre-, post- and development release, local version.

use std::cmp::Ordering;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::numbers::padded;
use super::{digits, is_number, segments};

/// Compares versions of PEP 440; what is none is ordered run by run.
pub(in crate::vers) fn compare(left: &str, right: &str) -> Ordering {
    let (one, other) = (left.trim().to_lowercase(), right.trim().to_lowercase());
    match (Version::of(&one), Version::of(&other)) {
        (Some(one), Some(other)) => one.compare(&other),
        _ => segments::rpm(left, right),
    }
}

struct Version<'a> {
    epoch: &'a str,
    release: Vec<&'a str>,
    /// `-1`: before every pre-release; `3`: after them.
    pre: (i8, &'a str),
    post: Option<&'a str>,
    dev: Option<&'a str>,
    local: Vec<&'a str>,
}

impl<'a> Version<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let parts = FORM.as_ref()?.captures(text)?;
        let part = |name: &str| named(&parts, name);
        let post = part("post").or(part("implicit"));
        let dev = part("dev");
        let pre = match part("pre") {
            Some("a" | "alpha") => (0, part("number").unwrap_or_default()),
            Some("b" | "beta") => (1, part("number").unwrap_or_default()),
            Some(_) => (2, part("number").unwrap_or_default()),
            None if post.is_none() && dev.is_some() => (-1, ""),
            None => (3, ""),
        };
        Some(Self {
            epoch: part("epoch").unwrap_or_default(),
            release: part("release")?.split('.').collect(),
            pre,
            post,
            dev,
            local: part("local").map(|it| it.split(['.', '-', '_']).collect()).unwrap_or_default(),
        })
    }

    fn compare(&self, other: &Self) -> Ordering {
        digits(self.epoch, other.epoch)
            .then_with(|| padded(&self.release, &other.release))
            .then_with(|| self.pre.0.cmp(&other.pre.0))
            .then_with(|| digits(self.pre.1, other.pre.1))
            .then_with(|| match (self.post, other.post) {
                (Some(one), Some(other)) => digits(one, other),
                (one, other) => one.is_some().cmp(&other.is_some()),
            })
            .then_with(|| match (self.dev, other.dev) {
                (Some(one), Some(other)) => digits(one, other),
                (one, other) => other.is_some().cmp(&one.is_some()),
            })
            .then_with(|| local(&self.local, &other.local))
    }
}

fn named<'a>(parts: &Captures<'a>, name: &str) -> Option<&'a str> {
    parts.name(name).map(|found| found.as_str())
}

fn local(left: &[&str], right: &[&str]) -> Ordering {
    for (one, other) in left.iter().zip(right) {
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
    left.len().cmp(&right.len())
}

static FORM: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x)^v? (?:(?<epoch>[0-9]+)!)? (?<release>[0-9]+(?:\.[0-9]+)*)
        (?: [-_.]? (?<pre>alpha|beta|preview|pre|a|b|c|rc) [-_.]? (?<number>[0-9]*) )?
        (?: -(?<implicit>[0-9]+) | [-_.]? (?:post|rev|r) [-_.]? (?<post>[0-9]*) )?
        (?: [-_.]? dev [-_.]? (?<dev>[0-9]*) )?
        (?: \+ (?<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*) )?$",
    )
    .ok()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_that_of_pep_440() {
        let sorted = [
            "1.0.dev1",
            "1.0a1.dev1",
            "1.0a1",
            "1.0b2",
            "1.0rc1",
            "1.0",
            "1.0+local",
            "1.0+1",
            "1.0.post1.dev1",
            "1.0-1",
            "1.0.post2",
            "1.1",
            "1!0.1",
        ];
        for pair in sorted.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
            assert_eq!(compare(pair[1], pair[0]), Ordering::Greater, "{pair:?}");
        }
        for (one, other) in [("1.0", "v1.0.0"), ("1.0C1", "1.0rc1"), ("1.0-1", "1.0.post1")] {
            assert_eq!(compare(one, other), Ordering::Equal, "{one} {other}");
        }
    }
}
