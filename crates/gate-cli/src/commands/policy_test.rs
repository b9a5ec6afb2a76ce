//! `gate policy test`: runs the tests of policies, with the flags and reports of `opa test`.

mod report;

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use gate_core::effects::Clock;
use gate_core::limits::DOCUMENT_BYTES;
use gate_core::policy::configurations;
use gate_io::files::read_bounded;
use gate_rego::Dialect;
use gate_rego::testing::{Coverage, Report, Tests, TestsError, run as run_tests};
use report::Form;

use super::policy_eval::{modules, unloaded};
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
  gate policy test --coverage --threshold 100 policies
  gate policy test -r 'sbom.*old' --format junit policies
  gate policy test --output junit=tests.xml --output lcov=rego.lcov policies")]
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
    /// Run only tests whose full name (`data.package.test_x`) this regular expression matches
    #[arg(short, long, env = "GATE_RUN", value_name = "REGEX")]
    run: Option<String>,
    /// How many tests run at once [default: as many as there are processors]
    #[arg(short, long, env = "GATE_PARALLEL", value_name = "NUMBER")]
    parallel: Option<usize>,
    /// Form of the report
    #[arg(short, long, env = "GATE_FORMAT", value_name = "FORMAT", default_value = "pretty")]
    format: Form,
    /// A further report in a file; repeatable
    #[arg(
        long,
        env = "GATE_OUTPUT",
        value_name = "FORMAT=PATH",
        value_delimiter = '\n',
        value_parser = report::target
    )]
    output: Vec<(Form, PathBuf)>,
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

pub(crate) fn run(
    arguments: &Arguments,
    terminal: &mut Terminal<'_>,
    clock: &dyn Clock,
) -> Result<ExitStatus, Failure> {
    let suites = Suites::read(&arguments.paths).map_err(unloaded)?;
    let files = suites.policies(&arguments.paths).map_err(unloaded)?;
    let data = gate_rego::value::from(&files.data).map_err(|error| unloaded(error.to_string()))?;
    let report = run_tests(Tests {
        modules: modules(files.modules),
        data,
        dialect: Dialect { v0: arguments.v0_compatible, strict_builtin_errors: false },
        now_ns: i64::try_from(clock.now().as_nanosecond()).unwrap_or(i64::MAX),
        limit: Duration::from_secs(arguments.timeout),
        only: arguments.run.clone(),
        parallel: arguments.parallel.filter(|number| *number > 0).unwrap_or_else(processors),
        outside: Some(configurations(Some(Box::new(read_beside)))),
    });
    let mut report = match report {
        Ok(report) => report,
        Err(error @ TestsError::Compile(_)) => {
            return Err(unloaded(error.to_string()).into());
        }
        Err(error) => return Err(Failure::usage(error.to_string())),
    };
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

/// The text of a file beside a module, as Conftest's builtins read it in tests.
fn read_beside(module: &str, path: &str) -> Result<String, String> {
    let path = Path::new(module).parent().unwrap_or(Path::new("")).join(path);
    let bytes = read_bounded(&path, DOCUMENT_BYTES)
        .map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    String::from_utf8(bytes).map_err(|error| format!("{}: {error}", path.display()))
}

/// Files first: a report that cannot be kept must not look kept.
fn write(
    arguments: &Arguments,
    terminal: &mut Terminal<'_>,
    report: &Report,
) -> Result<(), Failure> {
    for (form, path) in &arguments.output {
        output::write_file(path, &form.bytes(report, arguments.verbose, true)?)?;
    }
    let bytes = arguments.format.bytes(report, arguments.verbose, arguments.coverage)?;
    terminal.data(&bytes)
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

fn reached(coverage: &Coverage) -> f64 {
    let (covered, all) = coverage.lines();
    report::share(covered, all)
}

fn percent(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|percent| (0.0..=100.0).contains(percent))
        .ok_or_else(|| "write a number from 0 to 100".to_owned())
}
