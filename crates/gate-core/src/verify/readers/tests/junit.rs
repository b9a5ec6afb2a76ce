//! From a JUnit report to counts of its test cases: what the headers claim is not read.

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use crate::facts::Tests;
use crate::limits;
use crate::reason::Problem;
use crate::verify::failure::Failure;

/// The most names of failing cases that are kept.
const FAILING: usize = 20;

/// Reads a report. Document types and entities of its own are refused: they are how XML reads
/// files and grows without end.
pub(in crate::verify) fn read(text: &str) -> Result<Tests, Failure> {
    let mut reader = Reader::from_str(text);
    let mut report = Report::default();
    loop {
        let event = reader.read_event().map_err(|error| {
            Failure::malformed(format!("is no XML at byte {}: {error}", reader.error_position()))
        })?;
        match event {
            Event::Start(start) => report.open(&start)?,
            Event::Empty(start) => {
                report.open(&start)?;
                report.close();
            }
            Event::End(_) => report.close(),
            Event::DocType(_) => {
                return Err(Failure::malformed("has a document type, which is not read"));
            }
            Event::GeneralRef(reference) => {
                let name: &str = &reference;
                if !(name.starts_with('#') || matches!(name, "amp" | "lt" | "gt" | "quot" | "apos"))
                {
                    return Err(Failure::malformed("uses an entity of its own"));
                }
            }
            Event::Text(text) if report.open.is_empty() && !text.trim().is_empty() => {
                return Err(Failure::malformed("has text outside its root element"));
            }
            Event::Eof => return report.finish(),
            _ => {}
        }
    }
}

/// What an open element is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Element {
    Suite,
    Case,
    Other,
}

/// How a case went; the gravest wins.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
enum Outcome {
    #[default]
    Passed,
    Skipped,
    Error,
    Failed,
}

#[derive(Default)]
struct Report {
    open: Vec<Element>,
    name: Option<String>,
    rooted: bool,
    case: String,
    suite: String,
    outcome: Outcome,
    tests: Counts,
}

#[derive(Default)]
struct Counts {
    total: u64,
    passed: u64,
    failed: u64,
    errors: u64,
    skipped: u64,
    failing: Vec<String>,
}

impl Report {
    fn open(&mut self, start: &BytesStart<'_>) -> Result<(), Failure> {
        if self.open.len() == limits::NESTING {
            return Err(Failure::malformed(format!("nested more than {} deep", limits::NESTING)));
        }
        let local = start.local_name();
        let tag: &str = local.as_ref();
        let parent = self.open.last().copied();
        let element = match (parent, tag) {
            (None, _) if self.rooted => {
                return Err(Failure::malformed("has more than one root element"));
            }
            (None | Some(Element::Suite), "testsuites" | "testsuite") => {
                self.suite = attribute(start, "name")?.unwrap_or_default();
                if self.name.as_ref().is_none_or(String::is_empty) {
                    self.name = Some(self.suite.clone());
                }
                Element::Suite
            }
            (None, other) => {
                let other: String = other.chars().take(80).collect();
                return Err(Failure::malformed(format!(
                    "`{other}` is no JUnit report: its root is testsuites or testsuite"
                )));
            }
            (Some(Element::Suite), "testcase") => {
                self.start_case(start)?;
                Element::Case
            }
            (Some(Element::Case), "failure") => self.went(Outcome::Failed),
            (Some(Element::Case), "error") => self.went(Outcome::Error),
            (Some(Element::Case), "skipped") => self.went(Outcome::Skipped),
            // A suite that broke outside of its cases must not read as one that passed.
            (Some(Element::Suite), "failure" | "error") => {
                self.case = self.suite.clone();
                self.outcome = Outcome::Error;
                self.tests.count(&self.case, self.outcome)?;
                Element::Other
            }
            _ => {
                // Attributes are read for their well-formedness alone.
                attribute(start, "")?;
                Element::Other
            }
        };
        self.rooted = true;
        self.open.push(element);
        Ok(())
    }

    fn start_case(&mut self, start: &BytesStart<'_>) -> Result<(), Failure> {
        let name = attribute(start, "name")?.unwrap_or_default();
        self.case = match attribute(start, "classname")? {
            Some(class) if !class.is_empty() => format!("{class}.{name}"),
            _ => name,
        };
        self.outcome = Outcome::Passed;
        Ok(())
    }

    fn went(&mut self, outcome: Outcome) -> Element {
        self.outcome = self.outcome.max(outcome);
        Element::Other
    }

    fn close(&mut self) {
        if self.open.pop() == Some(Element::Case) {
            self.tests.add(&self.case, self.outcome);
        }
    }

    fn finish(self) -> Result<Tests, Failure> {
        if !self.rooted || !self.open.is_empty() {
            return Err(Failure::malformed("ends before its root element does"));
        }
        self.tests.bounded()?;
        let Counts { total, passed, failed, errors, skipped, failing } = self.tests;
        Ok(Tests {
            format: "junit".to_owned(),
            name: self.name.unwrap_or_default(),
            total,
            passed,
            failed,
            errors,
            skipped,
            failing,
        })
    }
}

impl Counts {
    fn count(&mut self, name: &str, outcome: Outcome) -> Result<(), Failure> {
        self.add(name, outcome);
        self.bounded()
    }

    fn add(&mut self, name: &str, outcome: Outcome) {
        self.total += 1;
        match outcome {
            Outcome::Passed => self.passed += 1,
            Outcome::Skipped => self.skipped += 1,
            Outcome::Error => self.errors += 1,
            Outcome::Failed => self.failed += 1,
        }
        let bad = matches!(outcome, Outcome::Error | Outcome::Failed);
        if bad && self.failing.len() < FAILING {
            self.failing.push(name.chars().take(200).collect());
        }
    }

    fn bounded(&self) -> Result<(), Failure> {
        if self.total > limits::TEST_CASES as u64 {
            return Err(Failure::new(
                Problem::EvidenceTooLarge,
                format!("the report has more than {} test cases", limits::TEST_CASES),
            ));
        }
        Ok(())
    }
}

/// The value of an attribute. All attributes are read, so that a broken one is not overlooked.
fn attribute(start: &BytesStart<'_>, wanted: &str) -> Result<Option<String>, Failure> {
    let malformed = |error: &dyn std::fmt::Display| {
        Failure::malformed(format!("an attribute cannot be read: {error}"))
    };
    let mut found = None;
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| malformed(&error))?;
        let value = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(|error| malformed(&error))?;
        let key: &str = attribute.key.as_ref();
        if key == wanted {
            found = Some(value.into_owned());
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_are_counted_and_headers_are_not_believed() {
        let text = r#"<?xml version="1.0"?>
            <testsuites tests="0" failures="0"><testsuite name="all" failures="0">
            <testsuite name="inner"><testcase classname="c" name="a&amp;b"><failure/><error/></testcase></testsuite>
            <testcase name="fine"><system-out><![CDATA[<failure/>]]></system-out></testcase>
            <testcase name="left out"><skipped/></testcase><testcase name="broken"><error/></testcase>
            </testsuite></testsuites>"#;
        let tests = read(text).unwrap();
        assert_eq!((tests.total, tests.passed, tests.failed), (4, 1, 1));
        assert_eq!((tests.errors, tests.skipped), (1, 1));
        assert_eq!(tests.failing, ["c.a&b", "broken"]);
        assert_eq!(tests.name, "all");
    }

    #[test]
    fn a_suite_that_broke_outside_of_its_cases_has_an_error() {
        let tests = read("<testsuite name='s'><error/><testcase name='a'/></testsuite>").unwrap();
        assert_eq!(
            (tests.total, tests.errors, tests.failing.as_slice()),
            (2, 1, &["s".to_owned()][..])
        );
    }

    #[test]
    fn xml_that_reads_files_grows_nests_or_ends_early_is_refused() {
        let xxe =
            "<!DOCTYPE t [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><testsuite>&x;</testsuite>";
        let laughs = "<!DOCTYPE t [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]><testsuite name='&b;'/>";
        let deep = format!("<testsuite>{}", "<a>".repeat(10_000));
        for text in [
            xxe,
            laughs,
            &deep,
            "<testsuite>&own;</testsuite>",
            "<testsuite name='&own;'/>",
            "<testsuite><x y='&own;'/></testsuite>",
            "<testsuite><testcase>",
            "<testsuite></testcase></testsuite>",
            "<testsuite/><testsuite/>",
            "<testsuite/>trailing",
            "<testsuite a='1' a='2'/>",
            "<html/>",
            "<testcase/>",
            "<!-- nothing -->",
            "",
        ] {
            let failure = read(text).unwrap_err();
            assert_eq!(failure.code, Problem::EvidenceMalformed, "{failure:?}");
        }
    }
}
