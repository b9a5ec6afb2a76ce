//! The `gate` command, one file a subcommand: arguments in, exit status out.

mod account;
mod attestation;
mod cli;
mod commands;
mod dialect;
mod failure;
mod ledger_key;
mod output;
mod recorded;
mod registry;
mod settings;
mod signature;
mod store_place;
mod suites;
mod terminal;
mod trust;

use std::ffi::OsString;

use clap::FromArgMatches;
use gate_core::effects::Clock;

pub use cli::command;
pub use terminal::{ExitStatus, Terminal};

/// Runs `gate` with these arguments (the first is the program's name).
pub fn run(
    arguments: impl IntoIterator<Item = OsString>,
    terminal: &mut Terminal<'_>,
    clock: &dyn Clock,
) -> ExitStatus {
    let parsed = command()
        .try_get_matches_from(arguments)
        .and_then(|matches| cli::Cli::from_arg_matches(&matches));
    let result = match parsed {
        Ok(cli) => cli.command.run(terminal, clock),
        Err(error) => failure::tell_usage(&error, terminal),
    };
    result.and_then(|status| terminal.flush().map(|()| status)).unwrap_or_else(|failure| {
        // Nobody is left to be told when stderr fails too; the exit status still says it.
        let _ = failure.tell(terminal);
        ExitStatus::Undecided
    })
}
