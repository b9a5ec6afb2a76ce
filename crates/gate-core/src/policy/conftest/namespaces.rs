//! Which packages of a bundle are asked.

use std::collections::BTreeSet;

use gate_rego::{RuleText, package_name};

use crate::policy::Reading;

/// The packages, in a fixed order. Names are taken literally unless one holds a wildcard.
pub(super) fn asked(reading: &Reading, rules: &[RuleText]) -> Vec<String> {
    let present: BTreeSet<String> = rules.iter().map(|rule| package_name(&rule.package)).collect();
    if reading.all_namespaces {
        return present.into_iter().collect();
    }
    let main = ["main".to_owned()];
    let wanted = if reading.namespaces.is_empty() { &main[..] } else { &reading.namespaces };
    let matched = |name: &String| wanted.iter().any(|pattern| matches(pattern, name));
    present.into_iter().filter(matched).collect()
}

/// Whether a pattern of `*`, `?` and `[...]` matches a whole name; a dot is a character like others.
fn matches(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    // The last star and what it had taken: more stars back would change nothing.
    let (mut at, mut from, mut star) = (0, 0, None);
    while from < name.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, from));
                at += 1;
            }
            Some(_) if one(&pattern[at..], name[from]).is_some() => {
                at += one(&pattern[at..], name[from]).unwrap_or(1);
                from += 1;
            }
            _ => {
                let Some((star_at, star_from)) = star else { return false };
                star = Some((star_at, star_from + 1));
                (at, from) = (star_at + 1, star_from + 1);
            }
        }
    }
    pattern[at..].iter().all(|it| *it == '*')
}

/// How much of a pattern matches one character, if its beginning does.
fn one(pattern: &[char], it: char) -> Option<usize> {
    match pattern.first()? {
        '?' => Some(1),
        '[' => class(pattern, it),
        '\\' => (pattern.get(1) == Some(&it)).then_some(2),
        literal => (*literal == it).then_some(1),
    }
}

fn class(pattern: &[char], it: char) -> Option<usize> {
    let end = 2 + pattern.get(2..)?.iter().position(|it| *it == ']')?;
    let (negated, members) = match pattern[1] {
        '^' => (true, &pattern[2..end]),
        _ => (false, &pattern[1..end]),
    };
    let mut found = false;
    let mut rest = members;
    while let Some((first, after)) = rest.split_first() {
        if let ['-', last, after @ ..] = after {
            found |= (*first..=*last).contains(&it);
            rest = after;
        } else {
            found |= *first == it;
            rest = after;
        }
    }
    (found != negated).then_some(end + 1)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn wildcards_match_whole_names() {
        for (pattern, name, expected) in [
            ("main", "main", true),
            ("main", "main.gke", false),
            ("main.*", "main.gke", true),
            ("*", "a.b", true),
            ("*.b", "a.b.c", false),
            ("m?in", "main", true),
            ("[a-m]ain", "main", true),
            ("[^m]ain", "main", false),
            ("*a*n", "main", true),
            ("", "main", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }
}
