//! `gate policy lint`: what is suspicious in policies that load.

mod report;

use std::path::PathBuf;

use clap::Args;
use gate_core::policy::{self, always_there, unknown_fields};
use gate_io::policy::PolicyFiles;
use gate_rego::lint::{Check, Finding, Lint, lint, retain_unignored};
use gate_rego::{Dialect, Place, Policy};
use report::Form;

use crate::commands::policy_eval::{modules, unloaded};
use crate::failure::Failure;
use crate::output;
use crate::terminal::{ExitStatus, Terminal};

/// The rules that find something.
const ENTRIES: &[&str] = &["deny", "warn", "violation"];

/// Look for what is suspicious in policies: rules that cannot fire or that nobody can explain
///
/// A comment `# gate:ignore CODE` on the line or the one before leaves a finding out.
/// Exit status: 0 nothing is found, 1 something is, 2 the files cannot be read or do not compile.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gate policy lint policies
  gate policy lint --format github policies
  gate policy lint --output sarif=lint.sarif policies
  gate policy lint --checks")]
pub(crate) struct Arguments {
    /// Files and folders of Rego, tests and data
    #[arg(required_unless_present = "checks", value_name = "FILE|DIR")]
    paths: Vec<PathBuf>,
    /// Form of the report
    #[arg(short, long, env = "GATE_FORMAT", value_name = "FORMAT", default_value = "text")]
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
    /// Leave out findings of this code; repeatable
    #[arg(long, env = "GATE_IGNORE", value_name = "CODE", value_delimiter = '\n')]
    ignore: Vec<String>,
    /// List what is looked for, and end
    #[arg(long, env = "GATE_CHECKS", value_parser = clap::builder::FalseyValueParser::new())]
    checks: bool,
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
) -> Result<ExitStatus, Failure> {
    let known = |code: &&String| !Check::ALL.iter().any(|check| check.code() == code.as_str());
    if let Some(code) = arguments.ignore.iter().find(known) {
        return Err(Failure::usage(format!(
            "`{code}` is no code: see `gate policy lint --checks`"
        )));
    }
    if arguments.checks {
        for check in Check::ALL {
            let line = format!("{}: {}\n", check.code(), check.description());
            terminal.data(line.as_bytes())?;
        }
        return Ok(ExitStatus::Ok);
    }
    let files = PolicyFiles::read_all(&arguments.paths).map_err(unloaded)?;
    let data = gate_rego::value::from(&files.data).map_err(|error| unloaded(error.to_string()))?;
    let modules = modules(files.modules);
    let (policy, mut found) = lint(&Lint {
        modules: &modules,
        data,
        dialect: Dialect { v0: arguments.v0_compatible, strict_builtin_errors: true },
        entries: ENTRIES,
        always: &always_there,
    })
    .map_err(unloaded)?;
    found.extend(unknown_fields_of(&policy));
    retain_unignored(&mut found, &modules);
    found.sort_by(|a, b| (&a.place, a.check).cmp(&(&b.place, b.check)));
    found.retain(|finding| !arguments.ignore.iter().any(|code| finding.check.code() == code));
    for (form, path) in &arguments.output {
        output::write_file(path, &form.bytes(&found)?)?;
    }
    terminal.data(&arguments.format.bytes(&found)?)?;
    Ok(ExitStatus::accepted(found.is_empty()))
}

/// Fields that no input document has; rules written for Conftest read another document.
fn unknown_fields_of(compiled: &Policy) -> Vec<Finding> {
    if !policy::Dialect::shown(false, compiled.rules()).is_gate() {
        return vec![];
    }
    let found = unknown_fields(compiled.input_reads()).into_iter();
    let found = found.filter(|field| !field.file.ends_with("_test.rego"));
    let finding = |field: policy::UnknownField| Finding {
        check: Check::UnknownInputField,
        place: Place { path: field.file, line: field.line, column: field.column },
        message: field.message,
    };
    found.map(finding).collect()
}
