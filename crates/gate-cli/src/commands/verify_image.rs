//! `gate verify image`: every signature beside an image, one by one.

use std::fmt::Write;

use clap::Args;
use gate_core::Digest;
use gate_core::effects::EvidenceSource;
use gate_core::evidence::{Collected, Evidence, Origin};
use gate_core::request::{Asker, Request};
use gate_core::verify::bundle::{Artifact, Rejected, check_evidence};
use gate_io::registry::Registry;
use gate_io::source::{self, Layouts, Named};
use gate_io::user::requester;
use serde::Serialize;

use crate::failure::Failure;
use crate::output::OutputArguments;
use crate::registry::RegistryArguments;
use crate::signature::Outcome;
use crate::terminal::{ExitStatus, Paint, Terminal, plain};
use crate::trust::TrustArguments;

/// Verify the signatures of an image, one by one
///
/// Bundles, attestations and the signatures of cosign 2 that lie beside the image are each checked
/// against whom to expect. Exit status: 0 at least one is accepted; 1 none is; 2 wrong flags, or an
/// image that cannot be read.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gate verify image oci:image --key cosign.pub
  gate verify image registry.example/shop/app:1.4.2 --key cosign.pub
  gate verify image oci:image:v1.4.2 \\
      --certificate-identity-regexp 'https://github.com/shop/app/.*' \\
      --certificate-oidc-issuer https://token.actions.githubusercontent.com")]
pub(crate) struct Arguments {
    /// The image: one of a registry, oci:DIR, oci:DIR:TAG, oci-archive:FILE or docker-archive:FILE
    #[arg(value_name = "IMAGE")]
    image: String,
    #[command(flatten)]
    trust: TrustArguments,
    #[command(flatten)]
    registry: RegistryArguments,
    #[command(flatten)]
    output: OutputArguments,
}

/// What was found beside the image.
#[derive(Debug, Serialize)]
struct Answer {
    image: String,
    digest: Digest,
    accepted: bool,
    signatures: Vec<Found>,
    /// Pieces of evidence without a signature.
    unsigned: usize,
}

/// One signature.
#[derive(Debug, Serialize)]
struct Found {
    evidence: Digest,
    /// The manifest that holds it.
    manifest: String,
    #[serde(flatten)]
    outcome: Outcome,
}

pub(crate) fn run(
    arguments: &Arguments,
    terminal: &mut Terminal<'_>,
    clock: &dyn gate_core::effects::Clock,
) -> Result<ExitStatus, Failure> {
    arguments.trust.check()?;
    arguments.output.ready()?;
    let signer = arguments.trust.expected()?;
    let rules = arguments.trust.rules();
    let root = arguments.trust.root()?;
    let registry = arguments.registry.client(&arguments.image, None)?;
    let named = source::resolve(&arguments.image, &registry)?;
    let digest = named.subject.digest;
    let collected = collect(named, &registry, clock)?;
    let artifact =
        collected.unverified_manifest.as_deref().map_or(Artifact::Digest(digest), Artifact::Bytes);
    let anchor = gate_core::verify::bundle::Anchor { root: root.as_deref(), rules };
    let mut answer = Answer {
        image: arguments.image.clone(),
        digest,
        accepted: false,
        signatures: vec![],
        unsigned: 0,
    };
    for piece in &collected.evidence {
        let result = match &piece.problem {
            Some((code, detail)) => Some(Err(Rejected {
                code: code.code(),
                check: None,
                detail: detail.clone(),
                solution: code.solution(),
            })),
            None => check_evidence(&piece.unverified_bytes, artifact, &signer, anchor),
        };
        match result {
            None => answer.unsigned += 1,
            Some(result) => answer.signatures.push(found(piece, result.into())),
        }
    }
    answer.accepted = answer.signatures.iter().any(|found| found.outcome.accepted);
    arguments.output.write(terminal, &answer, |paint| answer.text(paint))?;
    Ok(ExitStatus::accepted(answer.accepted))
}

/// Everything beside the image, where the image was found.
fn collect(
    named: Named,
    registry: &Registry,
    clock: &dyn gate_core::effects::Clock,
) -> Result<Collected, Failure> {
    if let Some(image) = &named.image {
        return Ok(registry.collect(image, None)?);
    }
    let Some(layout) = named.layout else {
        return Err(Failure::usage(
            "name an image: one of a registry, oci:DIR, oci:DIR:TAG or an archive",
        ));
    };
    let request = Request {
        subject: named.subject,
        asker: Asker { requester: requester(), admission: None },
        now: clock.now(),
        object: None,
    };
    Ok(Layouts(vec![layout]).collect(&request)?)
}

fn found(piece: &Evidence, outcome: Outcome) -> Found {
    let manifest = match &piece.origin {
        Origin::Named { name } | Origin::Beside { name } => name.clone(),
        Origin::Uploaded { by } => by.clone(),
    };
    Found { evidence: piece.digest, manifest, outcome }
}

impl Answer {
    fn text(&self, paint: Paint) -> String {
        let mut out = String::new();
        let count = self.signatures.iter().filter(|found| found.outcome.accepted).count();
        let verdict =
            if self.accepted { paint.good("ACCEPTED") } else { paint.bad("NOT ACCEPTED") };
        // Writing to a string does not fail.
        let _ = writeln!(
            out,
            "{verdict}  {} ({}): {count} of {} signatures accepted",
            plain(&self.image),
            self.digest,
            self.signatures.len()
        );
        for found in &self.signatures {
            let _ = write!(
                out,
                "\n{} in {}\n{}",
                found.evidence,
                plain(&found.manifest),
                found.outcome.text(paint)
            );
        }
        if self.unsigned > 0 {
            let _ = writeln!(out, "\n{} pieces of evidence are not signed", self.unsigned);
        }
        out
    }
}
