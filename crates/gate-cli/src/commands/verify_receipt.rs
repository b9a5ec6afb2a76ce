//! `gate verify receipt`: a receipt checked with keys that the verifier brings, without any gate.

use std::path::{Path, PathBuf};

use clap::Args;
use gate_core::Digest;
use gate_core::attest::PublicKey;
use gate_core::ledger::{VerifierKey, verify_receipt};
use gate_core::limits::BUNDLE_BYTES;
use gate_io::files::read_bounded;
use serde::Serialize;

use crate::failure::{Failure, chain};
use crate::ledger_key::ledger_key;
use crate::output::OutputArguments;
use crate::terminal::{ExitStatus, Paint, Terminal, plain};

/// Verify the receipt of a promotion: its decision, its attestation and its place in the ledger
///
/// Both keys come from you; a key that lies inside the receipt would prove nothing.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gate verify receipt --key gate.pub --ledger-key ledger.vkey receipt.json")]
pub(crate) struct Arguments {
    /// The receipt
    file: PathBuf,
    /// Public key (PEM) that signs attestations
    #[arg(long, env = "GATE_KEY", value_name = "FILE")]
    key: PathBuf,
    /// Verifier key of the ledger, or a file that holds it
    #[arg(long, env = "GATE_LEDGER_KEY", value_name = "VKEY")]
    ledger_key: String,
    #[command(flatten)]
    output: OutputArguments,
}

/// What became of the receipt.
#[derive(Debug, Serialize)]
struct Outcome {
    accepted: bool,
    id: Option<Digest>,
    decision: Option<gate_core::decision::Decision>,
    problem: Option<String>,
}

pub(crate) fn run(
    arguments: &Arguments,
    terminal: &mut Terminal<'_>,
) -> Result<ExitStatus, Failure> {
    arguments.output.ready()?;
    let read = |path: &Path| {
        read_bounded(path, BUNDLE_BYTES).map_err(|source| Failure::read(path, source))
    };
    let key = String::from_utf8_lossy(&read(&arguments.key)?).into_owned();
    let vkey = ledger_key(&arguments.ledger_key)?;
    let outcome = verify(&read(&arguments.file)?, &key, &vkey);
    arguments.output.write(terminal, &outcome, |paint| outcome.text(paint))?;
    Ok(ExitStatus::accepted(outcome.accepted))
}

fn verify(receipt: &[u8], key: &str, vkey: &str) -> Outcome {
    let key = PublicKey::from_pem(key).map_err(|error| chain(&error));
    let vkey = vkey.parse::<VerifierKey>().map_err(|error| chain(&error));
    let verified =
        key.and_then(|key| verify_receipt(receipt, &key, &vkey?).map_err(|error| chain(&error)));
    match verified {
        Ok(receipt) => Outcome {
            accepted: true,
            id: Some(receipt.id),
            decision: Some(receipt.decision),
            problem: None,
        },
        Err(problem) => {
            Outcome { accepted: false, id: None, decision: None, problem: Some(problem) }
        }
    }
}

impl Outcome {
    fn text(&self, paint: Paint) -> String {
        match (&self.decision, &self.problem) {
            (Some(decision), _) => {
                format!("{}  {}\n", paint.good("ACCEPTED"), crate::account::summary(decision))
            }
            (None, problem) => format!(
                "{}  {}\n",
                paint.bad("NOT ACCEPTED"),
                plain(problem.as_deref().unwrap_or_default())
            ),
        }
    }
}
