//! A trusted root and what it must prove: from a bundle to who signed, when, and in how many logs.

use std::collections::BTreeMap;

use serde::Deserialize;
use sigstore_trust_root::{TransparencyLog, TrustedRoot};
use sigstore_types::TransparencyLogEntry;
use sigstore_verify::{
    PublicKeyVerificationPolicy, VerificationPolicy, VerificationResult, Verifier,
};

use super::{Artifact, Bundle, Key, Logged, Proof, claims, rejection};
use crate::Timestamp;
use crate::environment::RootRules;
use crate::facts::Identity;
use crate::reason::Problem;
use crate::verify::failure::Failure;

/// The media types of trusted roots, of which the crates ask nothing.
const MEDIA_TYPES: [&str; 3] = [
    "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    "application/vnd.dev.sigstore.trustedroot.v0.1+json",
    "application/vnd.dev.sigstore.trustedroot.v0.2+json",
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Label {
    media_type: String,
}

/// A trusted root, ready to verify.
pub(in crate::verify) struct Root {
    verifier: Verifier,
    /// The logs' addresses by their ids.
    logs: BTreeMap<Vec<u8>, String>,
    /// What it must prove; `None` asks certificates for a log entry and a certificate timestamp,
    /// keys for a log entry or a timestamp.
    rules: Option<RootRules>,
}

impl Root {
    /// Loads a trusted root; malformed, duplicate or unsupported material is refused here, not
    /// at the first signature.
    pub(in crate::verify) fn from_json(
        bytes: &[u8],
        rules: Option<RootRules>,
    ) -> Result<Self, String> {
        let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
        let Label { media_type } = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if !MEDIA_TYPES.contains(&media_type.as_str()) {
            return Err(format!("`{media_type}` is no media type of a trusted root"));
        }
        let root = TrustedRoot::from_json(text).map_err(|error| error.to_string())?;
        let verifier = Verifier::new(&root).map_err(|error| error.to_string())?;
        let address =
            |log: &TransparencyLog| (log.log_id.key_id.as_bytes().to_vec(), log.base_url.clone());
        let logs = root.tlogs.iter().map(address).collect();
        Ok(Self { verifier, logs, rules })
    }

    /// Verifies a bundle that was signed with a certificate: chain, SCT, log, time and signature.
    /// Whose identity it is may be anybody's: the caller compares it, and then asks whether the
    /// root's demands are met.
    pub(in crate::verify) fn certified(
        &self,
        bundle: &Bundle,
        artifact: Artifact<'_>,
    ) -> Result<Proof, Failure> {
        let rules = self.rules.unwrap_or_default();
        bundle.refuse_unprovable()?;
        let logged = bundle.logs() > 0;
        let mut policy = VerificationPolicy::any_identity();
        // An entry that is there must hold, whether or not the root asks for one.
        if rules.logs == 0 && !logged {
            policy = policy.skip_tlog_unsafe();
        }
        if !rules.sct {
            policy = policy.skip_sct();
        }
        let result = self
            .verifier
            .verify(artifact.wire(), &bundle.wire, &policy)
            .map_err(|error| rejection::of(&error))?;
        let held = result.certificate_verified()
            && result.sct_verified() == rules.sct
            && result.tlog_verified() == logged
            && !result.verified_timestamps().is_empty();
        let subject = claims::subject(&result, bundle);
        let (Some(subject), true) = (subject, held) else {
            return Err(Failure::new(
                Problem::CertificateInvalid,
                "the certificate names no e-mail address, URI or user name",
            ));
        };
        // GitHub's certificates for releases name no issuer: only an expression for nothing fits.
        let issuer = result.issuer().unwrap_or_default();
        let claims = claims::of(&result);
        let identity = Identity { subject, issuer: issuer.to_owned(), claims };
        let unmet = meets(bundle, rules).err();
        Ok(Proof { identity: Some(identity), unmet, ..self.proof(bundle, &result) })
    }

    /// Verifies a bundle that was signed with this key, and its log entries or timestamps: one of
    /// them must be there, and each that is there must verify.
    pub(in crate::verify) fn keyed(
        &self,
        bundle: &Bundle,
        key: &Key,
        artifact: Artifact<'_>,
    ) -> Result<Proof, Failure> {
        bundle.refuse_unprovable()?;
        let logged = bundle.logs() > 0;
        let policy = PublicKeyVerificationPolicy::new(key.spki.clone());
        // Without an entry there is nothing to skip: what remains asked for is the timestamp.
        let policy = if logged { policy } else { policy.skip_tlog_unsafe() };
        let result = self
            .verifier
            .verify(artifact.wire(), &bundle.wire, &policy)
            .map_err(|error| rejection::of(&error))?;
        if !logged && result.verified_timestamps().is_empty() {
            return Err(Failure::new(
                Problem::SigningTimeUnproven,
                "the bundle has neither a log entry nor a timestamp",
            ));
        }
        if let Some(rules) = self.rules {
            meets(bundle, rules)?;
        }
        Ok(self.proof(bundle, &result))
    }

    /// What was verified, without the identity.
    fn proof(&self, bundle: &Bundle, result: &VerificationResult) -> Proof {
        let logged = |entry: &TransparencyLogEntry| {
            let id = entry.log_id.key_id.as_bytes();
            Logged {
                log: self.logs.get(id).cloned().unwrap_or_else(|| hex::encode(id)),
                index: u64::try_from(entry.log_index.as_i64()).unwrap_or_default(),
                inclusion_proven: entry.inclusion_proof.is_some(),
            }
        };
        Proof {
            identity: None,
            signed_at: earliest(result),
            logs: bundle.wire.verification_material.tlog_entries.iter().map(logged).collect(),
            timestamps: bundle.timestamps(),
            sct: result.sct_verified(),
            unmet: None,
        }
    }
}

/// Whether a bundle carries what the root asks for, once each entry and each timestamp in it was
/// verified.
fn meets(bundle: &Bundle, rules: RootRules) -> Result<(), Failure> {
    let logs = bundle.logs();
    if logs < rules.logs {
        let detail = match logs {
            0 => format!("the bundle has no log entry, and the root asks for {}", rules.logs),
            _ => format!(
                "the bundle has entries of {logs} logs, and the root asks for {}",
                rules.logs
            ),
        };
        return Err(Failure::new(Problem::LogProofInvalid, detail));
    }
    if rules.inclusion_proof && !bundle.is_included() {
        return Err(Failure::new(
            Problem::LogProofInvalid,
            "a log entry has the log's promise alone, and the root asks for proofs of inclusion",
        ));
    }
    if rules.timestamp && bundle.timestamps() == 0 {
        return Err(Failure::new(
            Problem::SigningTimeUnproven,
            "the bundle has no timestamp of an authority, and the root asks for one",
        ));
    }
    Ok(())
}

/// To the second, as logs tell time; the crates' instants are of another version of jiff.
fn earliest(result: &VerificationResult) -> Option<Timestamp> {
    let seconds = result.verified_timestamps().iter().map(|time| time.as_second()).min()?;
    Timestamp::from_second(seconds)
}
