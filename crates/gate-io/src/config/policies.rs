//! The policies of environments: from where they lie to compiled bundles, and who must have signed them.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gate_core::environment::{Candidate, Difference, Environment, EnvironmentError, Observer};
use gate_core::policy::Bundle;
use gate_core::verify::bundle::Signer;

use super::{ConfigError, Folder, Loader, Named, wire};
use crate::bundle::{Places, Voucher};
use crate::policy;
use crate::registry::{Registry, Settings};

/// How policies elsewhere are read: with the credentials that are configured, and no others.
pub(super) fn places(registries: &Settings, folder: &Folder, cache: Option<&str>) -> Places {
    Places {
        registry: Some(Arc::new(Registry::new(registries.clone()))),
        cache: cache.map(|path| folder.resolve(path)),
    }
}

impl Loader<'_> {
    pub(super) fn bundle(
        &mut self,
        name: &str,
        entry: &wire::Environment,
        named: &Named<'_>,
    ) -> Result<Arc<Bundle>, ConfigError> {
        let resolve = |paths: &[String]| {
            paths.iter().map(|path| self.folder.resolve(path)).collect::<Vec<_>>()
        };
        let signed_by = entry.policy_signers.clone();
        let key = (resolve(&entry.policy), resolve(&entry.data), signed_by, entry.reading());
        if let Some(bundle) = self.bundles.get(&key) {
            return Ok(bundle.clone());
        }
        let here = |path: &&PathBuf| !crate::bundle::is_remote(&path.to_string_lossy());
        self.read.extend(key.0.iter().chain(&key.1).filter(here).cloned());
        let demands = self.demands(name, entry, named)?;
        let bundle = policy::load_demanding(&key.0, &key.1, &demands)?
            .map_err(|source| ConfigError::Policy { environment: name.to_owned(), source })?;
        let unasked = bundle.unasked();
        if let (None, [first, ..]) = (entry.dialect, unasked.as_slice()) {
            // One file in `main` would silence all others.
            let message = format!(
                "rules stand in `main`, as Conftest has them, and in `{first}`, where Conftest does not \
                 ask: say which `dialect` they are in"
            );
            return Err(ConfigError::Environment {
                path: self.path.to_owned(),
                environment: name.to_owned(),
                source: EnvironmentError::new("policy", message),
            });
        }
        let bundle = Arc::new(bundle);
        self.bundles.insert(key, bundle.clone());
        Ok(bundle)
    }

    /// The environment with the policy that is on its way into force, where there is one.
    pub(super) fn with_candidate(
        &mut self,
        environment: Environment,
        (name, entry): (&str, &wire::Environment),
        file: &wire::File,
        named: &Named<'_>,
    ) -> Result<Environment, ConfigError> {
        let Some(candidate) = &entry.candidate else { return Ok(environment) };
        let other = wire::Environment {
            policy: candidate.policy.clone(),
            data: candidate.data.clone(),
            candidate: None,
            ..entry.clone()
        };
        let other = Arc::new(self.environment(name, &other, file, named)?);
        let file = candidate.differences.as_deref().map(|path| self.folder.resolve(path));
        let candidate = Candidate::new(other, candidate.share, observer(file));
        let candidate = candidate.map_err(|source| ConfigError::Environment {
            path: self.path.to_owned(),
            environment: name.to_owned(),
            source,
        })?;
        Ok(environment.with_candidate(candidate))
    }

    /// Who must have signed the policy.
    fn demands(
        &self,
        name: &str,
        entry: &wire::Environment,
        named: &Named<'_>,
    ) -> Result<policy::Demands, ConfigError> {
        let wrong = |message: String| ConfigError::Environment {
            path: self.path.to_owned(),
            environment: name.to_owned(),
            source: EnvironmentError::new("policy_signers", message),
        };
        let mut demands = policy::Demands {
            places: self.places.clone(),
            reading: entry.reading(),
            ..Default::default()
        };
        for name in &entry.policy_signers {
            let signer = named.signers.get(name);
            let signer = signer.ok_or_else(|| wrong(format!("there is no signer `{name}`")))?;
            let vouching = if let Some(key) = &signer.key {
                demands.signers.insert(name.clone(), key.clone());
                Signer::key(key)
            } else {
                if !signer.claims.is_empty() || !signer.claims_regexp.is_empty() {
                    let message = format!("`{name}` has claims, which are not asked of policies");
                    return Err(wrong(message));
                }
                Signer::identity(
                    signer.identity.as_deref(),
                    signer.identity_regexp.as_deref(),
                    signer.issuer.as_deref(),
                    signer.issuer_regexp.as_deref(),
                )
                .map_err(|message| wrong(format!("`{name}`: {message}")))?
            };
            let root = signer.root.as_ref().and_then(|root| named.roots.get(root));
            demands.vouchers.push(Voucher {
                name: name.clone(),
                signer: vouching,
                root: root.map(|root| root.bytes.clone()),
                rules: root.and_then(|root| root.rules),
            });
        }
        Ok(demands)
    }
}

/// Notes differences in the log, and in a file where one is named.
fn observer(file: Option<PathBuf>) -> Observer {
    Arc::new(move |difference: &Difference| {
        tracing::info!(
            environment = difference.environment,
            subject = %difference.subject,
            policy = %difference.policy,
            other = %difference.other,
            other_verdict = ?difference.other_verdict,
            only_here = ?difference.only_here,
            only_there = ?difference.only_there,
            error = difference.error,
            "another policy would have decided otherwise"
        );
        // What cannot be noted must not stop a decision; the log has it.
        if let Some(path) = &file
            && let Err(error) = append(path, difference)
        {
            tracing::error!("{} cannot be written: {error}", path.display());
        }
    })
}

/// One line, written at once, so that lines of several processes do not mix.
fn append(path: &Path, difference: &Difference) -> io::Result<()> {
    let mut line = serde_json::to_vec(difference)?;
    line.push(b'\n');
    File::options().create(true).append(true).open(path)?.write_all(&line)
}
