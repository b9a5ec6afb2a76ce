//! Package URLs in their one spelling.

use std::str::FromStr;

use packageurl::PackageUrl;

/// One spelling for one package.
pub(super) fn normalise(text: &str) -> Result<String, String> {
    if is_plain(text) {
        return Ok(text.to_owned());
    }
    match PackageUrl::from_str(text) {
        Ok(parsed) => Ok(parsed.to_string()),
        Err(error) => distribution(text).ok_or_else(|| error.to_string()),
    }
}

/// A CPAN distribution whose author is not named, which `packageurl` refuses. A module, as
/// `Perl::Version` is one, is no distribution.
fn distribution(text: &str) -> Option<String> {
    let (kind, rest) = text.strip_prefix("pkg:")?.split_once('/')?;
    let generic = PackageUrl::from_str(&format!("pkg:generic/{rest}")).ok()?;
    let is_one = kind.eq_ignore_ascii_case("cpan")
        && generic.namespace().is_none()
        && !generic.name().contains("::");
    let canonical = is_one.then(|| generic.to_string())?;
    Some(format!("pkg:cpan/{}", canonical.strip_prefix("pkg:generic/")?))
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
            "pkg:npm/@a/b",
            "pkg:pypi/a_b",
            "pkg:npm/A",
            "pkg:npm/a@",
            "pkg:npm/",
            "pkg:npm//a",
            "pkg:npm/a?b=c",
            "pkg:npm/a#b",
            "npm/a",
            "pkg:npm/a/../b",
            "pkg:npm/%61",
        ] {
            assert!(!is_plain(text), "{text}");
        }
    }

    #[test]
    fn one_package_has_one_spelling() {
        let same = |text: &str| normalise(text).unwrap();
        assert_eq!(same("pkg:PyPI/Django_Foo@1.0"), "pkg:pypi/django-foo@1.0");
        assert_eq!(same("pkg:npm/%40a/b@1"), same("pkg:NPM/%40a/b@1"));
        assert_eq!(same("pkg:CPAN/DateTime@1.55"), "pkg:cpan/DateTime@1.55");
        assert!(normalise("pkg:cpan/Perl::Version@1").is_err());
        assert!(normalise("no purl").is_err() && normalise("pkg:npm").is_err());
    }
}
