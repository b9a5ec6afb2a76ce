//! Flags of `gate check` that a promotion refuses, each with the reason.

use std::ffi::OsString;

use clap::Args;

use crate::failure::Failure;

/// Known, so that the refusal can say why. A variable counts as its flag: it was set for `gate check`,
/// and a promotion that passed over it would judge by other rules than the check before it.
#[derive(Debug, Args)]
pub(crate) struct RefusedArguments {
    #[arg(long, env = "GATE_EFFECTIVE_TIME", hide = true)]
    effective_time: Option<OsString>,
    #[arg(long, env = "GATE_POLICY", hide = true)]
    policy: Vec<OsString>,
    #[arg(long, env = "GATE_DATA", hide = true)]
    data: Vec<OsString>,
    #[arg(long, env = "GATE_ALLOW_UNSIGNED", hide = true)]
    allow_unsigned: Vec<OsString>,
    #[arg(long, env = "GATE_KEY", hide = true)]
    key: Option<OsString>,
    #[arg(long, env = "GATE_CERTIFICATE_IDENTITY", hide = true)]
    certificate_identity: Option<OsString>,
    #[arg(long, env = "GATE_CERTIFICATE_IDENTITY_REGEXP", hide = true)]
    certificate_identity_regexp: Option<OsString>,
    #[arg(long, env = "GATE_CERTIFICATE_OIDC_ISSUER", hide = true)]
    certificate_oidc_issuer: Option<OsString>,
    #[arg(long, env = "GATE_CERTIFICATE_OIDC_ISSUER_REGEXP", hide = true)]
    certificate_oidc_issuer_regexp: Option<OsString>,
    #[arg(long, env = "GATE_TRUSTED_ROOT", hide = true)]
    trusted_root: Option<OsString>,
    #[arg(long, env = "GATE_SIGNING_KEY", hide = true)]
    signing_key: Option<OsString>,
}

impl RefusedArguments {
    /// Refuses the first of them that was given.
    pub(super) fn refuse(&self) -> Result<(), Failure> {
        let policy = "a record's policy comes from the configuration";
        let trust = "a record's trust comes from the configuration";
        let given = [
            ("effective-time", self.effective_time.is_some(), "a record's time is the clock's"),
            ("policy", !self.policy.is_empty(), policy),
            ("data", !self.data.is_empty(), policy),
            ("allow-unsigned", !self.allow_unsigned.is_empty(), trust),
            ("key", self.key.is_some(), trust),
            ("certificate-identity", self.certificate_identity.is_some(), trust),
            ("certificate-identity-regexp", self.certificate_identity_regexp.is_some(), trust),
            ("certificate-oidc-issuer", self.certificate_oidc_issuer.is_some(), trust),
            (
                "certificate-oidc-issuer-regexp",
                self.certificate_oidc_issuer_regexp.is_some(),
                trust,
            ),
            ("trusted-root", self.trusted_root.is_some(), trust),
            ("signing-key", self.signing_key.is_some(), "the configuration names who signs"),
        ];
        let Some((flag, _, reason)) = given.into_iter().find(|(_, given, _)| *given) else {
            return Ok(());
        };
        let variable = flag.replace('-', "_").to_uppercase();
        Err(Failure::Usage(format!(
            "`gate promote` refuses `--{flag}` (and GATE_{variable}): {reason}"
        )))
    }
}
