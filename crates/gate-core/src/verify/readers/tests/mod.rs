//! From a test report, in any of its formats, to counts of its cases.

mod counts;
mod junit;
mod result;
mod tap;

use super::{Read, Reading};
use crate::verify::failure::Failure;
use crate::verify::marks::Marks;

pub(super) use result::read as read_result;

/// The formats that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::verify) enum Format {
    JUnit,
    Tap,
}

impl Format {
    /// The format whose marks these are.
    pub(super) fn detect(marks: &Marks<'_>) -> Option<Self> {
        match marks {
            Marks::Xml(root) if matches!(root.name.as_str(), "testsuites" | "testsuite") => {
                Some(Self::JUnit)
            }
            Marks::Text(text) if tap::is_tap(text) => Some(Self::Tap),
            _ => None,
        }
    }

    /// Its name in facts and messages.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::JUnit => "junit",
            Self::Tap => "tap",
        }
    }

    /// Normalises a document of this format.
    pub(super) fn read(self, bytes: &[u8]) -> Result<Read, Failure> {
        let text = std::str::from_utf8(bytes)
            .map_err(|error| Failure::malformed(format!("is not UTF-8: {error}")))?;
        match self {
            Self::JUnit => junit::read(text).map(|tests| Reading::Tests(tests).into()),
            Self::Tap => tap::read(text)
                .map(|(tests, version)| Read { version, ..Reading::Tests(tests).into() }),
        }
    }
}
