//! `gate verify bundle`: a sigstore bundle checked against an artifact and whom to expect.

use std::path::{Path, PathBuf};

use clap::Args;
use gate_core::Digest;
use gate_core::limits::SBOM_BYTES;
use gate_core::verify::bundle::{Anchor, Artifact, check_under};
use gate_io::files::read_bounded;
use gate_io::source;

use crate::failure::Failure;
use crate::output::OutputArguments;
use crate::signature::Outcome;
use crate::terminal::{ExitStatus, Terminal};
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
    #[arg(value_name = "FILE|sha256:HEX|sha512:HEX")]
    artifact: String,
    /// The bundle
    #[arg(long, env = "GATE_BUNDLE", value_name = "FILE")]
    bundle: PathBuf,
    #[command(flatten)]
    trust: TrustArguments,
    #[command(flatten)]
    output: OutputArguments,
}

pub(crate) fn run(
    arguments: &Arguments,
    terminal: &mut Terminal<'_>,
) -> Result<ExitStatus, Failure> {
    arguments.trust.check()?;
    arguments.output.ready()?;
    let signer = arguments.trust.expected()?;
    let root = arguments.trust.root()?;
    let anchor = Anchor { root: root.as_deref(), rules: arguments.trust.rules() };
    let bundle = read(&arguments.bundle)?;
    let outcome: Outcome = match artifact(&arguments.artifact)? {
        Named::Digest(digest) => check_under(&bundle, Artifact::Digest(digest), &signer, anchor),
        Named::Sha512(digest) => check_under(&bundle, Artifact::Sha512(&digest), &signer, anchor),
        Named::Bytes(bytes) => check_under(&bundle, Artifact::Bytes(&bytes), &signer, anchor),
    }
    .into();
    arguments.output.write(terminal, &outcome, |paint| outcome.text(paint))?;
    Ok(ExitStatus::accepted(outcome.accepted))
}

enum Named {
    Digest(Digest),
    Sha512(Box<[u8; 64]>),
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
    if let Some(digits) = text.strip_prefix("sha512:")
        && !path.exists()
    {
        return sha512(digits)
            .map(Named::Sha512)
            .ok_or_else(|| Failure::usage("a sha512 is 128 hexadecimal digits in lower case"));
    }
    match read_bounded(path, SBOM_BYTES) {
        Ok(bytes) => Ok(Named::Bytes(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::FileTooLarge => {
            Ok(Named::Digest(source::hash_path(path)?))
        }
        Err(error) => Err(Failure::read(path, error)),
    }
}

fn sha512(digits: &str) -> Option<Box<[u8; 64]>> {
    let lower = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let mut digest = Box::new([0; 64]);
    if digits.len() != 128 || !digits.bytes().all(lower) {
        return None;
    }
    for (byte, pair) in digest.iter_mut().zip(digits.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(digest)
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
