//! `gate explain`: a recorded decision, told again.

use clap::Args;
use gate_core::Digest;
use gate_io::store::Reader;

use crate::failure::Failure;
use crate::output::OutputArguments;
use crate::recorded::Recorded;
use crate::store_place::StoreArguments;
use crate::terminal::{ExitStatus, Terminal};

/// Explain a recorded decision: why it was made, on which evidence, by which rules
///
/// Exit status: 0 it is told, 2 there is none or the store cannot be read.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gate explain sha256:8d3f... --config gate.yaml
  gate explain sha256:8d3f... --store gate.db --output json")]
pub(crate) struct Arguments {
    /// The decision's id
    #[arg(value_name = "ID")]
    id: Digest,
    #[command(flatten)]
    store: StoreArguments,
    #[command(flatten)]
    output: OutputArguments,
}

pub(crate) fn run(
    arguments: &Arguments,
    terminal: &mut Terminal<'_>,
) -> Result<ExitStatus, Failure> {
    arguments.output.ready()?;
    let store = Reader::open(&arguments.store.path()?)?;
    let recorded = Recorded::read(&store, arguments.id)?;
    arguments.output.write(terminal, &recorded, |paint| recorded.text(paint))?;
    Ok(ExitStatus::Ok)
}
