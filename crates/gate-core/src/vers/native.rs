//! From an ecosystem's own notation of ranges to VERS.

use super::{Comparator, Constraint, Range, RangeError};

type Bounds = Result<Vec<(Comparator, String)>, RangeError>;

/// Reads a range in the notation of its ecosystem, such as `^1.2.3` of npm or `[1.0,2.0)` of Maven.
pub fn from_native(scheme: &str, text: &str) -> Result<Range, RangeError> {
    if text.len() > super::BYTES {
        return Err(RangeError::new("the range is too long"));
    }
    let text = text.trim();
    let bounds = match scheme {
        "npm" | "semver" | "cargo" => alternatives(text, npm),
        "conan" => alternatives(text.split(',').next().unwrap_or_default(), conan),
        "gem" => list(text, gem),
        "pypi" => list(text, pypi),
        "nuget" => intervals(text, Comparator::GreaterOrEqual),
        "maven" => intervals(text, Comparator::Equal),
        "nginx" => list(text, nginx),
        "openssl" => list(text, |part| Ok(vec![(Comparator::Equal, part.to_owned())])),
        _ => Err(RangeError::new(format!("no notation of `{scheme}` is read"))),
    }?;
    let constraint =
        |(comparator, version): (Comparator, String)| Constraint { comparator, version };
    // Conan writes a package without a range as an empty one.
    if bounds.is_empty() && scheme != "conan" {
        return Err(RangeError::new("the range is empty"));
    }
    Range::new(scheme.to_owned(), bounds.into_iter().map(constraint).collect())
}

/// `a b || c`: alternatives of comparators that stand beside each other.
fn alternatives(text: &str, read: fn(&str) -> Bounds) -> Bounds {
    let mut bounds = vec![];
    for alternative in text.split("||") {
        if let Some((from, to)) = alternative.split_once(" - ") {
            bounds.push((Comparator::GreaterOrEqual, complete(from.trim())));
            bounds.push((Comparator::LessOrEqual, complete(to.trim())));
            continue;
        }
        for word in words(alternative) {
            bounds.extend(read(&word)?);
        }
    }
    Ok(bounds)
}

/// Words between blanks; a comparator belongs to the word after it.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![];
    let mut open = String::new();
    for word in text.split_whitespace() {
        open.push_str(word);
        if !word.ends_with(['<', '>', '=', '~', '^', '!']) {
            words.push(std::mem::take(&mut open));
        }
    }
    words.extend(Some(open).filter(|rest| !rest.is_empty()));
    words
}

fn list(text: &str, read: impl Fn(&str) -> Bounds) -> Bounds {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.map(read).try_fold(vec![], |mut bounds, read| {
        bounds.extend(read?);
        Ok(bounds)
    })
}

fn comparator(text: &str) -> (Option<Comparator>, &str) {
    for (sign, comparator) in [
        (">=", Comparator::GreaterOrEqual),
        ("<=", Comparator::LessOrEqual),
        ("!=", Comparator::NotEqual),
        ("===", Comparator::Equal),
        ("==", Comparator::Equal),
        (">", Comparator::Greater),
        ("<", Comparator::Less),
        ("=", Comparator::Equal),
    ] {
        if let Some(rest) = text.strip_prefix(sign) {
            return (Some(comparator), rest.trim());
        }
    }
    (None, text.trim())
}

/// The version of three places that an npm version stands for.
fn complete(version: &str) -> String {
    let version = version.trim_start_matches(['v', '=']);
    let (numbers, rest) = version.split_at(version.find(['-', '+']).unwrap_or(version.len()));
    let places = numbers.split('.').count();
    let missing = ".0".repeat(3usize.saturating_sub(places));
    format!("{numbers}{missing}{rest}")
}

/// The numbers of a version up to the first wildcard, and whether there is one.
fn places(version: &str) -> Result<(Vec<u64>, bool), RangeError> {
    let numbers = version.split(['-', '+']).next().unwrap_or_default();
    let mut places = vec![];
    for part in numbers.split('.') {
        if matches!(part, "x" | "X" | "*" | "") {
            return Ok((places, true));
        }
        places
            .push(part.parse().map_err(|_| RangeError::new(format!("`{version}` is no version")))?);
    }
    Ok((places, false))
}

/// The version after all that begin with these places.
fn after(places: &[u64], kept: usize) -> Option<Vec<u64>> {
    let mut next = places.get(..kept)?.to_vec();
    let last = next.last_mut()?;
    *last = last.checked_add(1)?;
    Some(next)
}

fn dotted(places: &[u64]) -> String {
    places.iter().map(u64::to_string).collect::<Vec<_>>().join(".")
}

fn between(from: String, to: Option<String>) -> Vec<(Comparator, String)> {
    let to = to.map(|version| (Comparator::Less, version));
    std::iter::once((Comparator::GreaterOrEqual, from)).chain(to).collect()
}

/// The place that `^` keeps: the first that is not zero.
fn kept_by_caret(places: &[u64]) -> usize {
    places.iter().position(|place| *place != 0).map_or(places.len().max(1), |at| at + 1)
}

fn npm(word: &str) -> Bounds {
    if matches!(word, "*" | "x" | "X") {
        return Ok(vec![(Comparator::Any, String::new())]);
    }
    for (sign, caret) in [("~>", false), ("~", false), ("^", true)] {
        let Some(version) = word.strip_prefix(sign) else { continue };
        let version = version.trim_start_matches(['v', '=']);
        let (numbers, _) = places(version)?;
        let kept = if caret { kept_by_caret(&numbers) } else { numbers.len().min(2) };
        let to = after(&numbers, kept).map(|next| complete(&dotted(&next)));
        let from =
            if version.contains(['x', 'X', '*']) { dotted(&numbers) } else { version.to_owned() };
        return Ok(between(complete(&from), to));
    }
    let (sign, version) = comparator(word);
    let version = version.trim_start_matches('v');
    if let Ok((numbers, true)) = places(version) {
        let to = after(&numbers, numbers.len()).map(|next| complete(&dotted(&next)));
        return Ok(between(complete(&dotted(&numbers)), to));
    }
    Ok(vec![(sign.unwrap_or(Comparator::Equal), complete(version))])
}

fn conan(word: &str) -> Bounds {
    // A trailing `-` lets pre-releases in; VERS has no such word.
    let word = word.strip_suffix('-').unwrap_or(word);
    if word == "*" {
        return Ok(vec![(Comparator::GreaterOrEqual, "0.0.0".to_owned())]);
    }
    for (sign, caret) in [("~", false), ("^", true)] {
        let Some(version) = word.strip_prefix(sign) else { continue };
        let (numbers, _) = places(version)?;
        let kept = if caret { kept_by_caret(&numbers) } else { numbers.len().min(2) };
        let to = after(&numbers, kept).map(|next| format!("{}-", dotted(&next)));
        return Ok(between(version.to_owned(), to));
    }
    let (sign, version) = comparator(word);
    Ok(vec![(sign.unwrap_or(Comparator::Equal), version.to_owned())])
}

fn gem(part: &str) -> Bounds {
    let Some(version) = part.strip_prefix("~>") else {
        let (sign, version) = comparator(part);
        return Ok(vec![(sign.unwrap_or(Comparator::Equal), version.to_owned())]);
    };
    pessimistic(version.trim())
}

/// At least this version, and no change before its last place.
fn pessimistic(version: &str) -> Bounds {
    let (numbers, _) = places(version)?;
    let to = after(&numbers, numbers.len().saturating_sub(1).max(1)).map(|next| dotted(&next));
    Ok(between(version.to_owned(), to))
}

fn pypi(part: &str) -> Bounds {
    if let Some(version) = part.strip_prefix("~=") {
        return pessimistic(version.trim());
    }
    let (sign, version) = comparator(part);
    let sign = sign.unwrap_or(Comparator::Equal);
    if let (Comparator::Equal, Some(prefix)) = (sign, version.strip_suffix(".*")) {
        let (numbers, _) = places(prefix)?;
        return Ok(between(
            prefix.to_owned(),
            after(&numbers, numbers.len()).map(|it| dotted(&it)),
        ));
    }
    Ok(vec![(sign, version.to_owned())])
}

/// nginx: `1.5.0+` reaches on where the second place is odd, and to the next branch where it is even.
fn nginx(part: &str) -> Bounds {
    match part {
        "all" => return Ok(vec![(Comparator::Any, String::new())]),
        "none" => return Ok(vec![]),
        _ => {}
    }
    if let Some(version) = part.strip_suffix('+') {
        let (numbers, _) = places(version)?;
        let stable = numbers.get(1).is_some_and(|minor| minor % 2 == 0);
        let next = after(&numbers, 2).filter(|_| stable);
        return Ok(between(version.to_owned(), next.map(|it| format!("{}.0", dotted(&it)))));
    }
    if let Some((from, to)) = part.split_once('-') {
        return Ok(vec![
            (Comparator::GreaterOrEqual, from.trim().to_owned()),
            (Comparator::LessOrEqual, to.trim().to_owned()),
        ]);
    }
    Ok(vec![(Comparator::Equal, part.to_owned())])
}

/// `[1.0,2.0)`: intervals with open and closed ends, one after the other.
fn intervals(text: &str, bare: Comparator) -> Bounds {
    let broken = || RangeError::new(format!("`{text}` is no interval of versions"));
    let mut bounds = vec![];
    let mut rest = text.trim();
    while !rest.is_empty() {
        rest = rest.trim_start_matches([',', ' ']);
        if !rest.starts_with(['[', '(']) {
            let (version, after) = rest.split_once(',').unwrap_or((rest, ""));
            bounds.push((bare, version.trim().to_owned()));
            rest = after;
            continue;
        }
        let end = rest.find([']', ')']).ok_or_else(broken)?;
        let (inside, close) = (&rest[1..end], &rest[end..=end]);
        let open = &rest[..1];
        match inside.split_once(',') {
            None => bounds.push((Comparator::Equal, inside.trim().to_owned())),
            Some((from, to)) => {
                let lower =
                    if open == "[" { Comparator::GreaterOrEqual } else { Comparator::Greater };
                let upper = if close == "]" { Comparator::LessOrEqual } else { Comparator::Less };
                let ends = [(lower, from.trim()), (upper, to.trim())];
                let given = ends.into_iter().filter(|(_, version)| !version.is_empty());
                bounds.extend(given.map(|(comparator, version)| (comparator, version.to_owned())));
            }
        }
        rest = &rest[end + 1..];
    }
    Ok(bounds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_notation_becomes_a_range() {
        for (scheme, native, range) in [
            ("npm", "^0.3.1", "vers:npm/>=0.3.1|<0.4.0"),
            ("npm", "~2.1 || >= 4", "vers:npm/>=2.1.0|<2.2.0|>=4.0.0"),
            ("npm", "3.x", "vers:npm/>=3.0.0|<4.0.0"),
            ("npm", "1.0.0 - 1.4.0", "vers:npm/>=1.0.0|<=1.4.0"),
            ("gem", "~> 3.1, != 3.1.4", "vers:gem/>=3.1|!=3.1.4|<4"),
            ("pypi", "~=1.4.2", "vers:pypi/>=1.4.2|<1.5"),
            ("pypi", "==2.*", "vers:pypi/>=2|<3"),
            ("maven", "[1.0,2.0),(3.0,)", "vers:maven/>=1.0|<2.0|>3.0"),
            ("nuget", "(,1.5]", "vers:nuget/<=1.5"),
            ("conan", "^2.1", "vers:conan/>=2.1|<3-"),
            ("nginx", "1.2.3+", "vers:nginx/>=1.2.3|<1.3.0"),
        ] {
            let read = from_native(scheme, native).map(|range| range.to_string());
            assert_eq!(read.as_deref(), Ok(range), "{native}");
        }
        for (scheme, native) in [("npm", "^a"), ("maven", "[1,2"), ("cobol", "1"), ("npm", "")] {
            assert!(from_native(scheme, native).is_err(), "{native}");
        }
    }
}
