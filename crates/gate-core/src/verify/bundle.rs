//! From one signature, an artifact and whom to expect to accepted or not, check by check:
//! `gate verify bundle` and `gate verify image`.

mod signed;

use serde::Serialize;

use super::detect::{Form, detect};
use super::examine::too_large;
use super::failure::Failure;
use super::pypi;
pub use super::sigstore::Logged;
use super::sigstore::{self, PUBLIC_GOOD_ROOT, Proof, Root};
use super::trust::Pattern;
use crate::environment::RootRules;
use crate::facts::Identity;
use crate::reason::{ErrorCode, Problem};
use crate::{Digest, Timestamp, limits};

/// What the signature is to be about.
#[derive(Debug, Clone, Copy)]
pub enum Artifact<'a> {
    /// A file's bytes.
    Bytes(&'a [u8]),
    /// A digest alone.
    Digest(Digest),
    /// A SHA-512 alone, by which npm names packages.
    Sha512(&'a [u8; 64]),
}

/// Who is to have signed.
#[derive(Debug, Clone)]
pub struct Signer(Who);

#[derive(Debug, Clone)]
enum Who {
    Key(String),
    Identity { identity: Pattern, issuer: Pattern },
}

impl Signer {
    /// The holder of a key, by its PEM public key. One that does not parse is a rejection.
    pub fn key(pem: impl Into<String>) -> Self {
        Self(Who::Key(pem.into()))
    }

    /// A certificate's identity and issuer, each exact or an expression that matches all of it.
    /// The error says what cannot be meant.
    pub fn identity(
        identity: Option<&str>,
        identity_regexp: Option<&str>,
        issuer: Option<&str>,
        issuer_regexp: Option<&str>,
    ) -> Result<Self, String> {
        let compile = |exact, expression, field| {
            Pattern::compile(exact, expression, "certificate", field)
                .map_err(|error| error.to_string())
        };
        let identity = compile(identity, identity_regexp, "identity")?;
        let issuer = compile(issuer, issuer_regexp, "issuer")?;
        Ok(Self(Who::Identity { identity, issuer }))
    }
}

/// Under which root a signature is judged.
#[derive(Debug, Clone, Copy, Default)]
pub struct Anchor<'a> {
    /// The trusted root; without one the public-good instance's counts, as embedded.
    pub root: Option<&'a [u8]>,
    /// What it must prove, where that is not the default.
    pub rules: Option<RootRules>,
}

/// A signature that holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Accepted {
    /// `sigstore-bundle`, `pypi-attestation`, `cosign-layer` or `dsse-envelope`.
    pub form: &'static str,
    /// The bundle's media type, of bundles.
    pub media_type: Option<String>,
    /// The certificate's identity, where it was signed with one.
    pub identity: Option<Identity>,
    /// The earliest proven time of the signature.
    pub signed_at: Option<Timestamp>,
    /// Whether a transparency log entry was verified.
    pub logged: bool,
    /// The log entries that were verified.
    pub logs: Vec<Logged>,
    /// How many timestamps of authorities were verified.
    pub timestamps: usize,
    /// The predicate type, of statements.
    pub predicate_type: Option<String>,
    /// What was checked and holds.
    pub checks: Vec<Check>,
}

/// A signature that is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct Rejected {
    /// A stable code: one of [`Problem`], `key-invalid` or `config-invalid` (the root).
    pub code: &'static str,
    /// The one check that failed; `null` where it could not begin.
    pub check: Option<Check>,
    /// What was found.
    pub detail: String,
    /// What would make it pass.
    pub solution: &'static str,
}

/// One check of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// It can be read, in bounds and in the form that it claims.
    Form,
    /// It is about the artifact.
    Subject,
    /// The signature is over these bytes and of the key.
    Signature,
    /// The certificate chains to an authority of the root.
    Certificate,
    /// The certificate stood in a certificate log (SCT).
    CertificateTimestamp,
    /// Each log entry is this signature's, and the log signed for it.
    Log,
    /// A log or authority says when it was signed, and the certificate was valid then.
    SigningTime,
    /// Identity and issuer are those expected.
    Identity,
}

impl Check {
    /// Its name in output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Subject => "subject",
            Self::Signature => "signature",
            Self::Certificate => "certificate",
            Self::CertificateTimestamp => "certificate-timestamp",
            Self::Log => "log",
            Self::SigningTime => "signing-time",
            Self::Identity => "identity",
        }
    }

    /// The check that fails with this problem.
    const fn of(problem: Problem) -> Self {
        match problem {
            Problem::SubjectMismatch => Self::Subject,
            Problem::SignatureInvalid | Problem::SignerUnknown => Self::Signature,
            Problem::CertificateInvalid => Self::Certificate,
            Problem::LogProofInvalid => Self::Log,
            Problem::SigningTimeUnproven | Problem::CertificateExpired => Self::SigningTime,
            Problem::IdentityMismatch => Self::Identity,
            _ => Self::Form,
        }
    }
}

impl From<Failure> for Rejected {
    fn from(failure: Failure) -> Self {
        Self {
            code: failure.code.code(),
            check: Some(Check::of(failure.code)),
            detail: failure.detail,
            solution: failure.code.solution(),
        }
    }
}

impl Rejected {
    fn before(code: ErrorCode, detail: String) -> Self {
        Self { code: code.code(), check: None, detail, solution: code.solution() }
    }
}

/// Verifies a sigstore bundle under a root with its default demands.
pub fn check(
    bundle: &[u8],
    artifact: Artifact<'_>,
    signer: &Signer,
    root: Option<&[u8]>,
) -> Result<Accepted, Rejected> {
    check_under(bundle, artifact, signer, Anchor { root, rules: None })
}

/// Verifies a sigstore bundle, or what PEP 740 makes of one.
///
/// A bundle that is signed with a key is accepted by the signature alone where it carries neither a
/// log entry nor a timestamp and no root was named; what it carries must verify, and a named root
/// asks for one of them.
pub fn check_under(
    bundle: &[u8],
    artifact: Artifact<'_>,
    signer: &Signer,
    anchor: Anchor<'_>,
) -> Result<Accepted, Rejected> {
    let root = load(anchor)?;
    if bundle.len() > limits::SBOM_BYTES {
        return Err(too_large(bundle.len(), limits::SBOM_BYTES).into());
    }
    let (form, bytes) = detect(bundle)?;
    let bundle = match form {
        Form::Bundle => sigstore::Bundle::from_json(bytes)?,
        Form::PypiAttestation => pypi::attestation(bytes)?,
        Form::PypiProvenance => pypi::provenance(bytes)?,
        other => {
            let detail = format!("is no sigstore bundle, but {}", other.name());
            return Err(Failure::new(Problem::EvidenceUnknown, detail).into());
        }
    };
    signed::Terms { signer, root: &root, rooted: anchor.root.is_some() }
        .bundle(&bundle, &signed::About::of(artifact))
}

/// Verifies a piece of evidence about a subject, where it is signed in a form that Gate reads:
/// a bundle, a layer of cosign 2, an envelope. `None`: it carries no signature.
pub fn check_evidence(
    evidence: &[u8],
    artifact: Artifact<'_>,
    signer: &Signer,
    anchor: Anchor<'_>,
) -> Option<Result<Accepted, Rejected>> {
    let root = match load(anchor) {
        Ok(root) => root,
        Err(rejected) => return Some(Err(rejected)),
    };
    if evidence.len() > limits::SBOM_BYTES {
        return Some(Err(too_large(evidence.len(), limits::SBOM_BYTES).into()));
    }
    let terms = signed::Terms { signer, root: &root, rooted: anchor.root.is_some() };
    match detect(evidence) {
        Err(failure) if failure.code == Problem::EvidenceUnknown => None,
        Err(failure) => Some(Err(failure.into())),
        Ok((form, bytes)) => terms.evidence(form, bytes, &signed::About::of(artifact)),
    }
}

fn load(anchor: Anchor<'_>) -> Result<Root, Rejected> {
    let bytes = anchor.root.unwrap_or(PUBLIC_GOOD_ROOT.as_bytes());
    Root::from_json(bytes, anchor.rules).map_err(|detail| {
        Rejected::before(ErrorCode::ConfigInvalid, format!("trusted root: {detail}"))
    })
}

fn accepted(
    form: &'static str,
    media_type: Option<&str>,
    proof: Proof,
    predicate_type: Option<String>,
) -> Accepted {
    let mut checks = vec![Check::Form, Check::Subject, Check::Signature];
    let of_certificate = proof.identity.is_some();
    for (held, check) in [
        (of_certificate, Check::Certificate),
        (proof.sct, Check::CertificateTimestamp),
        (proof.is_logged(), Check::Log),
        (proof.signed_at.is_some(), Check::SigningTime),
        (of_certificate, Check::Identity),
    ] {
        if held {
            checks.push(check);
        }
    }
    Accepted {
        form,
        media_type: media_type.map(str::to_owned),
        logged: proof.is_logged(),
        identity: proof.identity,
        signed_at: proof.signed_at,
        logs: proof.logs,
        timestamps: proof.timestamps,
        predicate_type,
        checks,
    }
}
