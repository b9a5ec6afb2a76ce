//! `gate verify image`: every signature beside an image, one by one.

use std::fmt::Write;

use clap::Args;
use gate_core::Digest;
use gate_core::effects::EvidenceSource;
use gate_core::evidence::{Collected, Evidence, Origin};
use gate_core::request::{Asker, Request};
use gate_core::verify::bundle::{Artifact, Rejected, check_evidence};
use gate_io::source::{self, Layouts, Named};
use gate_io::user::requester;
use serde::Serialize;

use crate::failure::Failure;
use crate::output::OutputArguments;

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
  gate verify image oci:image:v1.4.2 \\
      --certificate-identity-regexp 'https://github.com/shop/app/.*' \\
      --certificate-oidc-issuer https://token.actions.githubusercontent.com")]
pub(crate) struct Arguments {
    /// The image: oci:DIR or oci:DIR:TAG
    #[arg(value_name = "IMAGE")]
    image: String,
    #[command(flatten)]
    trust: TrustArguments,
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
    let named = source::resolve(&arguments.image)?;
    let digest = named.subject.digest;
    let collected = collect(named, clock)?;
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

/// Everything beside the image. Where the image was named in a layout that is its own; what is named
/// in a registry is for a source of that kind, which takes the same request.
fn collect(named: Named, clock: &dyn gate_core::effects::Clock) -> Result<Collected, Failure> {
    let Some(layout) = named.layout else {
        return Err(Failure::usage("name the image as oci:DIR or oci:DIR:TAG"));
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
