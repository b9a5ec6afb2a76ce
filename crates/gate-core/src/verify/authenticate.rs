//! From a signature to the configured signers that made it, with what their roots prove.

use std::collections::BTreeSet;

use super::envelope::Envelope;
use super::failure::Failure;
use super::sigstore::{Artifact, Bundle, Proof};
use super::trust::{KeySigner, Trust};
use crate::Timestamp;
use crate::evidence::Kind;
use crate::facts::Identity;
use crate::reason::Problem;

/// A configured signer whose signature holds.
#[derive(Debug, Clone)]
pub(super) struct Signed {
    pub(super) signer: String,
    pub(super) proof: Proof,
}

impl Trust {
    /// The signers of a bundle: of a certificate there may be several, where their expressions
    /// overlap; of a key there is one.
    pub(super) fn signers_of_bundle(
        &self,
        bundle: &Bundle,
        artifact: Artifact<'_>,
        now: Timestamp,
    ) -> Result<Vec<Signed>, Failure> {
        if bundle.is_keyed() {
            let signer = self
                .keys
                .iter()
                .find(|signer| bundle.is_signed_by(&signer.key, artifact))
                .ok_or_else(|| self.no_key(&bundle.hints()))?;
            let proven = self.proven_key(signer, bundle, artifact)?;
            signer.refuse_out_of_use(proven.proof.signed_at, now)?;
            return Ok(vec![proven]);
        }
        self.certified(bundle, artifact)
    }

    /// The signers of a plain envelope. Each is a key by itself: an envelope has no room for a log
    /// entry, so a signer who must be logged does not sign this way.
    pub(super) fn signers_of_envelope(
        &self,
        envelope: &Envelope,
        now: Timestamp,
    ) -> Result<Vec<Signed>, Failure> {
        let message = envelope.signed_bytes();
        let made = |signer: &&KeySigner| {
            envelope.signatures.iter().any(|it| signer.key.verifies(&message, &it.bytes))
        };
        let signers: Vec<_> = self.keys.iter().filter(made).collect();
        if signers.is_empty() {
            let hints: Vec<_> = envelope.signatures.iter().map(|it| it.key_id.as_str()).collect();
            return Err(self.no_key(&hints));
        }
        let (alone, rooted): (Vec<_>, Vec<_>) =
            signers.into_iter().partition(|signer| signer.root.is_none());
        if let (true, Some(signer)) = (alone.is_empty(), rooted.first()) {
            return Err(Failure::new(
                Problem::SigningTimeUnproven,
                format!(
                    "the signature of `{}` counts with a log entry or timestamp, and a plain envelope holds none",
                    signer.name
                ),
            )
            .by(&signer.name));
        }
        let in_use: Vec<_> =
            alone.iter().map(|signer| signer.refuse_out_of_use(None, now)).collect();
        if in_use.iter().all(Result::is_err)
            && let Some(Err(failure)) = in_use.into_iter().next()
        {
            return Err(failure);
        }
        let signed =
            |signer: &KeySigner| Signed { signer: signer.name.clone(), proof: Proof::default() };
        let current = alone.into_iter().filter(|it| it.refuse_out_of_use(None, now).is_ok());
        Ok(current.map(signed).collect())
    }

    /// The first of these signers, by name, that may sign this kind.
    pub(super) fn trusted(&self, kind: Kind, signers: Vec<Signed>) -> Result<Signed, Failure> {
        let names: Vec<_> = signers.iter().map(|it| it.signer.clone()).collect();
        let trusted: Vec<_> =
            signers.into_iter().filter(|it| self.trusts(kind, &it.signer)).collect();
        if kind == Kind::Approval {
            let people: BTreeSet<_> =
                trusted.iter().map(|it| self.people.of_signer(&it.signer)).collect();
            if people.len() > 1 {
                return Err(Failure::new(
                    Problem::ApproverUnknown,
                    format!(
                        "it is signed for several persons ({}): let each sign an approval of their own",
                        names.join(", ")
                    ),
                ));
            }
        }
        trusted.into_iter().next().ok_or_else(|| {
            let stranger = |name: &String| {
                self.people.of_signer(name).is_none() && !self.is_trusted_for_anything(name)
            };
            let unknown = kind == Kind::Approval && names.iter().all(stranger);
            let names = names.join(", ");
            if unknown {
                let detail = format!("the signer `{names}` is no person of the configuration");
                return Failure::new(Problem::ApproverUnknown, detail).by(&names);
            }
            Failure::new(
                Problem::SignerNotTrusted,
                format!("`{names}` signed it, who is not named under trust.{}", kind.name()),
            )
            .by(&names)
        })
    }

    /// A key whose signature was found to hold, with what its root proves, where it has one.
    fn proven_key(
        &self,
        signer: &KeySigner,
        bundle: &Bundle,
        artifact: Artifact<'_>,
    ) -> Result<Signed, Failure> {
        let root = signer.root.as_ref().and_then(|name| self.roots.get(name));
        let proof = match root {
            None => Proof::default(),
            Some(root) => root
                .keyed(bundle, &signer.key, artifact)
                .map_err(|failure| failure.by(&signer.name))?,
        };
        Ok(Signed { signer: signer.name.clone(), proof })
    }

    fn certified(&self, bundle: &Bundle, artifact: Artifact<'_>) -> Result<Vec<Signed>, Failure> {
        let roots: BTreeSet<_> = self.identities.iter().map(|signer| &signer.root).collect();
        let mut seen = Seen::default();
        for name in roots {
            let Some(root) = self.roots.get(name) else { continue };
            match root.certified(bundle, artifact) {
                Ok(proof) => self.compare(name, &proof, &mut seen),
                Err(failure) => seen.failures.push(failure),
            }
        }
        seen.signers()
    }

    /// Compares a certificate that holds under a root with the identities expected there.
    fn compare(&self, root: &str, proof: &Proof, seen: &mut Seen) {
        let Some(identity) = &proof.identity else { return };
        let mut nobody = true;
        for signer in self.identities.iter().filter(|it| it.root == root && it.is_of(identity)) {
            nobody = false;
            match (signer.other_claim(identity), proof.clone().met()) {
                (None, Ok(proof)) => {
                    seen.signed.push(Signed { signer: signer.name.clone(), proof });
                }
                (None, Err(failure)) => seen.nearly.push(failure.by(&signer.name)),
                (Some(claim), _) => {
                    let failure = Failure::new(Problem::IdentityMismatch, of(identity, &claim));
                    seen.nearly.push(failure.by(&signer.name));
                }
            }
        }
        if nobody {
            seen.strangers.push(Failure::new(Problem::IdentityMismatch, of(identity, "")));
        }
    }

    /// No key fits. Where a hint names a configured key, the signed bytes were changed after
    /// signing; else somebody else signed.
    fn no_key(&self, hints: &[&str]) -> Failure {
        let hinted =
            self.keys.iter().find(|signer| hints.iter().any(|hint| signer.key.is_hinted(hint)));
        match hinted {
            Some(signer) => Failure::new(
                Problem::SignatureInvalid,
                format!(
                    "it names the key of `{}`, and the signature is not that key's",
                    signer.name
                ),
            )
            .by(&signer.name),
            None => Failure::new(
                Problem::SignerUnknown,
                "the signature is of none of the configured keys",
            ),
        }
    }
}

/// What became of a certificate under the roots.
#[derive(Default)]
struct Seen {
    /// Signers that it is of.
    signed: Vec<Signed>,
    /// Signers that it would be of, but for a claim or a demand of the root.
    nearly: Vec<Failure>,
    /// It holds and is of nobody.
    strangers: Vec<Failure>,
    /// It does not hold.
    failures: Vec<Failure>,
}

impl Seen {
    fn signers(mut self) -> Result<Vec<Signed>, Failure> {
        if !self.signed.is_empty() {
            self.signed.sort_by(|a, b| a.signer.cmp(&b.signer));
            return Ok(self.signed);
        }
        // With several roots, one that does not know the authority says less than the others.
        self.failures.sort_by_key(|failure| failure.code == Problem::CertificateInvalid);
        let first = self.nearly.into_iter().chain(self.strangers).chain(self.failures).next();
        Err(first.unwrap_or_else(|| {
            Failure::new(
                Problem::SignerUnknown,
                "it is signed with a certificate, and no configured signer is an identity",
            )
        }))
    }
}

fn of(identity: &Identity, claim: &str) -> String {
    let Identity { subject, issuer, .. } = identity;
    let claim = if claim.is_empty() { String::new() } else { format!(": {claim}") };
    format!("the certificate is of `{subject}`, issued by `{issuer}`{claim}")
}
