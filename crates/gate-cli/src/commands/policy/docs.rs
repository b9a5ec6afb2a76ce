//! `gate policy docs`: the METADATA of policies as a page for those who must meet them.

mod book;
mod html;
mod markdown;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use gate_io::policy::{DataFiles, PolicyFiles};
use gate_rego::{Policy, Value};

use crate::commands::policy_eval::{modules, unloaded};
use crate::failure::Failure;
use crate::output::write_file;
use crate::terminal::{ExitStatus, Terminal};

/// Write a page about policies from their METADATA: what each rule asks, and how to meet it
///
/// Exit status: 0 it is written, 2 the policies cannot be read or do not compile.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gate policy docs policies > RULES.md
  gate policy docs --format html --output rules.html policies")]
pub(crate) struct Arguments {
    /// Files and folders of Rego
    #[arg(required = true, value_name = "FILE|DIR")]
    paths: Vec<PathBuf>,
    /// Form of the page
    #[arg(short, long, env = "GATE_FORMAT", value_name = "FORMAT", default_value = "markdown")]
    format: Form,
    /// A file for the page, instead of stdout
    #[arg(short, long, env = "GATE_OUTPUT", value_name = "PATH")]
    output: Option<PathBuf>,
    /// Its title
    #[arg(long, env = "GATE_TITLE", value_name = "TEXT", default_value = "Rules")]
    title: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// Markdown
    Markdown,
    /// One page of HTML that needs nothing beside it
    Html,
}

pub(crate) fn run(
    arguments: &Arguments,
    terminal: &mut Terminal<'_>,
) -> Result<ExitStatus, Failure> {
    let files = PolicyFiles::read(&arguments.paths, DataFiles::Bundle, false).map_err(unloaded)?;
    let policy =
        Policy::compile(&modules(files.modules), Value::object(vec![])).map_err(unloaded)?;
    let packages = book::packages(&policy);
    let page = match arguments.format {
        Form::Markdown => markdown::page(&arguments.title, &packages),
        Form::Html => html::page(&arguments.title, &packages),
    };
    match &arguments.output {
        Some(path) => write_file(path, page.as_bytes())?,
        None => terminal.data(page.as_bytes())?,
    }
    Ok(ExitStatus::Ok)
}
