//! The forms of a test report: for people, for programs that read `opa test`, for CI systems.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::ValueEnum;
use gate_rego::explain::Detail;
use gate_rego::testing::{Case, Coverage, Ending, FileCoverage, Report, SubCase};
use serde_json::{Map, Value, json};

use crate::failure::Failure;
use crate::output;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Form {
    /// For people
    Pretty,
    /// As `opa test --format json`, with `--coverage` as `opa test --coverage`
    Json,
    /// `JUnit`'s XML
    Junit,
    /// The lines that were reached, as LCOV
    Lcov,
    /// The lines that were reached, as `opa test --coverage`
    Coverage,
}

/// `FORMAT=PATH`.
pub(super) fn target(text: &str) -> Result<(Form, PathBuf), String> {
    let wrong = || "write FORMAT=PATH, as junit=tests.xml".to_owned();
    let (form, path) = text.split_once('=').ok_or_else(wrong)?;
    if path.is_empty() {
        return Err(wrong());
    }
    Ok((Form::from_str(form, false)?, PathBuf::from(path)))
}

impl Form {
    pub(super) fn bytes(
        self,
        report: &Report,
        verbose: bool,
        covered: bool,
    ) -> Result<Vec<u8>, Failure> {
        match self {
            Self::Pretty => {
                let mut text = report.text(verbose);
                if covered {
                    text.push_str(&report.coverage.text());
                }
                Ok(text.into_bytes())
            }
            Self::Json if covered => output::json(&coverage(&report.coverage)),
            Self::Json => output::json(&report.cases.iter().map(case).collect::<Value>()),
            Self::Junit => Ok(junit(report).into_bytes()),
            Self::Lcov => Ok(report.coverage.lcov().into_bytes()),
            Self::Coverage => output::json(&coverage(&report.coverage)),
        }
    }
}

/// A test in the form of `opa test --format json`.
fn case(case: &Case) -> Value {
    let mut told = json!({
        "location": {"file": case.file, "row": case.line, "col": case.column},
        "package": case.package,
        "name": case.name,
        "duration": u64::try_from(case.time.as_nanos()).unwrap_or(u64::MAX),
    });
    match &case.ending {
        Ending::Pass => {}
        Ending::Fail => told["fail"] = true.into(),
        Ending::Skipped => told["skip"] = true.into(),
        Ending::Error { code, place, message } => {
            told["error"] = json!({"code": code, "message": message});
            if let Some(place) = place {
                told["error"]["location"] =
                    json!({"file": place.path, "row": place.line, "col": place.column});
            }
        }
    }
    if !case.prints.is_empty() {
        let text = case.prints.join("\n") + "\n";
        told["output"] = STANDARD.encode(text).into();
    }
    if !case.cases.is_empty() {
        told["sub_results"] = sub_results(&case.cases);
    }
    if case.ending == Ending::Fail {
        told["explanation"] = case.explanation.json(Detail::Fails);
    }
    told
}

fn sub_results(cases: &[SubCase]) -> Value {
    let one = |case: &SubCase| {
        let mut told = json!({"name": case.name});
        if !case.passed {
            told["fail"] = true.into();
        }
        if !case.below.is_empty() {
            told["sub_results"] = sub_results(&case.below);
        }
        (case.name.clone(), told)
    };
    Value::Object(cases.iter().map(one).collect::<Map<_, _>>())
}

/// The coverage in the form of `opa test --coverage`, neighbouring lines in one range.
fn coverage(coverage: &Coverage) -> Value {
    let file = |file: &FileCoverage| {
        let told = json!({
            "covered": ranges(&file.covered),
            "not_covered": ranges(&file.not_covered),
            "covered_lines": file.covered.len(),
            "not_covered_lines": file.not_covered.len(),
            "coverage": share(file.covered.len(), file.covered.len() + file.not_covered.len()),
        });
        (file.path.clone(), told)
    };
    let (covered, all) = coverage.lines();
    json!({
        "files": coverage.files.iter().map(file).collect::<Map<_, _>>(),
        "covered_lines": covered,
        "not_covered_lines": all - covered,
        "coverage": share(covered, all),
    })
}

fn ranges(lines: &BTreeSet<u32>) -> Value {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for line in lines {
        match ranges.last_mut() {
            Some((_, end)) if *end + 1 == *line => *end = *line,
            _ => ranges.push((*line, *line)),
        }
    }
    let one = |(start, end): &(u32, u32)| json!({"start": {"row": start}, "end": {"row": end}});
    ranges.iter().map(one).collect()
}

/// Percent; everything of nothing.
pub(super) fn share(covered: usize, all: usize) -> f64 {
    let number = |lines: usize| f64::from(u32::try_from(lines).unwrap_or(u32::MAX));
    if all == 0 { 100.0 } else { number(covered) * 100.0 / number(all) }
}

/// One suite a package, one case a test.
fn junit(report: &Report) -> String {
    let mut suites: BTreeMap<&str, Vec<&Case>> = BTreeMap::new();
    for case in &report.cases {
        suites.entry(&case.package).or_default().push(case);
    }
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(out, "<testsuites {}>", counts(&report.cases.iter().collect::<Vec<_>>()));
    for (package, cases) in suites {
        let _ = writeln!(out, "  <testsuite name=\"{}\" {}>", escaped(package), counts(&cases));
        for case in cases {
            junit_case(&mut out, case);
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

fn counts(cases: &[&Case]) -> String {
    let count =
        |wanted: fn(&Ending) -> bool| cases.iter().filter(|case| wanted(&case.ending)).count();
    format!(
        "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{:.6}\"",
        cases.len(),
        count(|ending| *ending == Ending::Fail),
        count(|ending| matches!(ending, Ending::Error { .. })),
        count(|ending| *ending == Ending::Skipped),
        cases.iter().map(|case| case.time).sum::<Duration>().as_secs_f64(),
    )
}

fn junit_case(out: &mut String, case: &Case) {
    let _ = writeln!(
        out,
        "    <testcase classname=\"{}\" name=\"{}\" file=\"{}\" line=\"{}\" time=\"{:.6}\">",
        escaped(&case.package),
        escaped(&case.name),
        escaped(&case.file),
        case.line,
        case.time.as_secs_f64(),
    );
    match &case.ending {
        Ending::Pass => {}
        Ending::Skipped => out.push_str("      <skipped/>\n"),
        Ending::Fail => {
            let mut why = String::new();
            failed_cases(&mut why, &case.cases, "");
            why.push_str(&case.explanation.text(Detail::Fails));
            let why = escaped(&why);
            let _ =
                writeln!(out, "      <failure message=\"the test is not true\">{why}</failure>");
        }
        Ending::Error { code, place, message } => {
            let at = place.as_ref().map(|at| format!("{at}: ")).unwrap_or_default();
            let (code, text) = (escaped(code), escaped(&format!("{at}{message}")));
            let _ = writeln!(out, "      <error type=\"{code}\" message=\"{text}\"/>");
        }
    }
    if !case.prints.is_empty() {
        let _ =
            writeln!(out, "      <system-out>{}</system-out>", escaped(&case.prints.join("\n")));
    }
    out.push_str("    </testcase>\n");
}

fn failed_cases(out: &mut String, cases: &[SubCase], above: &str) {
    for case in cases.iter().filter(|case| !case.passed) {
        let name = format!("{above}{}", case.name);
        if case.below.is_empty() {
            let _ = writeln!(out, "{name}: FAIL");
        }
        failed_cases(out, &case.below, &format!("{name}/"));
    }
}

/// Text in XML; characters that XML has no form for are replaced.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_lines_are_one_range() {
        let lines = BTreeSet::from([3, 4, 5, 9]);
        let told = json!([{"start": {"row": 3}, "end": {"row": 5}},
            {"start": {"row": 9}, "end": {"row": 9}}]);
        assert_eq!(ranges(&lines), told);
    }

    #[test]
    fn a_test_cannot_break_out_of_the_xml() {
        assert_eq!(escaped("</a>&\"\u{1b}"), "&lt;/a&gt;&amp;&quot;\u{fffd}");
    }

    #[test]
    fn further_reports_name_their_form_and_path() {
        assert_eq!(target("junit=a=b"), Ok((Form::Junit, PathBuf::from("a=b"))));
        assert!(target("junit").is_err() && target("junit=").is_err() && target("x=y").is_err());
    }
}
