//! Package URLs in their one spelling.

use std::str::FromStr;

use packageurl::PackageUrl;

/// One spelling for one package.
pub(super) fn normalise(text: &str) -> Result<String, String> {
    if is_plain(text) {
        return Ok(text.to_owned());
    }
    PackageUrl::from_str(text).map(|parsed| parsed.to_string()).map_err(|error| error.to_string())
}

/// Whether this is a package URL in its one spelling already, seen without taking it apart: of a
/// type without rules of its own, in small letters that are never escaped. An SBOM has very many.
fn is_plain(text: &str) -> bool {
    const TYPES: [&str; 6] = ["npm", "maven", "cargo", "gem", "nuget", "hex"];
    let plain = |part: &str| {
        !part.is_empty()
            && !matches!(part, "." | "..")
            && part.bytes().all(|it| matches!(it, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_'))
    };
    let Some((kind, rest)) = text.strip_prefix("pkg:").and_then(|rest| rest.split_once('/')) else {
        return false;
    };
    let (name, version) = rest.split_once('@').unwrap_or((rest, "0"));
    TYPES.contains(&kind) && name.split('/').all(plain) && plain(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_plain_is_what_it_would_be_written_as() {
        for text in ["pkg:npm/left-pad@1.3.0", "pkg:maven/org.a/b.c@1.0-rc1", "pkg:cargo/serde"] {
            assert!(is_plain(text), "{text}");
            let parsed = PackageUrl::from_str(text).unwrap();
            assert_eq!(parsed.to_string(), text);
        }
        for text in [
            "pkg:npm/@a/b", "pkg:pypi/a_b", "pkg:npm/A", "pkg:npm/a@", "pkg:npm/", "pkg:npm//a",
            "pkg:npm/a?b=c", "pkg:npm/a#b", "npm/a", "pkg:npm/a/../b", "pkg:npm/%61",
        ] {
            assert!(!is_plain(text), "{text}");
        }
    }

    #[test]
    fn one_package_has_one_spelling() {
        let same = |text: &str| normalise(text).unwrap();
        assert_eq!(same("pkg:PyPI/Django_Foo@1.0"), "pkg:pypi/django-foo@1.0");
        assert_eq!(same("pkg:npm/%40a/b@1"), same("pkg:NPM/%40a/b@1"));
        assert!(normalise("no purl").is_err() && normalise("pkg:npm").is_err());
    }
}
