//! From the sigstore crates' errors to Gate's problems.

use sigstore_verify::bundle::Error as BundleError;
use sigstore_verify::{CertificateError, Error, TransparencyLogError};

use crate::reason::Problem;
use crate::verify::failure::Failure;

/// The problem that an error of verification is.
pub(super) fn of(error: &Error) -> Failure {
    let code = match error {
        Error::IdentityMismatch { .. } | Error::IssuerMismatch { .. } => Problem::IdentityMismatch,
        Error::SignatureInvalid(_) | Error::UnsupportedArtifact(_) | Error::Crypto(_) => {
            Problem::SignatureInvalid
        }
        // A replayed entry is told from a wrong artifact by the words alone; fixtures hold them.
        Error::ArtifactMismatch(text) if text.contains("hashedrekord entry") => {
            Problem::LogProofInvalid
        }
        Error::ArtifactMismatch(_) => Problem::SubjectMismatch,
        Error::Certificate(error) => certificate(error),
        Error::TransparencyLog(TransparencyLogError::IntegratedTime(_)) => {
            // The crate's words hold the time of day, which would make two answers differ.
            return Failure::new(
                Problem::LogProofInvalid,
                "the log entry's time lies in the future or outside the certificate's validity",
            );
        }
        Error::TransparencyLog(_) => Problem::LogProofInvalid,
        Error::Timestamp(_) => Problem::SigningTimeUnproven,
        Error::Bundle(error) => bundle(error),
        _ => Problem::EvidenceMalformed,
    };
    Failure::new(code, error.to_string())
}

fn certificate(error: &CertificateError) -> Problem {
    match error {
        CertificateError::NotYetValid { .. } | CertificateError::Expired { .. } => {
            Problem::CertificateExpired
        }
        // webpki's reason reaches us as text alone; the crate is pinned and a test holds the words.
        CertificateError::ChainInvalid(text)
            if text.contains("CertExpired") || text.contains("CertNotValidYet") =>
        {
            Problem::CertificateExpired
        }
        _ => Problem::CertificateInvalid,
    }
}

fn bundle(error: &BundleError) -> Problem {
    match error {
        BundleError::MissingInclusionPromise(_)
        | BundleError::MissingInclusionProof(_)
        | BundleError::MissingCheckpoint
        | BundleError::LogIndexOutOfRange { .. }
        | BundleError::CheckpointRootMismatch => Problem::LogProofInvalid,
        BundleError::MissingSigningTimeEvidence | BundleError::MissingTimestamp => {
            Problem::SigningTimeUnproven
        }
        _ => Problem::EvidenceMalformed,
    }
}
