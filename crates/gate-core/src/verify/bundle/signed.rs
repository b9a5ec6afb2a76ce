//! From a signed form to what was proven about it, for one expected signer under one root.

use aws_lc_rs::digest::SHA512;

use super::{Accepted, Rejected, Signer, Who, accepted};
use crate::Digest;
use crate::reason::{ErrorCode, Problem};
use crate::verify::cosign::Layer;
use crate::verify::detect::Form;
use crate::verify::envelope::{Envelope, IN_TOTO};
use crate::verify::failure::Failure;
use crate::verify::pypi;
use crate::verify::sigstore::{Artifact, Bundle, Content, Key, Proof, Root};
use crate::verify::statement::Statement;
use crate::verify::trust::Pattern;

/// Whom to expect, and under which root.
pub(super) struct Terms<'a> {
    pub(super) signer: &'a Signer,
    pub(super) root: &'a Root,
    /// Whether the caller named the root: then keys need its proofs too.
    pub(super) rooted: bool,
}

/// What it is to be about, by each digest that is known.
pub(super) struct About<'a> {
    artifact: Artifact<'a>,
    sha256: Option<Digest>,
    sha512: Option<String>,
}

impl<'a> About<'a> {
    pub(super) fn of(artifact: super::Artifact<'a>) -> Self {
        match artifact {
            super::Artifact::Bytes(bytes) => Self {
                artifact: Artifact::Bytes(bytes),
                sha256: Some(Digest::of(bytes)),
                sha512: Some(hex::encode(aws_lc_rs::digest::digest(&SHA512, bytes))),
            },
            super::Artifact::Digest(digest) => {
                Self { artifact: Artifact::Digest(digest), sha256: Some(digest), sha512: None }
            }
            super::Artifact::Sha512(digest) => Self {
                artifact: Artifact::Sha512(digest),
                sha256: None,
                sha512: Some(hex::encode(digest)),
            },
        }
    }

    fn is_named_by(&self, statement: &Statement<'_>) -> bool {
        self.sha256.is_some_and(|digest| statement.names(digest))
            || self.sha512.as_ref().is_some_and(|digest| statement.names_sha512(digest))
    }
}

impl Terms<'_> {
    /// A sigstore bundle about the artifact.
    pub(super) fn bundle(&self, bundle: &Bundle, about: &About<'_>) -> Result<Accepted, Rejected> {
        let predicate_type = speaks_of(bundle, about)?;
        let proof = self.proof(bundle, about.artifact)?;
        Ok(accepted("sigstore-bundle", Some(bundle.media_type()), proof, predicate_type))
    }

    /// Evidence of any form; `None` where it is not signed.
    pub(super) fn evidence(
        &self,
        form: Form,
        bytes: &[u8],
        about: &About<'_>,
    ) -> Option<Result<Accepted, Rejected>> {
        match form {
            Form::Bundle => Some(self.read(Bundle::from_json(bytes), about)),
            Form::PypiAttestation => Some(self.read(pypi::attestation(bytes), about)),
            Form::PypiProvenance => Some(self.read(pypi::provenance(bytes), about)),
            Form::Layer => Some(self.layer(bytes, about)),
            Form::Envelope => Some(self.envelope(bytes, about)),
            Form::Statement | Form::Several(_) | Form::Document(_) => None,
        }
    }

    fn read(
        &self,
        bundle: Result<Bundle, Failure>,
        about: &About<'_>,
    ) -> Result<Accepted, Rejected> {
        self.bundle(&bundle?, about)
    }

    fn layer(&self, bytes: &[u8], about: &About<'_>) -> Result<Accepted, Rejected> {
        let (proof, predicate_type) = match Layer::from_json(bytes)? {
            Layer::Statement { bundle } => {
                let predicate_type = speaks_of(&bundle, about)?;
                (self.proof(&bundle, about.artifact)?, predicate_type)
            }
            Layer::Signature { image, .. } if about.sha256 != Some(image) => {
                let detail = format!("the payload names {image}");
                return Err(Failure::new(Problem::SubjectMismatch, detail).into());
            }
            Layer::Signature { payload, bundle, .. } => {
                (self.proof(&bundle, Artifact::Bytes(&payload))?, None)
            }
        };
        Ok(accepted(Form::Layer.name(), None, proof, predicate_type))
    }

    fn envelope(&self, bytes: &[u8], about: &About<'_>) -> Result<Accepted, Rejected> {
        let envelope = Envelope::from_json(bytes)?;
        let predicate_type = names(&envelope.payload_type, &envelope.payload, about)?;
        let Who::Key(pem) = &self.signer.0 else {
            return Err(Failure::new(
                Problem::SignerUnknown,
                "a plain envelope has no certificate, and a certificate's identity was asked for",
            )
            .into());
        };
        let key = public_key(pem)?;
        if self.rooted {
            let detail =
                "a plain envelope has neither a log entry nor a timestamp, and a root asks for one";
            return Err(Failure::new(Problem::SigningTimeUnproven, detail).into());
        }
        let message = envelope.signed_bytes();
        if !envelope.signatures.iter().any(|it| key.verifies(&message, &it.bytes)) {
            let detail = "the signature is not this key's";
            return Err(Failure::new(Problem::SignatureInvalid, detail).into());
        }
        Ok(accepted(Form::Envelope.name(), None, Proof::default(), Some(predicate_type)))
    }

    fn proof(&self, bundle: &Bundle, artifact: Artifact<'_>) -> Result<Proof, Rejected> {
        match &self.signer.0 {
            Who::Identity { identity, issuer } => {
                Ok(self.by_identity(bundle, artifact, identity, issuer)?)
            }
            Who::Key(pem) => {
                let key = public_key(pem)?;
                Ok(self.by_key(bundle, artifact, &key)?)
            }
        }
    }

    fn by_identity(
        &self,
        bundle: &Bundle,
        artifact: Artifact<'_>,
        identity: &Pattern,
        issuer: &Pattern,
    ) -> Result<Proof, Failure> {
        if bundle.is_keyed() {
            return Err(Failure::new(
                Problem::SignerUnknown,
                "it is signed with a key, and a certificate's identity was asked for",
            ));
        }
        let proof = self.root.certified(bundle, artifact)?;
        match &proof.identity {
            Some(of) if identity.matches(&of.subject) && issuer.matches(&of.issuer) => proof.met(),
            of => {
                let (subject, by) =
                    of.as_ref().map_or(("", ""), |it| (it.subject.as_str(), it.issuer.as_str()));
                Err(Failure::new(
                    Problem::IdentityMismatch,
                    format!(
                        "the certificate is of `{subject}`, issued by `{by}`; expected {identity} of {issuer}"
                    ),
                ))
            }
        }
    }

    fn by_key(&self, bundle: &Bundle, artifact: Artifact<'_>, key: &Key) -> Result<Proof, Failure> {
        if !bundle.is_keyed() {
            return Err(Failure::new(
                Problem::SignerUnknown,
                "it is signed with a certificate, and a key was named",
            ));
        }
        if self.rooted || bundle.has_proofs() {
            return self.root.keyed(bundle, key, artifact);
        }
        if bundle.is_signed_by(key, artifact) {
            return Ok(Proof::default());
        }
        let detail = match (&artifact, key.works_on_digests()) {
            (Artifact::Digest(_), false) => {
                "the signature is not this key's, or it is over a file and this kind of key needs the file itself"
            }
            _ => "the signature is not this key's",
        };
        Err(Failure::new(Problem::SignatureInvalid, detail))
    }
}

fn public_key(pem: &str) -> Result<Key, Rejected> {
    Key::from_pem(pem)
        .map_err(|detail| Rejected::before(ErrorCode::KeyInvalid, format!("public key: {detail}")))
}

/// Refuses a bundle that speaks of something else, and returns its predicate type.
fn speaks_of(bundle: &Bundle, about: &About<'_>) -> Result<Option<String>, Failure> {
    match bundle.content()? {
        Content::Message { sha256: Some(claimed) }
            if about.sha256.as_ref().is_none_or(|digest| claimed != digest.as_bytes()) =>
        {
            Err(Failure::new(
                Problem::SubjectMismatch,
                format!("the signature is over sha256:{}", hex::encode(claimed)),
            ))
        }
        Content::Message { .. } => Ok(None),
        Content::Payload { payload_type, payload } => names(payload_type, payload, about).map(Some),
    }
}

/// Refuses a payload that is no statement about the subject, and returns its predicate type.
fn names(payload_type: &str, payload: &[u8], about: &About<'_>) -> Result<String, Failure> {
    if payload_type != IN_TOTO {
        return Err(Failure::new(
            Problem::EvidenceUnknown,
            format!("the payload is `{payload_type}`, no in-toto statement"),
        ));
    }
    let statement = Statement::from_json(payload)?;
    if !about.is_named_by(&statement) {
        return Err(Failure::new(
            Problem::SubjectMismatch,
            format!("the statement is about {}", statement.subjects_in_words()),
        ));
    }
    Ok(statement.predicate_type)
}
