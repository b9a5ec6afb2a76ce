//! `gate ledger verify`: the whole ledger against its key, and the first thing that was changed.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use gate_core::Digest;
use gate_core::ledger::{TlogProof, VerifierKey};
use gate_core::limits::BUNDLE_BYTES;
use gate_core::record::Receipt;
use gate_io::files::read_bounded;
use gate_io::store::{AuditError, Audited, verify_ledger};
use serde::Serialize;

use crate::failure::{Failure, chain};
use crate::ledger_key::ledger_key;
use crate::output::OutputArguments;
use crate::terminal::{ExitStatus, Paint, Terminal, plain};

/// Verify the ledger: every decision, attestation, evidence blob, leaf and checkpoint
///
/// The first thing that was changed is named. Without a checkpoint that was kept elsewhere, an end
/// that was cut off cannot be told from one that was never written: give `--against`. Exit status: 0
/// nothing was changed, 1 something was, 2 the store cannot be read.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gate ledger verify --store gate.db --ledger-key ledger.vkey
  gate ledger verify --store gate.db --ledger-key ledger.vkey --against receipt.json")]
pub(crate) struct Arguments {
    /// The store
    #[arg(long, env = "GATE_STORE", value_name = "PATH")]
    store: PathBuf,
    /// Verifier key of the ledger, or a file that holds it
    #[arg(long, env = "GATE_LEDGER_KEY", value_name = "VKEY")]
    ledger_key: String,
    /// File with a checkpoint seen earlier, or a receipt that holds one: the ledger must begin with it
    #[arg(long, env = "GATE_AGAINST", value_name = "CHECKPOINT")]
    against: Option<PathBuf>,
    #[command(flatten)]
    output: OutputArguments,
}

/// What the audit found.
#[derive(Debug, Serialize)]
struct Outcome {
    intact: bool,
    #[serde(flatten)]
    counts: Option<Counts>,
    changed: Option<Changed>,
}

#[derive(Debug, Serialize)]
struct Counts {
    leaves: u64,
    checkpoints: u64,
    root: Digest,
    kept: u64,
    blobs: u64,
}

/// The first thing that was changed.
#[derive(Debug, Serialize)]
struct Changed {
    what: String,
    place: String,
    expected: String,
    found: String,
}

pub(crate) fn run(
    arguments: &Arguments,
    terminal: &mut Terminal<'_>,
) -> Result<ExitStatus, Failure> {
    arguments.output.ready()?;
    let key: VerifierKey = ledger_key(&arguments.ledger_key)?
        .parse()
        .map_err(|error: gate_core::ledger::VerifierKeyError| Failure::Usage(error.to_string()))?;
    let against = arguments.against.as_deref().map(checkpoint).transpose()?;
    let outcome = match verify_ledger(&arguments.store, &key, against.as_deref()) {
        Ok(audited) => Outcome { intact: true, counts: Some(audited.into()), changed: None },
        Err(AuditError::Fault(fault)) => {
            Outcome { intact: false, counts: None, changed: Some((*fault).into()) }
        }
        Err(AuditError::Store(error)) => return Err(error.into()),
        Err(error @ AuditError::Against(_)) => return Err(Failure::Usage(chain(&error))),
    };
    arguments.output.write(terminal, &outcome, |paint| outcome.text(paint))?;
    Ok(ExitStatus::accepted(outcome.intact))
}

/// The checkpoint in a file: itself, or the one in the proof of a receipt.
fn checkpoint(path: &Path) -> Result<String, Failure> {
    let bytes = read_bounded(path, BUNDLE_BYTES).map_err(|source| Failure::read(path, source))?;
    let receipt = serde_json::from_slice::<Receipt>(&bytes).ok();
    if let Some(proof) = receipt.and_then(|receipt| receipt.proof.parse::<TlogProof>().ok()) {
        return Ok(proof.checkpoint);
    }
    String::from_utf8(bytes)
        .map_err(|_| Failure::usage(format!("{} holds no checkpoint", path.display())))
}

impl From<Audited> for Counts {
    fn from(audited: Audited) -> Self {
        let Audited { leaves, checkpoints, root, kept, blobs } = audited;
        Self { leaves, checkpoints, root, kept, blobs }
    }
}

impl From<gate_io::store::Fault> for Changed {
    fn from(fault: gate_io::store::Fault) -> Self {
        let gate_io::store::Fault { what, place, expected, found } = fault;
        Self { what: what.to_owned(), place, expected, found }
    }
}

impl Outcome {
    fn text(&self, paint: Paint) -> String {
        let mut out = String::new();
        let fields = match (&self.counts, &self.changed) {
            (Some(counts), _) => {
                let _ = writeln!(out, "{}", paint.good("INTACT"));
                vec![
                    ("entries", counts.leaves.to_string()),
                    ("checkpoints", counts.checkpoints.to_string()),
                    ("root", counts.root.to_string()),
                    ("blobs", counts.blobs.to_string()),
                    ("kept", format!("{} decisions outside the ledger", counts.kept)),
                ]
            }
            (None, Some(changed)) => {
                let _ = writeln!(out, "{}  {}", paint.bad("CHANGED"), plain(&changed.what));
                vec![
                    ("where", changed.place.clone()),
                    ("expected", changed.expected.clone()),
                    ("found", changed.found.clone()),
                ]
            }
            (None, None) => vec![],
        };
        for (label, text) in fields {
            // Writing to a string does not fail.
            let _ = writeln!(out, "  {label:<12} {}", plain(&text));
        }
        out
    }
}
