//! `gate completions`: a completion script for a shell, on stdout.

use clap::Args;
use clap_complete::Shell;

use crate::cli::command;
use crate::failure::Failure;
use crate::terminal::{ExitStatus, Terminal};

/// Print a completion script for a shell
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gate completions bash > /etc/bash_completion.d/gate
  gate completions fish > ~/.config/fish/completions/gate.fish")]
pub(crate) struct Arguments {
    /// The shell
    shell: Shell,
}

pub(crate) fn run(
    arguments: &Arguments,
    terminal: &mut Terminal<'_>,
) -> Result<ExitStatus, Failure> {
    let mut script = vec![];
    clap_complete::generate(arguments.shell, &mut command(), "gate", &mut script);
    terminal.data(&script)?;
    Ok(ExitStatus::Ok)
}
