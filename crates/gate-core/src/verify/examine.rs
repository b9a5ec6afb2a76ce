//! From one piece of evidence to what it says, who says so and how it is bound to the subject.

use super::authenticate::Signed;
use super::cosign::Layer;
use super::detect::{Form, detect};
use super::envelope::{Envelope, IN_TOTO};
use super::failure::Failure;
use super::pypi;
use super::readers::{self, Format, Read, Reading};
use super::sigstore::{Artifact, Bundle, Content};
use super::statement::Statement;
use super::trust::Trust;
use crate::evidence::{Evidence, Kind, Origin};
use crate::facts::{Binding, Signature, Source};
use crate::reason::Problem;
use crate::{Digest, Timestamp, limits};

/// What evidence is examined for.
pub(super) struct Context<'a> {
    pub(super) trust: &'a Trust,
    /// The subject.
    pub(super) subject: Digest,
    /// The subject's bytes where they are at hand.
    pub(super) artifact: Artifact<'a>,
    /// The platform manifests under the subject: what names one of these names the subject.
    pub(super) platforms: Vec<Digest>,
    /// Who asks.
    pub(super) requester: &'a str,
    /// The time of the decision.
    pub(super) now: Timestamp,
}

/// Evidence that holds.
pub(super) struct Examined {
    pub(super) source: Source,
    pub(super) reading: Reading,
    /// The signature itself, where there is one.
    pub(super) signature: Option<Signature>,
    /// The predicate type, of statements that are signed.
    pub(super) predicate_type: Option<String>,
}

/// Examines a piece, or each statement in it where it holds several. `denies` is the caller's
/// business: here every failure is alike.
pub(super) fn examine_each(
    evidence: &Evidence,
    context: &Context<'_>,
) -> Vec<Result<Examined, Failure>> {
    let bytes = evidence.unverified_bytes.as_slice();
    let piece = |size| Piece { size, digest: evidence.digest, origin: &evidence.origin, context };
    if bytes.len() > limits::SBOM_BYTES {
        return vec![Err(too_large(bytes.len(), limits::SBOM_BYTES))];
    }
    let (form, bytes) = match detect(bytes) {
        Ok(detected) => detected,
        Err(failure) => return vec![Err(failure)],
    };
    let Form::Several(container) = form else {
        return vec![piece(evidence.unverified_bytes.len()).form(form, bytes)];
    };
    match container.parts(bytes) {
        Ok(parts) => parts
            .into_iter()
            .map(|part| {
                let (form, bytes) = detect(part)?;
                piece(part.len()).form(form, bytes)
            })
            .collect(),
        Err(failure) => vec![Err(failure)],
    }
}

/// Reads a document that stands by itself, without a statement around it.
pub(super) fn read_document(format: Format, bytes: &[u8]) -> Result<Read, Failure> {
    let kind = format.kind();
    if kind != Kind::Sbom && bytes.len() > limits::EVIDENCE_BYTES {
        return Err(too_large(bytes.len(), limits::EVIDENCE_BYTES).of(kind));
    }
    format.read(bytes).map_err(|failure| failure.of(kind))
}

/// More bytes than are read.
pub(super) fn too_large(size: usize, limit: usize) -> Failure {
    Failure::new(Problem::EvidenceTooLarge, format!("has {size} bytes, more than {limit}"))
}

/// A piece under examination.
struct Piece<'a> {
    size: usize,
    digest: Digest,
    origin: &'a Origin,
    context: &'a Context<'a>,
}

impl Piece<'_> {
    fn form(&self, form: Form, bytes: &[u8]) -> Result<Examined, Failure> {
        match form {
            Form::Bundle => self.bundle(bytes),
            Form::Layer => self.layer(bytes),
            Form::PypiAttestation => self.content(&pypi::attestation(bytes)?),
            Form::PypiProvenance => self.content(&pypi::provenance(bytes)?),
            Form::Envelope => self.envelope(bytes),
            Form::Statement => self.bare_statement(bytes),
            Form::Several(container) => Err(Failure::malformed(format!(
                "stands within another file and holds several statements itself ({})",
                container.name()
            ))),
            Form::Document(format) => self.document(format, bytes),
        }
    }

    fn bundle(&self, bytes: &[u8]) -> Result<Examined, Failure> {
        self.content(&Bundle::from_json(bytes)?)
    }

    fn content(&self, bundle: &Bundle) -> Result<Examined, Failure> {
        let Context { trust, artifact, now, .. } = self.context;
        match bundle.content()? {
            Content::Payload { payload_type, payload } => {
                self.signed(payload_type, payload, |statement| {
                    trust
                        .signers_of_bundle(bundle, *artifact, *now)
                        .map_err(|failure| self.for_want_of_a_digest(statement, failure))
                })
            }
            Content::Message { sha256 } => {
                self.message(bundle, sha256).map_err(|failure| failure.of(Kind::Signature))
            }
        }
    }

    /// What cosign 2 signed: a payload that names the image, or an envelope.
    fn layer(&self, bytes: &[u8]) -> Result<Examined, Failure> {
        match Layer::from_json(bytes)? {
            Layer::Statement { bundle } => self.content(&bundle),
            Layer::Signature { payload, image, bundle } => {
                let examine = || {
                    if image != self.context.subject {
                        let detail = format!("the payload names {image}");
                        return Err(Failure::new(Problem::SubjectMismatch, detail));
                    }
                    let Context { trust, now, .. } = self.context;
                    let signers =
                        trust.signers_of_bundle(&bundle, Artifact::Bytes(&payload), *now)?;
                    let signed = trust.trusted(Kind::Signature, signers)?;
                    Ok(self.examined(Reading::Signature, signed, "simple-signing", None))
                };
                examine().map_err(|failure: Failure| failure.of(Kind::Signature))
            }
        }
    }

    /// The sigstore crates verify a log entry for an artifact's digest alone. A change that names
    /// only its commit cannot be verified under a root, and it is not the statement that is broken.
    fn for_want_of_a_digest(&self, statement: &Statement<'_>, failure: Failure) -> Failure {
        if statement.names(self.context.subject) || !failure.is_unreadable() {
            return failure;
        }
        let detail = "a change that is signed under a trusted root must name the subject's sha256, \
                      beside the commit or instead of it";
        Failure { signer: failure.signer, ..Failure::new(Problem::SubjectMismatch, detail) }
    }

    fn message(&self, bundle: &Bundle, sha256: Option<&[u8]>) -> Result<Examined, Failure> {
        if let Some(claimed) = sha256
            && claimed != self.context.subject.as_bytes()
        {
            return Err(Failure::new(
                Problem::SubjectMismatch,
                format!("the signature is over sha256:{}", hex::encode(claimed)),
            ));
        }
        let Context { trust, artifact, now, .. } = self.context;
        let signers = trust.signers_of_bundle(bundle, *artifact, *now)?;
        let signed = trust.trusted(Kind::Signature, signers)?;
        Ok(self.examined(Reading::Signature, signed, "message", None))
    }

    fn envelope(&self, bytes: &[u8]) -> Result<Examined, Failure> {
        let envelope = Envelope::from_json(bytes)?;
        self.signed(&envelope.payload_type, &envelope.payload, |_| {
            self.context.trust.signers_of_envelope(&envelope, self.context.now)
        })
    }

    /// A signed statement: its subject is compared before its signature, because what speaks of
    /// something else proves nothing here whoever signed it.
    fn signed(
        &self,
        payload_type: &str,
        payload: &[u8],
        signers: impl FnOnce(&Statement<'_>) -> Result<Vec<Signed>, Failure>,
    ) -> Result<Examined, Failure> {
        if payload_type != IN_TOTO {
            return Err(Failure::new(
                Problem::EvidenceUnknown,
                format!("the payload is `{payload_type}`, no in-toto statement"),
            ));
        }
        let statement = Statement::from_json(payload)?;
        let (kind, predicate_type) = self.kind(&statement)?;
        let examine = || {
            self.bound(&statement, kind)?;
            let (signed, read) =
                self.said(kind, predicate_type, &statement, signers(&statement)?)?;
            if let Reading::Change(claim) = &read.reading
                && !statement.names(self.context.subject)
                && !statement.names_commit(&claim.commit)
            {
                return Err(Failure::new(
                    Problem::SubjectMismatch,
                    format!("it speaks of commit {}, its subject is another", claim.commit),
                )
                .by(&signed.signer));
            }
            Ok(self.examined(
                read.reading,
                signed,
                "statement",
                Some(statement.predicate_type.clone()),
            ))
        };
        examine().map_err(|failure: Failure| failure.of(kind))
    }

    /// What a statement says, and the signer who counts for that. CycloneDX is a bill of materials
    /// or VEX, whose signers are others, and which of them shows when it is read.
    fn said(
        &self,
        kind: Kind,
        predicate_type: &str,
        statement: &Statement<'_>,
        signers: Vec<Signed>,
    ) -> Result<(Signed, Read), Failure> {
        let trust = self.context.trust;
        let promised = trust.trusted(kind, signers.clone());
        if kind != Kind::Sbom || trust.trusted(Kind::Vex, signers.clone()).is_err() {
            promised.clone()?;
        }
        let read = readers::read(kind, predicate_type, statement)
            .and_then(|read| self.about_subject(read))
            .map_err(|failure| match &promised {
                Ok(signed) => failure.by(&signed.signer),
                Err(_) => failure,
            })?;
        let said = read.reading.kind();
        if said == kind {
            return Ok((promised?, read));
        }
        let signed = trust.trusted(said, signers).map_err(|failure| failure.of(said))?;
        Ok((signed, read))
    }

    /// A statement that nobody signed: it names the subject and counts where unsigned evidence of
    /// its kind does.
    fn bare_statement(&self, bytes: &[u8]) -> Result<Examined, Failure> {
        let statement = Statement::from_json(bytes)?;
        let (kind, predicate_type) = self.kind(&statement)?;
        let examine = || {
            self.bound(&statement, kind)?;
            let read = readers::read(kind, predicate_type, &statement)
                .and_then(|read| self.about_subject(read))?;
            self.unsigned(read.reading, Binding::Content)
        };
        examine().map_err(|failure: Failure| failure.of(kind))
    }

    fn document(&self, format: Format, bytes: &[u8]) -> Result<Examined, Failure> {
        let read = read_document(format, bytes)?;
        let kind = read.reading.kind();
        let names_subject = !read.names.is_empty();
        let examine = || {
            let read = self.about_subject(read)?;
            // What lies beside the subject was put there by a referrer that names the subject.
            let beside = matches!(self.origin, Origin::Beside { .. });
            let binding = if names_subject || beside { Binding::Content } else { Binding::Caller };
            self.unsigned(read.reading, binding)
        };
        examine().map_err(|failure: Failure| failure.of(kind))
    }

    fn kind<'s>(&'s self, statement: &'s Statement<'_>) -> Result<(Kind, &'s str), Failure> {
        let trust = self.context.trust;
        let kind = trust.kind(&statement.predicate_type).ok_or_else(|| {
            Failure::new(
                Problem::PredicateUnsupported,
                format!("the predicate type is `{}`", statement.predicate_type),
            )
        })?;
        if kind != Kind::Sbom && self.size > limits::BUNDLE_BYTES {
            return Err(too_large(self.size, limits::BUNDLE_BYTES).of(kind));
        }
        Ok((kind, trust.predicate_type(&statement.predicate_type)))
    }

    /// A change may be about its commit instead of the subject: provenance joins the two.
    fn bound(&self, statement: &Statement<'_>, kind: Kind) -> Result<(), Failure> {
        if statement.names(self.context.subject)
            || (kind == Kind::Change && statement.commits().next().is_some())
        {
            return Ok(());
        }
        Err(Failure::new(
            Problem::SubjectMismatch,
            format!("the statement is about {}", statement.subjects_in_words()),
        ))
    }

    /// A document that names artifacts, and not this one, speaks of something else.
    fn about_subject(&self, read: Read) -> Result<Read, Failure> {
        let Context { subject, platforms, .. } = self.context;
        if read.names.is_empty()
            || read.names.iter().any(|named| named == subject || platforms.contains(named))
        {
            return Ok(read);
        }
        let names: Vec<_> = read.names.iter().take(3).map(Digest::to_string).collect();
        Err(Failure::new(
            Problem::SubjectMismatch,
            format!("the document is about {}", names.join(", ")),
        ))
    }

    fn unsigned(&self, reading: Reading, binding: Binding) -> Result<Examined, Failure> {
        let kind = reading.kind();
        if !self.context.trust.allows_unsigned(kind) {
            return Err(Failure::new(
                Problem::UnsignedNotAllowed,
                format!(
                    "it is not signed, and unsigned evidence of kind {} does not count",
                    kind.name()
                ),
            ));
        }
        let caller = match (binding, self.origin) {
            (Binding::Caller, Origin::Uploaded { by }) => Some(by.clone()),
            (Binding::Caller, _) => Some(self.context.requester.to_owned()),
            _ => None,
        };
        let source =
            Source { evidence: self.digest, binding, signer: None, identity: None, caller };
        Ok(Examined { source, reading, signature: None, predicate_type: None })
    }

    fn examined(
        &self,
        reading: Reading,
        signed: Signed,
        form: &str,
        predicate_type: Option<String>,
    ) -> Examined {
        let Signed { signer, proof } = signed;
        let logged = proof.is_logged();
        let signature = Signature { form: form.to_owned(), signed_at: proof.signed_at, logged };
        let source = Source {
            evidence: self.digest,
            binding: Binding::Statement,
            signer: Some(signer),
            identity: proof.identity,
            caller: None,
        };
        Examined { source, reading, signature: Some(signature), predicate_type }
    }
}
