//! `gate promote`: judges a subject, signs the decision and records it; here, or by a server.

mod local;
mod refused;
mod remote;

use std::path::PathBuf;

use clap::Args;
use gate_core::canonical;
use gate_core::decision::{AskedRule, Verdict};
use gate_core::effects::Clock;
use gate_core::facts::FactsDocument;
use gate_core::record::Receipt;

use crate::account::{Account, summary};
use crate::attestation::AttestationArguments;
use crate::failure::Failure;
use crate::output::{OutputArguments, folder_exists, json, write_file};
use crate::registry::RegistryArguments;
use crate::terminal::{ExitStatus, Terminal};
use refused::RefusedArguments;

/// Judge a subject, sign the decision and record it; prints the receipt
///
/// Allow and deny are recorded alike. Policy, trust and time come from the configuration and the
/// clock. With `--server` a server decides, signs and records, and no key is needed here.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gate promote oci:image --config gate.yaml --environment production --receipt-output receipt.json
  GATE_TOKEN=... gate promote sha256:6f5e... --server https://gate.example --environment production")]
pub(crate) struct Arguments {
    /// What is to be let in: an image of a registry, a file or folder, oci:DIR, oci:DIR:TAG,
    /// oci-archive:FILE, docker-archive:FILE or sha256:HEX
    subject: String,
    /// Environment of the configuration; the only one if left out
    #[arg(long, env = "GATE_ENVIRONMENT", value_name = "NAME")]
    environment: Option<String>,
    /// Configuration
    #[arg(long, env = "GATE_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Store, instead of the configuration's
    #[arg(long, env = "GATE_STORE", value_name = "PATH")]
    store: Option<PathBuf>,
    /// File of evidence; with `--server` it is uploaded; repeatable
    #[arg(long, env = "GATE_EVIDENCE", value_name = "FILE", value_delimiter = '\n')]
    evidence: Vec<PathBuf>,
    /// Ask this server instead of deciding here
    #[arg(long, env = "GATE_SERVER", value_name = "URL", help_heading = "Server")]
    server: Option<String>,
    /// Bearer token for the server; the variable keeps it out of the process list
    #[arg(long, env = "GATE_TOKEN", value_name = "TOKEN", help_heading = "Server")]
    token: Option<String>,
    /// Key under which the same request gets the same receipt [default: a random one]
    #[arg(long, env = "GATE_IDEMPOTENCY_KEY", value_name = "KEY", help_heading = "Server")]
    idempotency_key: Option<String>,
    /// Write the receipt (JSON) into this file
    #[arg(long, env = "GATE_RECEIPT_OUTPUT", value_name = "FILE", help_heading = "Output")]
    receipt_output: Option<PathBuf>,
    #[command(flatten)]
    attestation: AttestationArguments,
    #[command(flatten)]
    registry: RegistryArguments,
    #[command(flatten)]
    refused: RefusedArguments,
    #[command(flatten)]
    output: OutputArguments,
}

/// A promotion that is recorded, with what explains it where that is at hand.
struct Promoted {
    receipt: Receipt,
    asked: Vec<AskedRule>,
    facts: Option<FactsDocument>,
}

pub(crate) fn run(
    arguments: &Arguments,
    terminal: &mut Terminal<'_>,
    clock: &dyn Clock,
) -> Result<ExitStatus, Failure> {
    arguments.refused.refuse()?;
    arguments.attestation.ready()?;
    arguments.receipt_output.as_deref().map_or(Ok(()), folder_exists)?;
    arguments.output.ready()?;
    let promoted = match &arguments.server {
        Some(server) => remote::promote(arguments, server)?,
        None => local::promote(arguments, clock)?,
    };
    if let Err(failure) = deliver(arguments, terminal, &promoted) {
        // What is recorded stays recorded; whoever asks again must know.
        let id = promoted.receipt.id;
        terminal.talk(format_args!("the promotion is recorded: decision {id}"))?;
        return Err(failure);
    }
    Ok(ExitStatus::accepted(promoted.receipt.decision.verdict == Verdict::Allow))
}

fn deliver(
    arguments: &Arguments,
    terminal: &mut Terminal<'_>,
    promoted: &Promoted,
) -> Result<(), Failure> {
    let receipt = &promoted.receipt;
    let mut places = vec![];
    if let Some((index, origin, size)) = place(&receipt.proof) {
        places.push(("recorded as", format!("entry {index} of {origin}, now of {size}")));
    }
    if let Some(path) = &arguments.receipt_output {
        write_file(path, &json(receipt)?)?;
        places.push(("receipt", path.display().to_string()));
    }
    if let Some(path) = &arguments.attestation.attestation_output {
        let bytes = |value| {
            canonical::to_vec(value)
                .map_err(|error| Failure::internal("the attestation has no JSON form", error))
        };
        arguments.attestation.write_forms(
            &bytes(&receipt.attestation)?,
            &bytes(&receipt.attestation["dsseEnvelope"])?,
        )?;
        places.push(("attestation", path.display().to_string()));
    }
    let account = Account {
        id: receipt.id,
        decision: &receipt.decision,
        name: Some(&arguments.subject),
        asked: &promoted.asked,
        facts: promoted.facts.as_ref(),
        places: &places,
    };
    arguments.output.write(terminal, receipt, |paint| account.text(paint))?;
    if arguments.output.is_elsewhere() {
        terminal.talk(format_args!("{}", summary(&receipt.decision)))?;
    }
    Ok(())
}

/// Index of the entry, origin and size of the ledger, as the proof says. It is told, not checked:
/// `gate verify receipt` does that, with keys of its own.
fn place(proof: &str) -> Option<(u64, String, String)> {
    let proof: gate_core::ledger::TlogProof = proof.parse().ok()?;
    let mut lines = proof.checkpoint.lines();
    Some((proof.index, lines.next()?.to_owned(), lines.next()?.to_owned()))
}
