//! `gate keys new|show`: a new private key in a file, and the public half of one.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use gate_io::keys::{KeyFile, KeyKind, LedgerKey, generate};

use crate::failure::Failure;
use crate::terminal::{ExitStatus, Terminal};

/// Make a private key in a new file and print its public half
///
/// The file is PKCS#8 PEM that its owner alone may read; one that exists is left alone.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gate keys new keys/gate.pem > keys/gate.pub
  gate keys new --ledger gate.example/shop keys/ledger.pem > keys/ledger.vkey")]
pub(crate) struct NewArguments {
    /// The new file
    file: PathBuf,
    /// Kind of key [default: p256; ed25519 for a ledger]
    #[arg(long, env = "GATE_KIND", value_name = "KIND")]
    kind: Option<Kind>,
    /// The key is a ledger's, of this origin: print its verifier key
    #[arg(long, env = "GATE_LEDGER", value_name = "ORIGIN")]
    ledger: Option<String>,
}

/// Print the public half of a private key: PEM, or a ledger's verifier key
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gate keys show keys/gate.pem
  gate keys show --ledger gate.example/shop keys/ledger.pem")]
pub(crate) struct ShowArguments {
    /// The private key
    file: PathBuf,
    /// The key is a ledger's, of this origin: print its verifier key
    #[arg(long, env = "GATE_LEDGER", value_name = "ORIGIN")]
    ledger: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// ECDSA on P-256 with SHA-256
    P256,
    /// Ed25519, the kind of ledger keys
    Ed25519,
}

impl From<Kind> for KeyKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::P256 => Self::P256,
            Kind::Ed25519 => Self::Ed25519,
        }
    }
}

pub(crate) fn new(
    arguments: &NewArguments,
    terminal: &mut Terminal<'_>,
) -> Result<ExitStatus, Failure> {
    let kind = match (arguments.kind, &arguments.ledger) {
        (Some(Kind::P256), Some(_)) => {
            return Err(Failure::usage("a ledger's key is an Ed25519 key: leave out `--kind`"));
        }
        (None, Some(_)) => KeyKind::Ed25519,
        (kind, _) => kind.map_or(KeyKind::P256, KeyKind::from),
    };
    let key = generate(kind, &arguments.file)?;
    terminal.talk(format_args!("{} holds a new {kind} key", arguments.file.display()))?;
    print(&arguments.file, &key, arguments.ledger.as_deref(), terminal)
}

pub(crate) fn show(
    arguments: &ShowArguments,
    terminal: &mut Terminal<'_>,
) -> Result<ExitStatus, Failure> {
    let key = KeyFile::load(&arguments.file)?;
    print(&arguments.file, &key, arguments.ledger.as_deref(), terminal)
}

fn print(
    path: &Path,
    key: &KeyFile,
    origin: Option<&str>,
    terminal: &mut Terminal<'_>,
) -> Result<ExitStatus, Failure> {
    let text = match origin {
        Some(origin) => format!("{}\n", LedgerKey::load(path, origin)?.verifier()),
        None => format!("{}\n", key.public().to_pem().trim_end()),
    };
    terminal.data(text.as_bytes())?;
    Ok(ExitStatus::Ok)
}
