//! `gate explain`: a recorded decision, told again.

use clap::{Args, ValueEnum};
use gate_core::Digest;
use gate_io::store::Reader;
use gate_rego::explain::Detail;

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
  gate explain sha256:8d3f... --config gate.yaml --rules
  gate explain sha256:8d3f... --store gate.db --output json")]
pub(crate) struct Arguments {
    /// The decision's id
    #[arg(value_name = "ID")]
    id: Digest,
    /// Tell of each rule why it said what it said: what it found and with which values, or the
    /// expression that did not hold (`--rules=full` for every rule that was tried)
    #[arg(
        long,
        env = "GATE_RULES",
        value_name = "DETAIL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "fails"
    )]
    rules: Option<RulesDetail>,
    #[command(flatten)]
    store: StoreArguments,
    #[command(flatten)]
    output: OutputArguments,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum RulesDetail {
    /// What rules found, and what did not hold of the others
    Fails,
    /// Every rule that was tried
    Full,
}

pub(crate) fn run(
    arguments: &Arguments,
    terminal: &mut Terminal<'_>,
) -> Result<ExitStatus, Failure> {
    arguments.output.ready()?;
    let store = Reader::open(&arguments.store.path()?)?;
    let mut recorded = Recorded::read(&store, arguments.id)?;
    if let Some(detail) = arguments.rules {
        let detail = match detail {
            RulesDetail::Fails => Detail::Rules,
            RulesDetail::Full => Detail::Full,
        };
        recorded.add_rules(store.explain(arguments.id)?, detail);
    }
    arguments.output.write(terminal, &recorded, |paint| recorded.text(paint))?;
    Ok(ExitStatus::Ok)
}
