//! `gate evidence inspect`: what Gate sees in a file of evidence, before any trust.

use std::fmt::Write;
use std::io::ErrorKind;
use std::path::PathBuf;

use clap::Args;
use gate_core::limits::SBOM_BYTES;
use gate_core::verify::{Inspection, inspect};
use gate_io::files::read_bounded;

use crate::failure::Failure;
use crate::output::OutputArguments;
use crate::terminal::{ExitStatus, Paint, Terminal, plain};

/// Show what Gate sees in a file of evidence: kind, version, normalised facts and problems
///
/// Nothing of it is verified. Read are sigstore bundles, DSSE envelopes, in-toto statements, SLSA
/// provenance, CycloneDX, Trivy, JUnit, OpenVEX and CSAF. Exit status: 0 read, 1 unknown or invalid, 2
/// it cannot be opened.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gate evidence inspect scan.json
  gate evidence inspect sbom.sigstore.json --output json")]
pub(crate) struct Arguments {
    /// The evidence
    file: PathBuf,
    #[command(flatten)]
    output: OutputArguments,
}

pub(crate) fn run(
    arguments: &Arguments,
    terminal: &mut Terminal<'_>,
) -> Result<ExitStatus, Failure> {
    arguments.output.ready()?;
    let bytes = match read_bounded(&arguments.file, SBOM_BYTES) {
        // One byte beyond the bound is enough to be refused with the code for it.
        Err(error) if error.kind() == ErrorKind::FileTooLarge => vec![0; SBOM_BYTES + 1],
        other => other.map_err(|source| Failure::read(&arguments.file, source))?,
    };
    let inspection = inspect(&bytes);
    arguments.output.write(terminal, &inspection, |paint| {
        text(&inspection, &arguments.file.display().to_string(), paint)
    })?;
    Ok(ExitStatus::accepted(inspection.is_readable()))
}

fn text(inspection: &Inspection, path: &str, paint: Paint) -> String {
    let verdict = if inspection.is_readable() { paint.good("READ") } else { paint.bad("NOT READ") };
    let mut out = format!("{verdict}  {}\n", paint.strong(plain(path)));
    let version = inspection.version.as_deref().unwrap_or_default();
    let format = inspection.format.as_deref().map(|format| format!("{format} {version}"));
    let fields = [
        ("form", inspection.form.clone()),
        ("kind", inspection.kind.map(|kind| kind.name().to_owned())),
        ("format", format),
        ("predicate", inspection.predicate_type.clone()),
        ("about", Some(inspection.subjects.join(", ")).filter(|subjects| !subjects.is_empty())),
        ("digest", Some(inspection.digest.to_string())),
    ];
    for (label, value) in fields {
        if let Some(value) = value {
            // Writing to a string does not fail.
            let _ = writeln!(out, "  {label:<10} {}", plain(value.trim_end()));
        }
    }
    for problem in &inspection.problems {
        let code = paint.attention(problem.code.code());
        let _ = writeln!(out, "\n  {code}\n      found  {}", plain(&problem.detail));
        let _ = writeln!(out, "      fix    {}", problem.code.solution());
    }
    if !inspection.facts.is_null() {
        let facts = serde_json::to_string_pretty(&inspection.facts).unwrap_or_default();
        out.push_str("\nfacts, not verified\n");
        for line in facts.lines() {
            let _ = writeln!(out, "  {}", plain(line));
        }
    }
    out
}
