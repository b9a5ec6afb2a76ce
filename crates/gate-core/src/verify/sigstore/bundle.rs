//! From JSON to a sigstore bundle that is well formed and within its bounds.

use std::collections::BTreeSet;

use sigstore_types::bundle::{VerificationMaterial, VerificationMaterialContent};
use sigstore_types::{KindVersion, MediaType, SignatureContent, TransparencyLogEntry};

use super::{Artifact, Key};
use crate::limits;
use crate::reason::Problem;
use crate::verify::failure::Failure;
use crate::verify::json;

/// A sigstore bundle that is well formed and within its bounds. Nothing in it is verified.
pub(in crate::verify) struct Bundle {
    pub(super) wire: sigstore_types::Bundle,
    /// Whether its form knows no more than the log's promise of inclusion.
    promised: bool,
}

/// What a bundle's signature is over.
pub(in crate::verify) enum Content<'a> {
    /// A DSSE envelope's payload.
    Payload { payload_type: &'a str, payload: &'a [u8] },
    /// The artifact itself; the digest is the one that the bundle claims.
    Message { sha256: Option<&'a [u8]> },
}

impl Bundle {
    /// Reads a bundle that passed [`json::check`] and refuses what the crates would take: entries, timestamps and certificates
    /// without end, and a version label below the bundle's form.
    pub(in crate::verify) fn from_json(bytes: &[u8]) -> Result<Self, Failure> {
        let bundle: sigstore_types::Bundle = json::parse(bytes).map_err(|failure| {
            Failure::malformed(format!("no sigstore bundle: {}", failure.detail))
        })?;
        let material = &bundle.verification_material;
        let certificates = match &material.content {
            VerificationMaterialContent::X509CertificateChain { certificates } => {
                certificates.len()
            }
            _ => 1,
        };
        let timestamps = material.timestamp_verification_data.rfc3161_timestamps.len();
        for (what, count, limit) in [
            ("log entries", material.tlog_entries.len(), limits::LOG_ENTRIES),
            ("timestamps", timestamps, limits::TIMESTAMPS),
            ("certificates", certificates, limits::CHAIN_CERTIFICATES),
        ] {
            if count > limit {
                return Err(Failure::new(
                    Problem::EvidenceTooLarge,
                    format!("the bundle has {count} {what}, more than {limit}"),
                ));
            }
        }
        refuse_relabelled(&bundle)?;
        let promised = bundle.media_type == MediaType::Bundle0_1 && is_of_v0_1(material);
        Ok(Self { wire: bundle, promised })
    }

    /// Reads a bundle that was put together from what cosign 2 keeps, which never holds a proof of
    /// inclusion, not even for keys.
    pub(in crate::verify) fn of_cosign(bytes: &[u8]) -> Result<Self, Failure> {
        Ok(Self { promised: true, ..Self::from_json(bytes)? })
    }

    pub(in crate::verify) fn content(&self) -> Result<Content<'_>, Failure> {
        match &self.wire.content {
            SignatureContent::DsseEnvelope(envelope) => Ok(Content::Payload {
                payload_type: &envelope.payload_type,
                payload: envelope.payload.as_bytes(),
            }),
            SignatureContent::MessageSignature(message) => Ok(Content::Message {
                sha256: message
                    .message_digest
                    .as_ref()
                    .filter(|digest| digest.algorithm == sigstore_types::HashAlgorithm::Sha2256)
                    .map(|digest| digest.digest.as_bytes()),
            }),
            _ => Err(Failure::malformed("the bundle holds no signature that Gate reads")),
        }
    }

    /// Whether the bundle was signed with a key that it only hints at, not with a certificate.
    pub(in crate::verify) fn is_keyed(&self) -> bool {
        matches!(self.wire.verification_material.content, VerificationMaterialContent::PublicKey(_))
    }

    /// What the bundle says about its key: hint and key id.
    pub(in crate::verify) fn hints(&self) -> [&str; 2] {
        let hint = match &self.wire.verification_material.content {
            VerificationMaterialContent::PublicKey(key) => key.hint.as_str(),
            _ => "",
        };
        let id = match &self.wire.content {
            SignatureContent::DsseEnvelope(envelope) => envelope.signature.keyid.as_str(),
            _ => "",
        };
        [hint, id]
    }

    /// Whether the key made the bundle's signature, whatever log or timestamp it carries.
    pub(in crate::verify) fn is_signed_by(&self, key: &Key, artifact: Artifact<'_>) -> bool {
        match &self.wire.content {
            SignatureContent::DsseEnvelope(envelope) => {
                key.verifies(&envelope.pae(), envelope.signature.sig.as_bytes())
            }
            SignatureContent::MessageSignature(message) => {
                key.verifies_artifact(artifact, message.signature.as_bytes())
            }
            _ => false,
        }
    }

    /// Whether it carries a log entry or a timestamp.
    pub(in crate::verify) fn has_proofs(&self) -> bool {
        !self.wire.verification_material.tlog_entries.is_empty() || self.timestamps() > 0
    }

    /// Refuses log entries that a root must not be asked about: without a proof of inclusion, which
    /// only forms that know no proof may lack, or with the checkpoint of another log.
    pub(super) fn refuse_unprovable(&self) -> Result<(), Failure> {
        for entry in &self.wire.verification_material.tlog_entries {
            refuse_foreign_checkpoint(entry)?;
        }
        if !self.promised && !self.is_included() {
            let detail = "a log entry has no inclusion proof";
            return Err(Failure::new(Problem::LogProofInvalid, detail));
        }
        Ok(())
    }

    /// Whether each log entry has a proof of inclusion.
    pub(super) fn is_included(&self) -> bool {
        let entries = &self.wire.verification_material.tlog_entries;
        entries.iter().all(|entry| entry.inclusion_proof.is_some())
    }

    /// How many logs its entries are of. Each entry is verified by the key of the log that it names,
    /// so two of one log are one witness.
    pub(super) fn logs(&self) -> usize {
        let entries = &self.wire.verification_material.tlog_entries;
        entries.iter().map(|entry| entry.log_id.key_id.as_bytes()).collect::<BTreeSet<_>>().len()
    }

    /// How many timestamps of authorities it carries.
    pub(super) fn timestamps(&self) -> usize {
        self.wire.verification_material.timestamp_verification_data.rfc3161_timestamps.len()
    }

    pub(in crate::verify) fn media_type(&self) -> &'static str {
        self.wire.media_type.as_str()
    }
}

/// A v0.3 bundle that is relabelled v0.1 and stripped of its inclusion proof verifies on the log's
/// promise alone, and the crate reports it as logged. So a label below v0.3 must come with the form
/// of v0.1: a chain.
fn refuse_relabelled(bundle: &sigstore_types::Bundle) -> Result<(), Failure> {
    let single =
        matches!(bundle.verification_material.content, VerificationMaterialContent::Certificate(_));
    if single && bundle.media_type != MediaType::Bundle0_3 {
        return Err(Failure::malformed(format!(
            "{} has a certificate chain, not a single certificate: the bundle is relabelled",
            bundle.media_type
        )));
    }
    Ok(())
}

/// Whether the material is what was written as v0.1, where the log's promise is all there is: a chain,
/// or a key whose entries are of the kind that npm logs. Keys look alike in all versions, so any
/// other kind may be a later bundle that was relabelled to be asked for less.
fn is_of_v0_1(material: &VerificationMaterial) -> bool {
    match &material.content {
        VerificationMaterialContent::X509CertificateChain { .. } => true,
        VerificationMaterialContent::PublicKey(_) => {
            material.tlog_entries.iter().all(|entry| entry.kind_version == KindVersion::IntotoV002)
        }
        _ => false,
    }
}

/// The crate takes a checkpoint of any log that the root knows, and leaves the proof's root hash and
/// the entry's log id of Rekor v2 unread: readers that use them see another log or tree. All three
/// must speak of one.
fn refuse_foreign_checkpoint(entry: &TransparencyLogEntry) -> Result<(), Failure> {
    let refused = |detail| Err(Failure::new(Problem::LogProofInvalid, detail));
    let Some(proof) = &entry.inclusion_proof else { return Ok(()) };
    let Some(checkpoint) = proof.checkpoint.checkpoint() else { return Ok(()) };
    if *checkpoint.root_hash() != proof.root_hash {
        return refused("an inclusion proof's root hash is not its checkpoint's");
    }
    // A note names the key by the first four bytes of its id (C2SP signed-note).
    let log = entry.log_id.key_id.as_bytes().get(..4);
    let named = |hint: &[u8]| log == Some(hint);
    if !checkpoint.signatures().iter().any(|signature| named(signature.key_id.as_slice())) {
        return refused("a checkpoint is signed by another log than the one of its entry");
    }
    Ok(())
}
