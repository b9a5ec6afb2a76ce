//! `--key` and `--certificate-*`, named as cosign names them, as a signer and its trusted root.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use gate_core::Digest;
use gate_core::environment::{RootRules, SignerDocument};
use gate_core::verify::PUBLIC_GOOD_ROOT;
use gate_core::verify::bundle::Signer;
use gate_io::files::read_bounded;

use crate::failure::Failure;

/// The greatest size of a key or a trusted root.
const FILE_BYTES: usize = 4 << 20;
/// The name of the root in the documents made here.
const ROOT: &str = "trusted-root";

/// Who is trusted: a key, or an identity that a certificate authority vouches for.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Trust")]
pub(crate) struct TrustArguments {
    /// Public key (PEM) that signs
    #[arg(long, env = "GATE_KEY", value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// Identity that the certificate must have
    #[arg(long, env = "GATE_CERTIFICATE_IDENTITY", value_name = "IDENTITY")]
    pub(crate) certificate_identity: Option<String>,
    /// Expression that the whole identity must match
    #[arg(long, env = "GATE_CERTIFICATE_IDENTITY_REGEXP", value_name = "REGEXP")]
    pub(crate) certificate_identity_regexp: Option<String>,
    /// OIDC issuer that the certificate must name
    #[arg(long, env = "GATE_CERTIFICATE_OIDC_ISSUER", value_name = "ISSUER")]
    pub(crate) certificate_oidc_issuer: Option<String>,
    /// Expression that the whole issuer must match
    #[arg(long, env = "GATE_CERTIFICATE_OIDC_ISSUER_REGEXP", value_name = "REGEXP")]
    pub(crate) certificate_oidc_issuer_regexp: Option<String>,
    /// Trusted root (JSON) instead of the public-good one that Gate carries
    #[arg(long, env = "GATE_TRUSTED_ROOT", value_name = "FILE")]
    pub(crate) trusted_root: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) demands: DemandArguments,
}

/// What a trusted root must prove, where that is not the default.
#[derive(Debug, Clone, Copy, Default, Args)]
#[command(next_help_heading = "Trust")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct DemandArguments {
    /// Ask for no transparency log entry, but for a timestamp (instances without a log, as GitHub's)
    #[arg(long, env = "GATE_INSECURE_IGNORE_TLOG")]
    insecure_ignore_tlog: bool,
    /// Ask for no certificate timestamp (instances without a certificate log, as GitHub's)
    #[arg(long, env = "GATE_INSECURE_IGNORE_SCT")]
    insecure_ignore_sct: bool,
    /// Ask for a timestamp of an authority
    #[arg(long, env = "GATE_USE_SIGNED_TIMESTAMPS")]
    use_signed_timestamps: bool,
    /// Ask for a proof of inclusion with each log entry, the log's promise not being enough
    #[arg(long, env = "GATE_REQUIRE_INCLUSION_PROOF")]
    require_inclusion_proof: bool,
}

/// A signer with the root that it names.
#[derive(Debug, Clone)]
pub(crate) struct TrustedSigner {
    /// Its name in facts.
    pub(crate) name: &'static str,
    /// The signer.
    pub(crate) signer: SignerDocument,
    /// Name, digest and bytes of its root.
    pub(crate) root: Option<(&'static str, Digest, Arc<[u8]>)>,
    /// What that root must prove, where flags say so.
    pub(crate) rules: Option<RootRules>,
}

impl TrustArguments {
    /// The first flag that was given, for refusals.
    pub(crate) fn given(&self) -> Option<&'static str> {
        let mut flags = vec![
            ("--key", self.key.is_some()),
            ("--certificate-identity", self.certificate_identity.is_some()),
            ("--certificate-identity-regexp", self.certificate_identity_regexp.is_some()),
            ("--certificate-oidc-issuer", self.certificate_oidc_issuer.is_some()),
            ("--certificate-oidc-issuer-regexp", self.certificate_oidc_issuer_regexp.is_some()),
            ("--trusted-root", self.trusted_root.is_some()),
        ];
        flags.extend(self.demands());
        flags.into_iter().find_map(|(flag, given)| given.then_some(flag))
    }

    /// The flags about what a root must prove.
    fn demands(&self) -> [(&'static str, bool); 4] {
        let demands = self.demands;
        [
            ("--insecure-ignore-tlog", demands.insecure_ignore_tlog),
            ("--insecure-ignore-sct", demands.insecure_ignore_sct),
            ("--use-signed-timestamps", demands.use_signed_timestamps),
            ("--require-inclusion-proof", demands.require_inclusion_proof),
        ]
    }

    /// Refuses flags that cannot be meant together.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let refuse = |message: &str| Err(Failure::usage(message));
        let identity = self.certificate_identity.is_some();
        let identity_regexp = self.certificate_identity_regexp.is_some();
        let issuer = self.certificate_oidc_issuer.is_some();
        let issuer_regexp = self.certificate_oidc_issuer_regexp.is_some();
        let certificate = identity || identity_regexp || issuer || issuer_regexp;
        if self.key.is_some() && certificate {
            return refuse(
                "`--key` and `--certificate-*` are two ways to name the signer: give one",
            );
        }
        if identity && identity_regexp {
            return refuse(
                "give `--certificate-identity` or `--certificate-identity-regexp`, not both",
            );
        }
        if issuer && issuer_regexp {
            return refuse(
                "give `--certificate-oidc-issuer` or `--certificate-oidc-issuer-regexp`, not both",
            );
        }
        if certificate && !(identity || identity_regexp) {
            return refuse(
                "an issuer alone vouches for everybody it knows: give `--certificate-identity` or \
                 `--certificate-identity-regexp` too",
            );
        }
        if certificate && !(issuer || issuer_regexp) {
            return refuse(
                "an identity means nothing without who vouches for it: give \
                 `--certificate-oidc-issuer` or `--certificate-oidc-issuer-regexp` too",
            );
        }
        if self.trusted_root.is_some() && self.key.is_none() && !certificate {
            return refuse("`--trusted-root` needs `--key` or `--certificate-*` to say who signs");
        }
        let demand = self.demands().into_iter().find_map(|(flag, given)| given.then_some(flag));
        if let Some(flag) = demand
            && !certificate
            && self.trusted_root.is_none()
        {
            return Err(Failure::Usage(format!(
                "`{flag}` is about what a trusted root proves: give `--certificate-*` or \
                 `--trusted-root` too"
            )));
        }
        Ok(())
    }

    /// What the root must prove, where flags say so.
    pub(crate) fn rules(&self) -> Option<RootRules> {
        let default = RootRules::default();
        let demands = self.demands;
        let rules = RootRules {
            logs: if demands.insecure_ignore_tlog { 0 } else { default.logs },
            inclusion_proof: demands.require_inclusion_proof,
            // Without a log nothing else says when it was signed.
            timestamp: demands.use_signed_timestamps || demands.insecure_ignore_tlog,
            sct: !demands.insecure_ignore_sct,
        };
        (rules != default).then_some(rules)
    }

    /// The trusted root's bytes, where one is named.
    pub(crate) fn root(&self) -> Result<Option<Vec<u8>>, Failure> {
        self.trusted_root.as_deref().map(read).transpose()
    }

    /// Whom to expect; to name nobody is refused.
    pub(crate) fn expected(&self) -> Result<Signer, Failure> {
        if let Some(path) = &self.key {
            return Ok(Signer::key(String::from_utf8_lossy(&read(path)?)));
        }
        if self.certificate_identity.is_none() && self.certificate_identity_regexp.is_none() {
            return Err(Failure::usage(
                "say who signs: `--key`, or `--certificate-identity` and `--certificate-oidc-issuer`",
            ));
        }
        Signer::identity(
            self.certificate_identity.as_deref(),
            self.certificate_identity_regexp.as_deref(),
            self.certificate_oidc_issuer.as_deref(),
            self.certificate_oidc_issuer_regexp.as_deref(),
        )
        .map_err(Failure::Usage)
    }

    /// The signer, if one is named. Files are read here and judged by who compiles them.
    pub(crate) fn signer(&self) -> Result<Option<TrustedSigner>, Failure> {
        self.check()?;
        let given = self.trusted_root.as_deref().map(read).transpose()?;
        let root = |bytes: Vec<u8>| (ROOT, Digest::of(&bytes), bytes.into());
        if let Some(path) = &self.key {
            let key = String::from_utf8_lossy(&read(path)?).into_owned();
            let root = given.map(root);
            let signer = SignerDocument {
                key: Some(key),
                root: root.as_ref().map(|_| ROOT.to_owned()),
                ..SignerDocument::default()
            };
            let rules = self.rules().filter(|_| root.is_some());
            return Ok(Some(TrustedSigner { name: "key", signer, root, rules }));
        }
        if self.certificate_identity.is_none() && self.certificate_identity_regexp.is_none() {
            return Ok(None);
        }
        let signer = SignerDocument {
            identity: self.certificate_identity.clone(),
            identity_regexp: self.certificate_identity_regexp.clone(),
            issuer: self.certificate_oidc_issuer.clone(),
            issuer_regexp: self.certificate_oidc_issuer_regexp.clone(),
            root: Some(ROOT.to_owned()),
            ..SignerDocument::default()
        };
        let root = root(given.unwrap_or_else(|| PUBLIC_GOOD_ROOT.as_bytes().to_vec()));
        let rules = self.rules();
        Ok(Some(TrustedSigner { name: "certificate", signer, root: Some(root), rules }))
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    read_bounded(path, FILE_BYTES).map_err(|source| Failure::read(path, source))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_without_issuer_names_nobody() {
        let alone =
            TrustArguments { certificate_identity: Some("a@b".to_owned()), ..Default::default() };
        assert!(alone.check().is_err());
        let issuer =
            TrustArguments { certificate_oidc_issuer: Some("https://i".to_owned()), ..alone };
        assert!(issuer.check().is_ok());
    }

    #[test]
    fn two_ways_to_name_the_signer_are_refused() {
        let both = TrustArguments {
            key: Some("k".into()),
            certificate_identity: Some("a@b".to_owned()),
            certificate_oidc_issuer: Some("https://i".to_owned()),
            ..Default::default()
        };
        assert!(both.check().is_err());
        assert_eq!(both.given(), Some("--key"));
        let root = TrustArguments { trusted_root: Some("r".into()), ..Default::default() };
        assert!(root.check().is_err());
    }

    #[test]
    fn without_a_root_the_public_good_one_counts() {
        let keyless = TrustArguments {
            certificate_identity: Some("a@b".to_owned()),
            certificate_oidc_issuer: Some("https://i".to_owned()),
            ..Default::default()
        };
        let (_, _, bytes) = keyless.signer().unwrap().unwrap().root.unwrap();
        assert_eq!(&*bytes, PUBLIC_GOOD_ROOT.as_bytes());
    }
}
