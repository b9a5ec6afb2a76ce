//! From a JUnit report, in any of its dialects, to counts of its test cases: what the headers claim is
//! not read.

use super::counts::{Counts, Outcome};
use crate::facts::{Located, Tests};
use crate::markup::{Doctype, Element, Token, tokens};
use crate::verify::failure::Failure;

/// Reads a report. Document types and entities of its own are refused.
pub(super) fn read(text: &str) -> Result<Tests, Failure> {
    let mut report = Report::default();
    let mut refused = None;
    let read = tokens(text, Doctype::Refused, |token| {
        let step = match token {
            Token::Open(element) => report.open(&element),
            Token::Close => report.close(),
            Token::Text(_) => Ok(()),
        };
        step.map_err(|failure| {
            let detail = failure.detail.clone();
            refused = Some(failure);
            detail
        })
    });
    match (read, refused) {
        (Ok(()), _) => {}
        (Err(_), Some(failure)) if failure.code != crate::reason::Problem::EvidenceMalformed => {
            return Err(failure);
        }
        (Err(error), _) => {
            let place = format!("line {}", error.line);
            return Err(Failure::invalid(vec![Located { place, message: error.message }]));
        }
    }
    Ok(report.counts.finish("junit", &report.name.unwrap_or_default()))
}

/// What an open element is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Suite,
    Case,
    Other,
}

#[derive(Default)]
struct Report {
    open: Vec<Part>,
    name: Option<String>,
    case: String,
    suites: Vec<Suite>,
    outcome: Outcome,
    counts: Counts,
}

/// An open suite.
struct Suite {
    name: String,
    /// Whether its header claims that something failed.
    claims_failure: bool,
    /// Whether anything stands in it that is counted.
    is_empty: bool,
}

impl Report {
    fn open(&mut self, element: &Element) -> Result<(), Failure> {
        let parent = self.open.last().copied();
        let part = match (parent, element.name.as_str()) {
            (None | Some(Part::Suite), "testsuites" | "testsuite") => {
                self.start_suite(element);
                Part::Suite
            }
            (None, other) => {
                let other: String = other.chars().take(80).collect();
                return Err(Failure::malformed(format!(
                    "`{other}` is no JUnit report: its root is testsuites or testsuite"
                )));
            }
            (Some(Part::Suite), "testcase") => {
                self.start_case(element);
                Part::Case
            }
            (Some(Part::Case), "failure") => self.went(Outcome::Failed),
            (Some(Part::Case), "error") => self.went(Outcome::Error),
            (Some(Part::Case), "skipped" | "disabled") => self.went(Outcome::Skipped),
            // Surefire's and pytest's reruns; the last run's outcome stands beside them.
            (Some(Part::Case), "flakyFailure" | "flakyError" | "rerun") => {
                self.went(Outcome::Flaky)
            }
            // A suite that broke outside of its cases must not read as one that passed.
            (Some(Part::Suite), "failure" | "error") => {
                let name = self.suites.last().map_or("", |suite| suite.name.as_str());
                self.counts.add(name, Outcome::Error)?;
                self.fill();
                Part::Other
            }
            _ => Part::Other,
        };
        self.open.push(part);
        Ok(())
    }

    fn start_suite(&mut self, element: &Element) {
        let name = element.attribute("name").unwrap_or_default().to_owned();
        if self.name.as_ref().is_none_or(String::is_empty) {
            self.name = Some(name.clone());
        }
        let claims_failure = ["failures", "errors"].into_iter().any(|key| {
            element
                .attribute(key)
                .is_some_and(|count| count.trim().parse().is_ok_and(|it: u64| it > 0))
        });
        self.fill();
        self.suites.push(Suite { name, claims_failure, is_empty: true });
    }

    fn start_case(&mut self, element: &Element) {
        let name = element.attribute("name").unwrap_or_default();
        self.case = match element.attribute("classname") {
            Some(class) if !class.is_empty() => format!("{class}.{name}"),
            _ => name.to_owned(),
        };
        self.outcome = stated(element);
        self.fill();
    }

    /// Something stands in the innermost suite.
    fn fill(&mut self) {
        if let Some(suite) = self.suites.last_mut() {
            suite.is_empty = false;
        }
    }

    fn went(&mut self, outcome: Outcome) -> Part {
        self.outcome = self.outcome.max(outcome);
        Part::Other
    }

    fn close(&mut self) -> Result<(), Failure> {
        match self.open.pop() {
            Some(Part::Case) => self.counts.add(&self.case, self.outcome),
            Some(Part::Suite) => match self.suites.pop() {
                // A suite that could not even begin has no cases, only its header to say so.
                Some(suite) if suite.is_empty && suite.claims_failure => {
                    self.counts.add(&suite.name, Outcome::Error)
                }
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }
}

/// The outcome that some dialects write as an attribute (Google Test, CTest, Bazel, NUnit).
fn stated(element: &Element) -> Outcome {
    let word = |key: &str| element.attribute(key).unwrap_or_default().to_ascii_lowercase();
    let of = |word: &str| match word {
        "fail" | "failed" | "failure" => Outcome::Failed,
        "error" | "errored" | "broken" => Outcome::Error,
        "notrun" | "skipped" | "suppressed" | "disabled" | "ignored" | "pending" => {
            Outcome::Skipped
        }
        _ => Outcome::Passed,
    };
    of(&word("status")).max(of(&word("result")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reason::Problem;

    /// Total, passed, failed, errors, skipped, flaky.
    fn counts(text: &str) -> [u64; 6] {
        let it = read(text).unwrap();
        [it.total, it.passed, it.failed, it.errors, it.skipped, it.flaky]
    }

    #[test]
    fn cases_are_counted_and_headers_are_not_believed() {
        let text = r#"<?xml version="1.0"?>
            <testsuites tests="0" failures="0"><testsuite name="all" failures="0">
            <testsuite name="inner"><testcase classname="c" name="a&amp;b"><failure/><error/></testcase></testsuite>
            <testcase name="fine"><system-out><![CDATA[<failure/>]]></system-out></testcase>
            <testcase name="left out"><skipped/></testcase><testcase name="broken"><error/></testcase>
            </testsuite></testsuites>"#;
        assert_eq!(counts(text), [4, 1, 1, 1, 1, 0]);
        let tests = read(text).unwrap();
        assert_eq!(tests.failing, ["c.a&b", "broken"]);
        assert_eq!(tests.name, "all");
    }

    #[test]
    fn a_suite_that_broke_outside_of_its_cases_has_an_error() {
        let tests = read("<testsuite name='s'><error/><testcase name='a'/></testsuite>").unwrap();
        assert_eq!((tests.total, tests.errors, tests.failing), (2, 1, vec!["s".to_owned()]));
        assert_eq!(
            counts("<testsuites><testsuite name='s' tests='0' errors='1'/></testsuites>"),
            [1, 0, 0, 1, 0, 0]
        );
        assert_eq!(counts("<testsuites failures='1'><testsuite/></testsuites>"), [0; 6]);
        assert_eq!(counts("<testsuite failures='9'><testcase/></testsuite>"), [1, 1, 0, 0, 0, 0]);
    }

    #[test]
    fn a_case_that_passed_when_run_again_is_flaky_and_one_that_never_did_failed() {
        for again in ["<flakyFailure><stackTrace/></flakyFailure>", "<flakyError/>", "<rerun/>"] {
            let text = format!("<testsuite><testcase name='a'>{again}</testcase></testsuite>");
            assert_eq!(counts(&text), [1, 1, 0, 0, 0, 1], "{again}");
        }
        for never in
            ["<failure/><rerunFailure/>", "<flakyFailure/><failure/>", "<rerun/><failure/>"]
        {
            let text = format!("<testsuite><testcase name='a'>{never}</testcase></testsuite>");
            assert_eq!(counts(&text), [1, 0, 1, 0, 0, 0], "{never}");
        }
    }

    #[test]
    fn outcomes_that_are_attributes_count() {
        let case =
            |attributes: &str| counts(&format!("<testsuite><testcase {attributes}/></testsuite>"));
        assert_eq!(case("status='run' result='completed'"), [1, 1, 0, 0, 0, 0]);
        assert_eq!(case("status='notrun' result='suppressed'"), [1, 0, 0, 0, 1, 0]);
        assert_eq!(case("status='FAILED'"), [1, 0, 1, 0, 0, 0]);
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
            "<!DOCTYPE testsuite SYSTEM 'http://h/x.dtd'><testsuite/>",
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
