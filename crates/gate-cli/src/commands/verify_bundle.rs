//! `gate verify bundle`: a sigstore bundle checked against an artifact and whom to expect.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use gate_core::Digest;
use gate_core::limits::SBOM_BYTES;
use gate_core::verify::bundle::{Accepted, Artifact, Rejected, Signer, check};
use gate_io::files::read_bounded;
use gate_io::source;
use serde::Serialize;

use crate::failure::Failure;
use crate::output::OutputArguments;
use crate::terminal::{ExitStatus, Paint, Terminal, plain};
use crate::trust::TrustArguments;

/// Verify a sigstore bundle (v0.1 to v0.3) for an artifact, without any network
///
/// Exit status: 0 accepted; 1 not accepted, also when bundle, key or root does not parse; 2 wrong
/// flags or a file that cannot be opened. Expressions must match the whole identity or issuer.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gate verify bundle --bundle app.sigstore.json --key build.pub app.tar.gz
  gate verify bundle --bundle app.sigstore.json sha256:6f5e... \\
      --certificate-identity https://github.com/shop/app/.github/workflows/release.yml@refs/heads/main \\
      --certificate-oidc-issuer https://token.actions.githubusercontent.com")]
pub(crate) struct Arguments {
    /// The artifact: a file, or the digest of one
    #[arg(value_name = "FILE|sha256:HEX")]
    artifact: String,
    /// The bundle
    #[arg(long, env = "GATE_BUNDLE", value_name = "FILE")]
    bundle: PathBuf,
    #[command(flatten)]
    trust: TrustArguments,
    #[command(flatten)]
    output: OutputArguments,
}

/// What became of the bundle.
#[derive(Debug, Serialize)]
struct Outcome {
    accepted: bool,
    #[serde(flatten)]
    proof: Option<Accepted>,
    problem: Option<Rejected>,
}

pub(crate) fn run(
    arguments: &Arguments,
    terminal: &mut Terminal<'_>,
) -> Result<ExitStatus, Failure> {
    arguments.trust.check()?;
    arguments.output.ready()?;
    let signer = signer(&arguments.trust)?;
    let root = arguments.trust.trusted_root.as_deref().map(read).transpose()?;
    let bundle = read(&arguments.bundle)?;
    let outcome = match artifact(&arguments.artifact)? {
        Named::Digest(digest) => check(&bundle, Artifact::Digest(digest), &signer, root.as_deref()),
        Named::Bytes(bytes) => check(&bundle, Artifact::Bytes(&bytes), &signer, root.as_deref()),
    };
    let outcome = match outcome {
        Ok(proof) => Outcome { accepted: true, proof: Some(proof), problem: None },
        Err(problem) => Outcome { accepted: false, proof: None, problem: Some(problem) },
    };
    arguments.output.write(terminal, &outcome, |paint| outcome.text(paint))?;
    Ok(ExitStatus::accepted(outcome.accepted))
}

fn signer(trust: &TrustArguments) -> Result<Signer, Failure> {
    if let Some(path) = &trust.key {
        return Ok(Signer::key(String::from_utf8_lossy(&read(path)?)));
    }
    if trust.certificate_identity.is_none() && trust.certificate_identity_regexp.is_none() {
        return Err(Failure::usage(
            "say who signs: `--key`, or `--certificate-identity` and `--certificate-oidc-issuer`",
        ));
    }
    Signer::identity(
        trust.certificate_identity.as_deref(),
        trust.certificate_identity_regexp.as_deref(),
        trust.certificate_oidc_issuer.as_deref(),
        trust.certificate_oidc_issuer_regexp.as_deref(),
    )
    .map_err(Failure::Usage)
}

enum Named {
    Digest(Digest),
    Bytes(Vec<u8>),
}

/// A file small enough is read whole, since some signatures are over the bytes; of a larger one the
/// digest does, which is what all others are over.
fn artifact(text: &str) -> Result<Named, Failure> {
    let path = Path::new(text);
    if text.starts_with("sha256:") && !path.exists() {
        return text
            .parse()
            .map(Named::Digest)
            .map_err(|error: gate_core::digest::DigestError| Failure::usage(error.to_string()));
    }
    match read_bounded(path, SBOM_BYTES) {
        Ok(bytes) => Ok(Named::Bytes(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::FileTooLarge => {
            Ok(Named::Digest(source::hash_path(path)?))
        }
        Err(error) => Err(Failure::read(path, error)),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    match read_bounded(path, SBOM_BYTES + 1) {
        // A bundle beyond the bound is for the check to refuse: it could be opened.
        Err(error) if error.kind() == std::io::ErrorKind::FileTooLarge => {
            Ok(vec![0; SBOM_BYTES + 1])
        }
        other => other.map_err(|source| Failure::read(path, source)),
    }
}

impl Outcome {
    fn text(&self, paint: Paint) -> String {
        let Some(proof) = &self.proof else {
            let (code, detail) = self
                .problem
                .as_ref()
                .map_or(("", ""), |problem| (problem.code, problem.detail.as_str()));
            return format!("{}  {code}: {}\n", paint.bad("NOT ACCEPTED"), plain(detail));
        };
        let mut out = format!("{}\n", paint.good("ACCEPTED"));
        let mut field = |label: &str, text: &str| {
            // Writing to a string does not fail.
            let _ = writeln!(out, "  {label:<12} {}", plain(text));
        };
        if let Some(identity) = &proof.identity {
            field("signed by", &identity.subject);
            field("issuer", &identity.issuer);
        }
        match proof.signed_at {
            Some(at) => field("signed at", &at.to_string()),
            None => field("signed at", "a time that nothing proves"),
        }
        field("log entry", if proof.logged { "verified" } else { "none" });
        if let Some(predicate_type) = &proof.predicate_type {
            field("predicate", predicate_type);
        }
        field("bundle", &proof.media_type);
        out
    }
}
