//! CVE ids as numbers: a feed has hundreds of thousands.

/// A CVE id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Cve(u64);

impl Cve {
    /// Reads `CVE-2026-0001`, in any case.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (prefix, rest) = text.trim().split_at_checked(4)?;
        let (year, number) = rest.split_once('-')?;
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
        if !prefix.eq_ignore_ascii_case("CVE-")
            || !digits(year)
            || !digits(number)
            || year.len() != 4
            || !(4..=12).contains(&number.len())
        {
            return None;
        }
        // The length keeps numbers apart that differ in leading zeros alone.
        let length = number.len() as u64;
        let (year, number): (u64, u64) = (year.parse().ok()?, number.parse().ok()?);
        Some(Self(year << 48 | length << 44 | number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_its_year_and_number() {
        assert_eq!(Cve::parse("cve-2026-0001"), Cve::parse("CVE-2026-0001"));
        assert_ne!(Cve::parse("CVE-2026-0001"), Cve::parse("CVE-2026-00001"));
        assert_ne!(Cve::parse("CVE-2026-12345"), Cve::parse("CVE-2025-12345"));
        for text in ["", "CVE-", "CVE-2026-", "CVE-2026-1", "GHSA-2026-0001", "CVE-2026-+001"] {
            assert_eq!(Cve::parse(text), None, "{text}");
        }
    }
}
