//! `gate approve`: a person's approval of a subject for an environment, signed with their own key.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use gate_core::attest::{Statement, Subject, sign_statement};
use gate_core::effects::Clock;
use gate_core::{Timestamp, predicates};
use gate_io::keys::KeyFile;
use gate_io::registry::{Referrer, Registry};
use gate_io::source::{self, Named};

use crate::failure::Failure;
use crate::output::{folder_exists, write_file};
use crate::registry::RegistryArguments;
use crate::terminal::{ExitStatus, Terminal, plain};

/// Approve a subject for an environment: a signed statement, on stdout or where it is asked for
///
/// Who approves is who holds the key: the configuration says whose it is. The approval ends, counts
/// for this digest and environment alone, and counts for nothing if its signer authored the change.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gate approve oci:image --environment production --key alice.pem --valid-for 14d --layout image
  gate approve sha256:6f5e... --environment production --key alice.pem \\
      --expires 2026-12-31T00:00:00Z --reason CHG-1234 > approval.sigstore.json")]
pub(crate) struct Arguments {
    /// What is approved: an image of a registry, a file or folder, oci:DIR, oci:DIR:TAG,
    /// oci-archive:FILE, docker-archive:FILE or sha256:HEX
    subject: String,
    /// Environment that it is approved for
    #[arg(long, env = "GATE_ENVIRONMENT", value_name = "NAME")]
    environment: String,
    /// The approver's private key (PKCS#8 PEM)
    // Not `GATE_KEY`, which elsewhere names a public key that is trusted.
    #[arg(long, env = "GATE_APPROVER_KEY", value_name = "FILE")]
    key: PathBuf,
    /// When the approval ends, as 2026-12-31T00:00:00Z
    #[arg(long, env = "GATE_EXPIRES", value_name = "TIME", required_unless_present = "valid_for")]
    expires: Option<Timestamp>,
    /// How long the approval counts: 14d, 12h or 30m
    #[arg(
        long,
        env = "GATE_VALID_FOR",
        value_name = "DURATION",
        value_parser = duration,
        conflicts_with = "expires"
    )]
    valid_for: Option<Duration>,
    /// Why, in the approver's words
    #[arg(long, env = "GATE_REASON", value_name = "TEXT")]
    reason: Option<String>,
    /// Write the approval into this file
    #[arg(long, env = "GATE_OUTPUT_FILE", value_name = "FILE")]
    output_file: Option<PathBuf>,
    /// Add the approval to this OCI layout, as a referrer of the subject
    #[arg(long, env = "GATE_LAYOUT", value_name = "DIR", conflicts_with = "output_file")]
    layout: Option<PathBuf>,
    /// Push this approval into the image's registry, as a referrer of the image
    #[arg(long, env = "GATE_ATTACH", value_parser = clap::builder::FalseyValueParser::new(),
        conflicts_with_all = ["output_file", "layout"])]
    attach: bool,
    #[command(flatten)]
    registry: RegistryArguments,
}

pub(crate) fn run(
    arguments: &Arguments,
    terminal: &mut Terminal<'_>,
    clock: &dyn Clock,
) -> Result<ExitStatus, Failure> {
    if let Some(path) = &arguments.output_file {
        folder_exists(path)?;
    }
    let approved_at = clock.now().to_second();
    let expires_at = match (arguments.expires, arguments.valid_for) {
        (Some(end), _) => end.to_second(),
        (None, Some(length)) => approved_at.saturating_add(length),
        (None, None) => return Err(Failure::usage("give `--expires` or `--valid-for`")),
    };
    if expires_at <= approved_at {
        return Err(Failure::usage(format!(
            "the approval would end at {expires_at}, before it is given ({approved_at})"
        )));
    }
    let registry = arguments.registry.client(&arguments.subject, None)?;
    let named = source::resolve(&arguments.subject, &registry)?;
    let signer = KeyFile::load(&arguments.key)?;
    let mut predicate = serde_json::json!({
        "environment": arguments.environment,
        "approved_at": approved_at,
        "expires_at": expires_at,
    });
    if let Some(reason) = &arguments.reason {
        predicate["reason"] = reason.as_str().into();
    }
    let subject = Subject::by_sha256(named.subject.digest);
    let statement = Statement::new(subject, predicates::APPROVAL, predicate);
    let approval = sign_statement(&statement, &signer)?;
    let place = deliver(arguments, terminal, &registry, &named, &approval.bundle)?;
    terminal.talk(format_args!(
        "approved {} for {} until {expires_at}{place}",
        named.subject.digest,
        plain(&arguments.environment)
    ))?;
    Ok(ExitStatus::Ok)
}

/// Hands over the signed approval and says where it went.
fn deliver(
    arguments: &Arguments,
    terminal: &mut Terminal<'_>,
    registry: &Registry,
    named: &Named,
    bundle: &[u8],
) -> Result<String, Failure> {
    if let Some(folder) = &arguments.layout {
        let layout = gate_io::source::Layout::new(folder);
        let referrer = layout.append(named.subject.digest, predicates::APPROVAL, bundle)?;
        return Ok(format!(", in {} as {referrer}", folder.display()));
    }
    if arguments.attach {
        let pinned = named.image.as_ref().ok_or_else(|| {
            Failure::usage("`--attach` is for an image of a registry, named with its registry")
        })?;
        let referrer = Referrer::bundle(predicates::APPROVAL, bundle);
        let referrer = registry.attach(pinned, referrer)?;
        return Ok(format!(", in {} as {referrer}", pinned.image.place()));
    }
    if let Some(path) = &arguments.output_file {
        write_file(path, bundle)?;
        return Ok(format!(", in {}", path.display()));
    }
    terminal.data(bundle)?;
    terminal.data(b"\n")?;
    Ok(String::new())
}

/// A number and `d`, `h` or `m`.
fn duration(text: &str) -> Result<Duration, String> {
    let refused = || "write a number and d, h or m, as 14d".to_owned();
    let unit = match text.chars().last() {
        Some('d') => 86_400,
        Some('h') => 3_600,
        Some('m') => 60,
        _ => return Err(refused()),
    };
    let number: u32 = text[..text.len() - 1].parse().map_err(|_| refused())?;
    Ok(Duration::from_secs(u64::from(number) * unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_a_number_and_a_unit() {
        assert_eq!(duration("14d"), Ok(Duration::from_hours(14 * 24)));
        assert_eq!(duration("30m"), Ok(Duration::from_mins(30)));
        for text in ["", "d", "14", "-1d", "1.5h", "1y", "99999999999d", "1é"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
