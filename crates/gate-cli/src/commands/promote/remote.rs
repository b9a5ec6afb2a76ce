//! A promotion that a server decides, signs and records.

use gate_core::Digest;
use gate_core::limits::SBOM_BYTES;
use gate_core::record::Receipt;
use gate_io::client::{Client, ClientError, idempotency_key};
use gate_io::files::read_bounded;
use gate_io::source;

use super::{Arguments, Promoted};
use crate::failure::Failure;

/// Uploads the evidence that was named, then asks.
pub(super) fn promote(arguments: &Arguments, server: &str) -> Result<Promoted, Failure> {
    for (flag, given) in
        [("--config", arguments.config.is_some()), ("--store", arguments.store.is_some())]
    {
        if given {
            return Err(Failure::Usage(format!(
                "`{flag}` is refused with `--server`: the server has its own"
            )));
        }
    }
    let environment = arguments
        .environment
        .as_deref()
        .ok_or_else(|| Failure::usage("`--server` needs `--environment`"))?;
    let client = Client::new(server, arguments.token.as_deref())?;
    let registry = arguments.registry.client(&arguments.subject, None)?;
    let named = source::resolve(&arguments.subject, &registry)?;
    let subject = named.subject.digest;
    // With its registry the server can look for the evidence there; the digest is fixed here.
    let name = named
        .image
        .map_or_else(|| subject.to_string(), |pinned| pinned.image.at(subject).to_string());
    for path in &arguments.evidence {
        let bytes = read_bounded(path, SBOM_BYTES).map_err(|source| Failure::read(path, source))?;
        client.upload(subject, bytes)?;
    }
    let key = arguments.idempotency_key.clone().map_or_else(idempotency_key, Ok)?;
    let receipt = client.promote(&name, environment, &key)?;
    check(&receipt, subject, environment)?;
    Ok(Promoted { receipt, asked: vec![], facts: None })
}

/// A receipt about something else than was asked is no answer, whoever mixed it up.
fn check(receipt: &Receipt, subject: Digest, environment: &str) -> Result<(), Failure> {
    let decision = &receipt.decision;
    let id = decision
        .canonical()
        .map_err(|error| Failure::internal("the decision has no canonical form", error))?
        .1;
    let wrong = if id != receipt.id {
        format!("its decision has digest {id}, not {}", receipt.id)
    } else if decision.subject.digest != subject {
        format!("it is about {}, not {subject}", decision.subject.digest)
    } else if decision.environment != environment {
        format!("it is for {}, not {environment}", decision.environment)
    } else {
        return Ok(());
    };
    Err(Failure::Server(ClientError::Malformed(wrong)))
}
