//! From one sigstore bundle, an artifact and whom to expect to accepted or not: `gate verify bundle`.

use serde::Serialize;

use super::detect::{Form, detect};
use super::envelope::IN_TOTO;
use super::examine::too_large;
use super::failure::Failure;
use super::sigstore::{self, Content, Key, PUBLIC_GOOD_ROOT, Proof, Root};
use super::statement::Statement;
use super::trust::Pattern;
use crate::facts::Identity;
use crate::reason::{ErrorCode, Problem};
use crate::{Digest, Timestamp, limits};

/// What the bundle is to be about.
#[derive(Debug, Clone, Copy)]
pub enum Artifact<'a> {
    /// A file's bytes.
    Bytes(&'a [u8]),
    /// A digest alone.
    Digest(Digest),
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

/// A bundle that holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Accepted {
    /// The bundle's media type.
    pub media_type: String,
    /// The certificate's identity, where it was signed with one.
    pub identity: Option<Identity>,
    /// The earliest proven time of the signature.
    pub signed_at: Option<Timestamp>,
    /// Whether a transparency log entry was verified.
    pub logged: bool,
    /// The predicate type, of statements.
    pub predicate_type: Option<String>,
}

/// A bundle that is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct Rejected {
    /// A stable code: one of [`Problem`], `key-invalid` or `config-invalid` (the root).
    pub code: &'static str,
    /// What was found.
    pub detail: String,
}

impl From<Failure> for Rejected {
    fn from(failure: Failure) -> Self {
        Self { code: failure.code.code(), detail: failure.detail }
    }
}

/// Verifies a bundle. Without a root the public-good instance's counts, as embedded.
///
/// A bundle that is signed with a key is accepted by the signature alone where it carries neither a
/// log entry nor a timestamp and no root was named; what it carries must verify, and a named root
/// asks for one of them.
pub fn check(
    bundle: &[u8],
    artifact: Artifact<'_>,
    signer: &Signer,
    root: Option<&[u8]>,
) -> Result<Accepted, Rejected> {
    let trusted =
        Root::from_json(root.unwrap_or(PUBLIC_GOOD_ROOT.as_bytes())).map_err(|detail| {
            Rejected {
                code: ErrorCode::ConfigInvalid.code(),
                detail: format!("trusted root: {detail}"),
            }
        })?;
    if bundle.len() > limits::SBOM_BYTES {
        return Err(too_large(bundle.len(), limits::SBOM_BYTES).into());
    }
    let (form, bytes) = detect(bundle)?;
    if form != Form::Bundle {
        let detail = format!("is no sigstore bundle, but {}", form.name());
        return Err(Failure::new(Problem::EvidenceUnknown, detail).into());
    }
    let bundle = sigstore::Bundle::from_json(bytes)?;
    let (wire, digest) = match artifact {
        Artifact::Bytes(bytes) => (sigstore::Artifact::Bytes(bytes), Digest::of(bytes)),
        Artifact::Digest(digest) => (sigstore::Artifact::Digest(digest), digest),
    };
    let predicate_type = about(&bundle, digest)?;
    let proof = match &signer.0 {
        Who::Identity { identity, issuer } => {
            by_identity(&bundle, wire, &trusted, identity, issuer)?
        }
        Who::Key(pem) => {
            let key = Key::from_pem(pem).map_err(|detail| Rejected {
                code: ErrorCode::KeyInvalid.code(),
                detail: format!("public key: {detail}"),
            })?;
            by_key(&bundle, wire, &key, &trusted, root.is_some())?
        }
    };
    let Proof { identity, signed_at, logged } = proof;
    let media_type = bundle.media_type().to_owned();
    Ok(Accepted { media_type, identity, signed_at, logged, predicate_type })
}

/// Refuses a bundle that speaks of something else, and returns its predicate type.
fn about(bundle: &sigstore::Bundle, digest: Digest) -> Result<Option<String>, Failure> {
    match bundle.content()? {
        Content::Message { sha256: Some(claimed) } if claimed != digest.as_bytes() => {
            Err(Failure::new(
                Problem::SubjectMismatch,
                format!("the signature is over sha256:{}", hex::encode(claimed)),
            ))
        }
        Content::Message { .. } => Ok(None),
        Content::Payload { payload_type, .. } if payload_type != IN_TOTO => Err(Failure::new(
            Problem::EvidenceUnknown,
            format!("the payload is `{payload_type}`, no in-toto statement"),
        )),
        Content::Payload { payload, .. } => {
            let statement = Statement::from_json(payload)?;
            if !statement.names(digest) {
                return Err(Failure::new(
                    Problem::SubjectMismatch,
                    format!("the statement is about {}", statement.subjects_in_words()),
                ));
            }
            Ok(Some(statement.predicate_type))
        }
    }
}

fn by_identity(
    bundle: &sigstore::Bundle,
    artifact: sigstore::Artifact<'_>,
    root: &Root,
    identity: &Pattern,
    issuer: &Pattern,
) -> Result<Proof, Failure> {
    if bundle.is_keyed() {
        return Err(Failure::new(
            Problem::SignerUnknown,
            "it is signed with a key, and a certificate's identity was asked for",
        ));
    }
    let proof = root.certified(bundle, artifact)?;
    match &proof.identity {
        Some(of) if identity.matches(&of.subject) && issuer.matches(&of.issuer) => Ok(proof),
        of => {
            let (subject, issuer) =
                of.as_ref().map_or(("", ""), |it| (it.subject.as_str(), it.issuer.as_str()));
            Err(Failure::new(
                Problem::IdentityMismatch,
                format!("the certificate is of `{subject}`, issued by `{issuer}`"),
            ))
        }
    }
}

fn by_key(
    bundle: &sigstore::Bundle,
    artifact: sigstore::Artifact<'_>,
    key: &Key,
    root: &Root,
    rooted: bool,
) -> Result<Proof, Failure> {
    if !bundle.is_keyed() {
        return Err(Failure::new(
            Problem::SignerUnknown,
            "it is signed with a certificate, and a key was named",
        ));
    }
    if rooted || bundle.has_proofs() {
        return root.keyed(bundle, key, artifact);
    }
    if bundle.is_signed_by(key, artifact) {
        return Ok(Proof::default());
    }
    let detail = match (&artifact, key.works_on_digests()) {
        (sigstore::Artifact::Digest(_), false) => {
            "the signature is not this key's, or it is over a file and this kind of key needs the file itself"
        }
        _ => "the signature is not this key's",
    };
    Err(Failure::new(Problem::SignatureInvalid, detail))
}
