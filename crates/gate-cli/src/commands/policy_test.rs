//! `gate policy test`: runs the tests of policies, with the flags and reports of `opa test`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use gate_core::effects::{Clock, GateError};
use gate_core::reason::ErrorCode;
use gate_rego::Dialect;
use gate_rego::testing::{Coverage, Ending, FileCoverage, Report, Tests, run as run_tests};
use serde_json::{Value, json};

use super::policy_eval::modules;
use crate::failure::Failure;
use crate::output;
use crate::suites::Suites;
use crate::terminal::{ExitStatus, Terminal};

/// Run the tests of policies, as `opa test` does
///
/// Exit status: 0 all passed, 1 one failed, none was there or the coverage is too low, 2 the files
/// cannot be read or do not compile.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gate policy test policies
  gate policy test library/suite.yaml
  gate policy test --coverage --threshold 100 policies")]
pub(crate) struct Arguments {
    /// Files and folders of Rego, tests and data; suites of Gatekeeper's tests
    #[arg(required = true, value_name = "FILE|DIR")]
    paths: Vec<PathBuf>,
    /// Name every test, not only those that failed
    #[arg(
        short,
        long,
        env = "GATE_VERBOSE",
        value_parser = clap::builder::FalseyValueParser::new()
    )]
    verbose: bool,
    /// Report which lines were reached
    #[arg(
        short,
        long,
        env = "GATE_COVERAGE",
        value_parser = clap::builder::FalseyValueParser::new()
    )]
    coverage: bool,
    /// Percentage of lines that must be reached
    #[arg(long, env = "GATE_THRESHOLD", value_name = "PERCENT", value_parser = percent)]
    threshold: Option<f64>,
    /// Run only tests whose full name holds this text
    #[arg(short, long, env = "GATE_RUN", value_name = "TEXT")]
    run: Option<String>,
    /// Form of the report
    #[arg(short, long, env = "GATE_FORMAT", value_name = "FORMAT", default_value = "pretty")]
    format: TestFormat,
    /// Seconds for one test
    #[arg(long, env = "GATE_TIMEOUT", value_name = "SECONDS", default_value_t = 5)]
    timeout: u64,
    /// Read modules as Rego v0
    #[arg(
        long,
        env = "GATE_V0_COMPATIBLE",
        value_parser = clap::builder::FalseyValueParser::new()
    )]
    v0_compatible: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TestFormat {
    /// For people
    Pretty,
    /// For programs
    Json,
}

pub(crate) fn run(
    arguments: &Arguments,
    terminal: &mut Terminal<'_>,
    clock: &dyn Clock,
) -> Result<ExitStatus, Failure> {
    let invalid = |error: Box<dyn std::error::Error + Send + Sync>| {
        GateError::new(ErrorCode::PolicyInvalid, "the policies do not load").caused_by(error)
    };
    let suites = Suites::read(&arguments.paths).map_err(|error| invalid(error.into()))?;
    let files = suites.policies(&arguments.paths).map_err(|error| invalid(error.into()))?;
    let data =
        gate_rego::value::from(&files.data).map_err(|error| invalid(error.to_string().into()))?;
    let mut report = run_tests(Tests {
        modules: modules(files.modules),
        data,
        dialect: Dialect { v0: arguments.v0_compatible, strict_builtin_errors: false },
        now_ns: i64::try_from(clock.now().as_nanosecond()).unwrap_or(i64::MAX),
        limit: Duration::from_secs(arguments.timeout),
        only: arguments.run.clone(),
    })
    .map_err(|error| invalid(error.to_string().into()))?;
    let limit = Duration::from_secs(arguments.timeout);
    report.cases.extend(suites.run(limit, arguments.run.as_deref(), clock));
    write(arguments, terminal, &report)?;
    if report.cases.is_empty() {
        terminal.talk(format_args!("no test was run"))?;
    }
    let reached = reached(&report.coverage);
    let enough = arguments.threshold.is_none_or(|threshold| reached >= threshold);
    if !enough {
        terminal.talk(format_args!("the coverage is {reached:.2} %, below the threshold"))?;
    }
    Ok(ExitStatus::accepted(report.passed() && !report.cases.is_empty() && enough))
}

fn write(
    arguments: &Arguments,
    terminal: &mut Terminal<'_>,
    report: &Report,
) -> Result<(), Failure> {
    match (arguments.format, arguments.coverage) {
        (TestFormat::Pretty, coverage) => {
            terminal.data(report.text(arguments.verbose).as_bytes())?;
            let text = if coverage { report.coverage.text() } else { String::new() };
            terminal.data(text.as_bytes())
        }
        (TestFormat::Json, true) => terminal.data(&output::json(&coverage(&report.coverage))?),
        (TestFormat::Json, false) => terminal.data(&output::json(&cases(report))?),
    }
}

/// The tests in the form of `opa test --format json`, without durations.
fn cases(report: &Report) -> Value {
    let cases = report.cases.iter().map(|case| {
        let (package, name) = case.name.rsplit_once('.').unwrap_or(("data", &case.name));
        let mut told = json!({
            "location": {"file": case.file, "row": case.line, "col": 1},
            "package": package,
            "name": name,
        });
        match &case.ending {
            Ending::Pass => {}
            Ending::Fail => told["fail"] = true.into(),
            Ending::Skipped => told["skip"] = true.into(),
            Ending::Error(message) => told["error"] = json!({"message": message}),
        }
        told
    });
    cases.collect()
}

/// The coverage in the form of `opa test --coverage`, a range a line.
fn coverage(coverage: &Coverage) -> Value {
    let ranges = |lines: &std::collections::BTreeSet<u32>| -> Value {
        lines.iter().map(|row| json!({"start": {"row": row}, "end": {"row": row}})).collect()
    };
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
        "files": coverage.files.iter().map(file).collect::<serde_json::Map<_, _>>(),
        "covered_lines": covered,
        "not_covered_lines": all - covered,
        "coverage": share(covered, all),
    })
}

fn reached(coverage: &Coverage) -> f64 {
    let (covered, all) = coverage.lines();
    share(covered, all)
}

/// Percent; everything of nothing.
fn share(covered: usize, all: usize) -> f64 {
    let number = |lines: usize| f64::from(u32::try_from(lines).unwrap_or(u32::MAX));
    if all == 0 { 100.0 } else { number(covered) * 100.0 / number(all) }
}

fn percent(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|percent| (0.0..=100.0).contains(percent))
        .ok_or_else(|| "write a number from 0 to 100".to_owned())
}
