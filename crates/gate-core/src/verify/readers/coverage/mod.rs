//! From a coverage report, in any of its formats, to lines and branches that were reached.

mod cobertura;
mod jacoco;
mod lcov;
mod sheet;

use super::{Read, Reading};
use crate::facts::{Coverage, Located};
use crate::markup::{Doctype, Token, tokens};
use crate::verify::failure::Failure;
use crate::verify::marks::Marks;

/// The formats that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::verify) enum Format {
    Cobertura,
    JaCoCo,
    Lcov,
}

impl Format {
    /// The format whose marks these are.
    pub(super) fn detect(marks: &Marks<'_>) -> Option<Self> {
        match marks {
            Marks::Xml(root) if root.name == "coverage" => Some(Self::Cobertura),
            Marks::Xml(root) if root.name == "report" => Some(Self::JaCoCo),
            Marks::Text(text) if lcov::is_lcov(text) => Some(Self::Lcov),
            _ => None,
        }
    }

    /// Its name in facts and messages.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Cobertura => "cobertura",
            Self::JaCoCo => "jacoco",
            Self::Lcov => "lcov",
        }
    }

    /// Normalises a document of this format.
    pub(super) fn read(self, bytes: &[u8]) -> Result<Read, Failure> {
        let text = std::str::from_utf8(bytes)
            .map_err(|error| Failure::malformed(format!("is not UTF-8: {error}")))?;
        let coverage = match self {
            Self::Cobertura => cobertura::read(text),
            Self::JaCoCo => jacoco::read(text),
            Self::Lcov => lcov::read(text),
        }?;
        Ok(Reading::Coverage(coverage).into())
    }
}

/// A reader of XML tokens.
trait Report: Default {
    fn token(&mut self, token: &Token<'_>) -> Result<(), String>;
    fn finish(self) -> Result<Coverage, Failure>;
}

/// Both XML formats come with a document type as their tools write it; it is never looked at.
fn read_xml<R: Report>(text: &str) -> Result<Coverage, Failure> {
    let mut report = R::default();
    tokens(text, Doctype::Ignored, |token| report.token(&token)).map_err(|error| {
        let place = format!("line {}", error.line);
        Failure::invalid(vec![Located { place, message: error.message }])
    })?;
    report.finish()
}

/// A count as it stands in a report.
fn number(text: Option<&str>, what: &str) -> Result<u64, String> {
    let text = text.ok_or_else(|| format!("`{what}` is missing"))?;
    text.trim().parse().map_err(|_| {
        let text: String = text.chars().take(40).collect();
        format!("`{what}` is `{text}`, which is no count")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xml_that_reads_files_or_grows_without_end_is_refused_and_a_bare_declaration_is_not() {
        for format in [Format::Cobertura, Format::JaCoCo] {
            let (root, body) = match format {
                Format::Cobertura => ("coverage", "<packages/>"),
                _ => ("report", "<package/>"),
            };
            let document = |doctype: &str, inner: &str| {
                format!("{doctype}<{root} name='n'>{body}{inner}</{root}>").into_bytes()
            };
            let declared = format!("<!DOCTYPE {root} SYSTEM 'http://h/x.dtd'>");
            assert!(format.read(&document(&declared, "")).is_ok());
            let laughs = format!("<!DOCTYPE {root} [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]>");
            let xxe = format!("<!DOCTYPE {root} [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>");
            for (doctype, inner) in
                [(&laughs, "&b;"), (&xxe, "&a;"), (&laughs, ""), (&declared, "&a;")]
            {
                assert!(format.read(&document(doctype, inner)).is_err(), "{doctype} {inner}");
            }
        }
    }
}
