//! What text must look like, by the name of its format.

use std::collections::HashSet;
use std::sync::OnceLock;

use foldhash::fast::FixedState;

use super::{Rule, Text};

/// A format that the rules name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// RFC 3339, with its zone.
    DateTime,
    /// `YYYY-MM-DD`.
    Date,
    /// RFC 3987, relative ones too.
    IriReference,
    /// An absolute URI.
    Uri,
    Email,
    /// A digest in hexadecimal of one of the usual lengths.
    Digest,
    /// An identifier of SPDX's list of licences or of its exceptions.
    LicenceId,
    /// `xs:dateTime`: RFC 3339 whose zone may be left out.
    XmlDateTime,
    /// `xs:boolean`.
    XmlBool,
    /// `xs:anyURI`: parsers accept nearly everything.
    AnyUri,
}

impl Format {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "date-time" => Self::DateTime,
            "date" => Self::Date,
            "iri-reference" => Self::IriReference,
            "uri" => Self::Uri,
            "email" | "idn-email" => Self::Email,
            "digest" => Self::Digest,
            "licence-id" => Self::LicenceId,
            "xml-date-time" => Self::XmlDateTime,
            "xml-bool" => Self::XmlBool,
            "any-uri" => Self::AnyUri,
            _ => return None,
        })
    }

    pub(super) fn holds(self, text: &str) -> bool {
        match self {
            Self::DateTime => is_date_time(text, true),
            Self::Date => is_date(text.as_bytes()),
            Self::IriReference => is_iri(text) && !has_bad_scheme(text),
            Self::Uri => is_iri(text) && scheme(text).is_some_and(is_scheme),
            Self::Email => is_email(text),
            Self::Digest => is_digest(text),
            Self::LicenceId => is_licence_id(text),
            Self::XmlDateTime => is_date_time(text, false),
            Self::XmlBool => matches!(text, "true" | "false" | "1" | "0"),
            Self::AnyUri => !text.contains(char::is_control),
        }
    }

    const fn in_words(self) -> &'static str {
        match self {
            Self::DateTime => "a date and time with a zone (RFC 3339)",
            Self::Date => "a date (YYYY-MM-DD)",
            Self::IriReference | Self::AnyUri => "a URL or reference",
            Self::Uri => "a URI",
            Self::Email => "an e-mail address",
            Self::Digest => "a digest in hexadecimal of 32, 40, 64, 96 or 128 digits",
            Self::LicenceId => "an SPDX licence id",
            Self::XmlDateTime => "a date and time",
            Self::XmlBool => "true or false",
        }
    }
}

impl Text {
    /// What is wrong with the text.
    pub(in super::super) fn fault(&self, text: &str) -> Option<String> {
        // Counting letters is for those few texts whose bytes do not tell.
        if text.is_empty() && self.least > 0 || self.least > 1 || text.len() > self.most {
            let length = text.chars().count();
            if length < self.least {
                return Some(format!(
                    "has {length} characters; at least {} are needed",
                    self.least
                ));
            }
            if length > self.most {
                return Some(format!("has {length} characters; {} are allowed", self.most));
            }
        }
        let expected = match &self.rule {
            Rule::Free => return None,
            Rule::Enum(values) => {
                const FEW: usize = 20;
                let found = match values.len() {
                    ..=FEW => values.iter().any(|it| it == text),
                    _ => values.binary_search_by(|it| it.as_str().cmp(text)).is_ok(),
                };
                if found {
                    return None;
                }
                one_of(values)
            }
            Rule::Pattern(pattern) if pattern.is_match(text) => return None,
            Rule::Pattern(pattern) => format!("text like {pattern}"),
            Rule::Format(format) if format.holds(text) => return None,
            Rule::Format(format) => format.in_words().to_owned(),
            Rule::Number { whole, least, most } => match decimal(text, *whole) {
                Some(number)
                    if least.is_none_or(|it| number >= it)
                        && most.is_none_or(|it| number <= it) =>
                {
                    return None;
                }
                Some(_) => "within its bounds".to_owned(),
                None => "a number".to_owned(),
            },
        };
        Some(format!("`{}` is not {expected}", shortened(text)))
    }
}

/// `xs:decimal`, which has neither exponents nor words.
fn decimal(text: &str, whole: bool) -> Option<f64> {
    let digits = |it: char| it.is_ascii_digit() || matches!(it, '+' | '-') || (!whole && it == '.');
    text.chars().all(digits).then(|| text.parse().ok()).flatten()
}

fn one_of(values: &[String]) -> String {
    const SHOWN: usize = 12;
    let mut words = values.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    if values.len() > SHOWN {
        words.push_str(", ...");
    }
    match values {
        [one] => format!("`{one}`"),
        _ => format!("one of {words}"),
    }
}

/// Quotes of what others wrote are kept short.
pub(super) fn shortened(text: &str) -> String {
    const SHOWN: usize = 80;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

fn digits(bytes: &[u8]) -> Option<u32> {
    bytes.iter().try_fold(0, |number, byte| {
        byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0'))
    })
}

fn is_date(bytes: &[u8]) -> bool {
    let &[_, _, _, _, b'-', _, _, b'-', _, _] = bytes else { return false };
    let (Some(year), Some(month), Some(day)) =
        (digits(&bytes[..4]), digits(&bytes[5..7]), digits(&bytes[8..]))
    else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    (1..=last).contains(&day)
}

/// Whether this is a date and time of RFC 3339; XML allows one without a zone.
fn is_date_time(text: &str, zoned: bool) -> bool {
    let bytes = text.as_bytes();
    let Some((date, rest)) = bytes.split_at_checked(10) else { return false };
    let Some((time, mut zone)) = rest.split_at_checked(9) else { return false };
    let &[b'T' | b't', _, _, b':', _, _, b':', _, _] = time else { return false };
    let within = |part: &[u8], most| digits(part).is_some_and(|number| number <= most);
    // A leap second is written as the 60th.
    if !is_date(date)
        || !within(&time[1..3], 23)
        || !within(&time[4..6], 59)
        || !within(&time[7..], 60)
    {
        return false;
    }
    if let [b'.', fraction @ ..] = zone {
        let length = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if length == 0 {
            return false;
        }
        zone = &fraction[length..];
    }
    match zone {
        [] => !zoned,
        [b'Z' | b'z'] => true,
        [b'+' | b'-', hours @ .., b':', m1, m2] if hours.len() == 2 => {
            within(hours, 23) && within(&[*m1, *m2], 59)
        }
        _ => false,
    }
}

/// The characters that RFC 3987 allows, with complete escapes.
fn is_iri(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.iter().enumerate().all(|(at, byte)| match byte {
        b'%' => bytes.get(at + 1..at + 3).is_some_and(|it| it.iter().all(u8::is_ascii_hexdigit)),
        0..=b' ' | b'<' | b'>' | b'"' | b'{' | b'}' | b'|' | b'\\' | b'^' | b'`' | 0x7f => false,
        _ => true,
    })
}

fn scheme(text: &str) -> Option<&str> {
    let end = text.find([':', '/', '?', '#'])?;
    text[end..].starts_with(':').then(|| &text[..end])
}

fn is_scheme(scheme: &str) -> bool {
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'+' | b'-' | b'.'))
}

fn has_bad_scheme(text: &str) -> bool {
    scheme(text).is_some_and(|scheme| !is_scheme(scheme))
}

fn is_email(text: &str) -> bool {
    text.rsplit_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && !domain.is_empty()
            && !text.contains(char::is_whitespace)
            && !domain.starts_with('.')
    })
}

fn is_digest(text: &str) -> bool {
    matches!(text.len(), 32 | 40 | 64 | 96 | 128) && text.bytes().all(|it| it.is_ascii_hexdigit())
}

/// Exactly as the list writes it.
fn is_licence_id(text: &str) -> bool {
    static IDS: OnceLock<HashSet<&'static str, FixedState>> = OnceLock::new();
    let ids = IDS.get_or_init(|| {
        let licences = spdx::identifiers::LICENSES.iter().map(|licence| licence.name);
        licences.chain(spdx::identifiers::EXCEPTIONS.iter().map(|it| it.name)).collect()
    });
    ids.contains(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(format: Format, good: &[&str], bad: &[&str]) {
        for text in good {
            assert!(format.holds(text), "{format:?} {text}");
        }
        for text in bad {
            assert!(!format.holds(text), "{format:?} {text}");
        }
    }

    #[test]
    fn times_have_a_date_a_time_and_a_zone() {
        let good = ["2024-02-29T23:59:60Z", "2020-04-13T20:20:39+00:00", "2020-04-13t20:20:39.5z"];
        let bad = [
            "2020-04-13 20:20:39Z",
            "2020-04-13T20:20:39",
            "2020-13-01T00:00:00Z",
            "2023-02-29T00:00:00Z",
            "2020-04-13T20:20Z",
            "2020-04-13T24:20:39Z",
            "2020-04-13T20:20:39.Z",
            "2020-04-13",
            "2020-04-13T20:20:39+0000",
            "yesterday",
            "",
        ];
        check(Format::DateTime, &good, &bad);
        assert!(is_date_time("2020-04-13T20:20:39", false));
        check(Format::Date, &["2000-02-29"], &["1900-02-29", "2000-2-1", "2000-04-31"]);
    }

    #[test]
    fn references_have_no_spaces_and_whole_escapes() {
        let good =
            ["https://a.example/b?c#d", "../a", "", "urn:cdx:x/1", "mailto:a@b", "a%20b", "ä"];
        check(Format::IriReference, &good, &["a b", "a%2", "<a>", "1a:b", ":x", "a\\b"]);
        check(Format::Uri, &["urn:a"], &["a", "/a:b", "a b:c"]);
        check(Format::Email, &["a@b"], &["a", "@b", "a@", "a b@c", "a@.b"]);
    }

    #[test]
    fn digests_and_licences_are_those_that_exist() {
        check(Format::Digest, &[&"aB".repeat(32)], &["", &"a".repeat(63), &"g".repeat(64)]);
        let good = ["MIT", "GPL-2.0", "GPL-2.0+", "Apache-2.0", "Classpath-exception-2.0"];
        check(Format::LicenceId, &good, &["mit", "Apache 2.0", "", "LicenseRef-x", "GPL-9.0"]);
    }
}
