//! `gate replay`: a recorded decision, judged again from its record alone.

use std::fmt::Write;

use clap::Args;
use gate_core::Digest;
use gate_core::effects::Clock;
use gate_io::store::{Reader, Replayed};
use serde::Serialize;

use crate::account::summary;
use crate::failure::Failure;
use crate::output::OutputArguments;
use crate::store_place::StoreArguments;
use crate::terminal::{ExitStatus, Paint, Terminal, plain};

/// Judge a recorded decision again, from its record alone
///
/// The recorded policy evaluates the recorded facts as of the recorded time; with `--verify` the
/// cryptography is repeated too. Exit status: 0 the decision is the same bytes, 1 it differs, 2 it
/// cannot be replayed.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gate replay sha256:8d3f... --store gate.db
  gate replay sha256:8d3f... --config gate.yaml --verify")]
pub(crate) struct Arguments {
    /// The decision's id
    #[arg(value_name = "ID")]
    id: Digest,
    /// Verify the recorded evidence again, instead of taking the recorded facts
    #[arg(long, env = "GATE_VERIFY", value_parser = clap::builder::FalseyValueParser::new())]
    verify: bool,
    #[command(flatten)]
    store: StoreArguments,
    #[command(flatten)]
    output: OutputArguments,
}

/// What came of the replay.
#[derive(Debug, Serialize)]
struct Outcome<'a> {
    id: Digest,
    identical: bool,
    verified: bool,
    gate: &'a str,
    decision: &'a gate_core::decision::Decision,
    differences: Vec<Difference<'a>>,
}

#[derive(Debug, Serialize)]
struct Difference<'a> {
    path: &'a str,
    recorded: &'a serde_json::Value,
    replayed: &'a serde_json::Value,
}

pub(crate) fn run(
    arguments: &Arguments,
    terminal: &mut Terminal<'_>,
    clock: &dyn Clock,
) -> Result<ExitStatus, Failure> {
    arguments.output.ready()?;
    let store = Reader::open(&arguments.store.path()?)?;
    let replayed = store.replay(arguments.id, arguments.verify, clock)?;
    let outcome = Outcome::new(&replayed, arguments.verify);
    arguments.output.write(terminal, &outcome, |paint| outcome.text(paint))?;
    Ok(ExitStatus::accepted(outcome.identical))
}

impl<'a> Outcome<'a> {
    fn new(replayed: &'a Replayed, verified: bool) -> Self {
        let differences = replayed.differences.iter().map(|difference| Difference {
            path: &difference.path,
            recorded: &difference.recorded,
            replayed: &difference.replayed,
        });
        Self {
            id: replayed.id,
            identical: replayed.differences.is_empty(),
            verified,
            gate: &replayed.gate,
            decision: &replayed.decision,
            differences: differences.collect(),
        }
    }

    fn text(&self, paint: Paint) -> String {
        let verdict = if self.identical { paint.good("IDENTICAL") } else { paint.bad("DIFFERENT") };
        let from = if self.verified { "recorded evidence" } else { "recorded facts" };
        let mut out = format!("{verdict}  {}\n", self.id);
        // Writing to a string does not fail.
        let _ = writeln!(out, "  replayed     from {from}: {}", summary(self.decision));
        let _ = writeln!(out, "  recorded by  gate {}", plain(self.gate));
        for difference in &self.differences {
            let [recorded, replayed] =
                [difference.recorded, difference.replayed].map(|value| plain(&value.to_string()));
            let _ = writeln!(out, "\n  {}", plain(difference.path));
            let _ = writeln!(out, "      recorded  {recorded}\n      replayed  {replayed}");
        }
        out
    }
}
