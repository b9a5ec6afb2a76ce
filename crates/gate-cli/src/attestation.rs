//! `--attestation-output` and `--attestation-format`: the signed attestation in a file of its own.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use gate_core::attest::Attestation;

use crate::failure::Failure;
use crate::output::{folder_exists, write_file};

/// Where the attestation goes, and in which form.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Attestation")]
pub(crate) struct AttestationArguments {
    /// Write the signed attestation (SLSA VSA) into this file
    #[arg(long, env = "GATE_ATTESTATION_OUTPUT", value_name = "FILE")]
    pub(crate) attestation_output: Option<PathBuf>,
    /// Form of the attestation: a sigstore bundle v0.3, or the plain DSSE envelope
    #[arg(long, env = "GATE_ATTESTATION_FORMAT", value_name = "FORMAT", default_value = "bundle")]
    attestation_format: AttestationFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum AttestationFormat {
    /// A sigstore bundle v0.3, which cosign and Gate read
    Bundle,
    /// A DSSE envelope, which slsa-verifier reads
    Dsse,
}

impl AttestationArguments {
    /// Refuses a path that cannot be written, before any work.
    pub(crate) fn ready(&self) -> Result<(), Failure> {
        self.attestation_output.as_deref().map_or(Ok(()), folder_exists)
    }

    /// Writes the attestation where it was asked for.
    pub(crate) fn write(&self, attestation: &Attestation) -> Result<(), Failure> {
        self.write_forms(&attestation.bundle, &attestation.envelope)
    }

    /// Writes the form that was asked for.
    pub(crate) fn write_forms(&self, bundle: &[u8], envelope: &[u8]) -> Result<(), Failure> {
        let Some(path) = &self.attestation_output else { return Ok(()) };
        let bytes = match self.attestation_format {
            AttestationFormat::Bundle => bundle,
            AttestationFormat::Dsse => envelope,
        };
        write_file(path, bytes)
    }
}
