//! `gate policy eval`: a query over modules, data and input, with the flags and answers of `opa eval`.

use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use gate_core::effects::{Clock, GateError};
use gate_core::limits::SBOM_BYTES;
use gate_core::reason::ErrorCode;
use gate_io::files::read_bounded;
use gate_io::policy::PolicyFiles;
use gate_rego::eval::{Evaluation, Format, Output, Telling, eval_telling, render};
use gate_rego::explain::Detail;
use gate_rego::{Dialect, Module, Value};

use crate::failure::{Failure, chain};
use crate::terminal::{ExitStatus, Terminal};

/// Evaluate a query over policies, data and an input, as `opa eval` does
///
/// Exit status: 0 it was evaluated, defined or not; 1 `--fail` or `--fail-defined` says so; 2 it could
/// not be.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "a field is a flag")]
#[command(after_help = "\
Examples:
  gate policy eval -d policies -i input.json data.signature.deny
  gate policy eval -d policies -i input.json --explain --format pretty data.sbom.deny
  gate policy eval --format raw '1 + 1'")]
pub(crate) struct Arguments {
    /// The query
    query: String,
    /// File or folder of Rego and data; repeatable
    #[arg(short, long, env = "GATE_DATA", value_name = "FILE|DIR", value_delimiter = '\n')]
    data: Vec<PathBuf>,
    /// Bundle, packed or a folder; repeatable
    #[arg(short, long, env = "GATE_BUNDLE", value_name = "BUNDLE", value_delimiter = '\n')]
    bundle: Vec<PathBuf>,
    /// The input document (JSON or YAML)
    #[arg(short, long, env = "GATE_INPUT", value_name = "FILE")]
    input: Option<PathBuf>,
    /// Read the input document from stdin
    #[arg(
        short = 'I',
        long,
        env = "GATE_STDIN_INPUT",
        conflicts_with = "input",
        value_parser = clap::builder::FalseyValueParser::new()
    )]
    stdin_input: bool,
    /// Exit with 1 where the query is undefined
    #[arg(long, env = "GATE_FAIL", value_parser = clap::builder::FalseyValueParser::new())]
    fail: bool,
    /// Exit with 1 where the query is defined
    #[arg(
        long,
        env = "GATE_FAIL_DEFINED",
        conflicts_with = "fail",
        value_parser = clap::builder::FalseyValueParser::new()
    )]
    fail_defined: bool,
    /// Form of the answer
    #[arg(short, long, env = "GATE_FORMAT", value_name = "FORMAT", default_value = "json")]
    format: EvalFormat,
    /// Tell which rules were tried and which expressions did not hold, with their values
    #[arg(
        long,
        env = "GATE_EXPLAIN",
        value_name = "DETAIL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "fails"
    )]
    explain: Option<ExplainDetail>,
    /// Tell which lines took the time, the hottest first
    #[arg(long, env = "GATE_PROFILE", value_parser = clap::builder::FalseyValueParser::new())]
    profile: bool,
    /// An error of a builtin ends the evaluation, instead of being undefined
    #[arg(
        long,
        env = "GATE_STRICT_BUILTIN_ERRORS",
        value_parser = clap::builder::FalseyValueParser::new()
    )]
    strict_builtin_errors: bool,
    /// Read modules as Rego v0
    #[arg(
        long,
        env = "GATE_V0_COMPATIBLE",
        value_parser = clap::builder::FalseyValueParser::new()
    )]
    v0_compatible: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum EvalFormat {
    /// The whole answer
    Json,
    /// Values alone, text without quotes
    Raw,
    /// Values for people
    Pretty,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ExplainDetail {
    /// Rules that gave nothing, with the expressions that did not hold
    Fails,
    /// Every rule that was tried, with what it gave
    Full,
}

impl From<EvalFormat> for Format {
    fn from(format: EvalFormat) -> Self {
        match format {
            EvalFormat::Json => Self::Json,
            EvalFormat::Raw => Self::Raw,
            EvalFormat::Pretty => Self::Pretty,
        }
    }
}

pub(crate) fn run(
    arguments: &Arguments,
    terminal: &mut Terminal<'_>,
    clock: &dyn Clock,
) -> Result<ExitStatus, Failure> {
    let input = match &arguments.input {
        Some(path) => Some(input(path)?),
        None if arguments.stdin_input => Some(input(Path::new("/dev/stdin"))?),
        None => None,
    };
    // Policies that cannot be read are an answer of the query's own form, as OPA has it.
    let output = match evaluation(arguments, input, clock) {
        Ok(evaluation) => eval_telling(evaluation, telling(arguments)),
        Err(message) => Output::error(&message),
    };
    let rendered = render(&output, arguments.format.into());
    terminal.data(rendered.stdout.as_bytes())?;
    if !rendered.stderr.is_empty() {
        terminal.talk(format_args!("{}", rendered.stderr.trim_end()))?;
    }
    let defined = output.document.field("result").is_some();
    Ok(match output.failed {
        true => ExitStatus::Undecided,
        false if arguments.fail => ExitStatus::accepted(defined),
        false if arguments.fail_defined => ExitStatus::accepted(!defined),
        false => ExitStatus::Ok,
    })
}

fn telling(arguments: &Arguments) -> Telling {
    let explain = arguments.explain.map(|detail| match detail {
        ExplainDetail::Fails => Detail::Fails,
        ExplainDetail::Full => Detail::Full,
    });
    Telling { explain, profile: arguments.profile }
}

fn evaluation(
    arguments: &Arguments,
    input: Option<Value>,
    clock: &dyn Clock,
) -> Result<Evaluation, String> {
    let files = PolicyFiles::read_all_and(&arguments.data, &arguments.bundle)
        .map_err(|error| chain(&error))?;
    let data = gate_rego::value::from(&files.data).map_err(|error| error.to_string())?;
    Ok(Evaluation {
        modules: modules(files.modules),
        data,
        input,
        dialect: Dialect {
            v0: arguments.v0_compatible,
            strict_builtin_errors: arguments.strict_builtin_errors,
        },
        query: arguments.query.clone(),
        now_ns: i64::try_from(clock.now().as_nanosecond()).unwrap_or(i64::MAX),
        limit: None,
    })
}

/// Why policies do not load.
pub(crate) fn unloaded(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> GateError {
    GateError::new(ErrorCode::PolicyInvalid, "the policies do not load").caused_by(error)
}

/// Paths and sources as modules.
pub(crate) fn modules(files: Vec<(String, String)>) -> Vec<Module> {
    files.into_iter().map(|(path, source)| Module::new(path, source)).collect()
}

/// JSON straight into the engine's form, since an input may be large; YAML where it is none.
fn input(path: &Path) -> Result<Value, Failure> {
    let unread = |error| Failure::read(path, error);
    let bytes = read_bounded(path, SBOM_BYTES).map_err(unread)?;
    let text = String::from_utf8(bytes).map_err(|error| unread(io::Error::other(error)))?;
    Value::from_json(&text)
        .or_else(|json| gate_rego::value::from_yaml(&text).map_err(|_| json))
        .map_err(|error| unread(io::Error::other(error)))
}
