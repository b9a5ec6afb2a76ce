//! What a decision is made under: an environment of a configuration, or the one that flags describe.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gate_core::decision::Mode;
use gate_core::effects::GateError;
use gate_core::environment::{
    Environment, EnvironmentDocument, FeedsDocument, LimitsDocument, PolicyDocument,
};
use gate_core::evidence::Kind;
use gate_core::policy::Reading;
use gate_core::reason::ErrorCode;
use gate_io::bundle::Places;
use gate_io::config::{self, Configuration};
use gate_io::policy::{Demands, load_demanding};

use crate::failure::Failure;
use crate::trust::TrustArguments;

/// The environment of a check without configuration.
pub(crate) const DEFAULT_ENVIRONMENT: &str = "default";
/// `verifier.id` where neither configuration nor `--verifier-id` gives one.
const DEFAULT_VERIFIER: &str = "https://gate.example/verifier/cli";
/// What `--key` and `--certificate-*` vouch for: signatures and build evidence. Never approvals and
/// changes: whoever holds the build's key could otherwise approve what they built. Nor VEX: they could
/// excuse what was found in it.
const VOUCHED: [Kind; 7] = [
    Kind::Signature,
    Kind::Provenance,
    Kind::Sbom,
    Kind::Scan,
    Kind::Test,
    Kind::Coverage,
    Kind::Analysis,
];

/// Loads a configuration.
pub(crate) fn load(path: &Path) -> Result<Configuration, Failure> {
    config::load(path).map_err(|error| {
        let message = format!("{} does not load", path.display());
        GateError::new(ErrorCode::ConfigInvalid, message).caused_by(error).into()
    })
}

/// The environment of this name, or the only one.
pub(crate) fn environment(
    configuration: &Configuration,
    name: Option<&str>,
) -> Result<Arc<Environment>, Failure> {
    let environments = &configuration.environments;
    let names = || environments.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    match (name, environments.first_key_value()) {
        (Some(name), _) => environments.get(name).cloned().ok_or_else(|| {
            Failure::usage(format!("there is no environment `{name}`: name one of {}", names()))
        }),
        (None, Some((_, only))) if environments.len() == 1 => Ok(only.clone()),
        (None, _) => {
            Err(Failure::usage(format!("name the environment with `--environment`: {}", names())))
        }
    }
}

/// What flags say of the environment `default`.
pub(crate) struct Described<'a> {
    pub(crate) policy: &'a [PathBuf],
    pub(crate) data: &'a [PathBuf],
    pub(crate) reading: Reading,
    pub(crate) places: Places,
    pub(crate) allow_unsigned: &'a [Kind],
    pub(crate) trust: &'a TrustArguments,
    pub(crate) verifier_id: Option<&'a str>,
    pub(crate) resource_uri: Option<&'a str>,
}

impl Described<'_> {
    /// The environment, compiled.
    pub(crate) fn compile(&self) -> Result<Environment, Failure> {
        let invalid = |error| {
            GateError::new(ErrorCode::PolicyInvalid, "the policy does not load").caused_by(error)
        };
        let demands = Demands {
            places: self.places.clone(),
            reading: self.reading.clone(),
            ..Demands::default()
        };
        let bundle = load_demanding(self.policy, self.data, &demands)
            .map_err(|error| invalid(Box::<dyn std::error::Error + Send + Sync>::from(error)))?
            .map_err(|error| invalid(error.into()))?;
        let verifier_id = self.verifier_id.unwrap_or(DEFAULT_VERIFIER).to_owned();
        let mut document = EnvironmentDocument {
            name: DEFAULT_ENVIRONMENT.to_owned(),
            mode: Mode::Enforce,
            policy: PolicyDocument {
                digest: bundle.digest(),
                dialect: bundle.dialect(),
                uri: format!("{verifier_id}/policies/{DEFAULT_ENVIRONMENT}"),
            },
            signers: BTreeMap::new(),
            trust: BTreeMap::new(),
            people: BTreeMap::new(),
            allow_unsigned: self.allow_unsigned.iter().copied().collect(),
            predicate_aliases: BTreeMap::new(),
            roots: BTreeMap::new(),
            root_rules: BTreeMap::new(),
            require: vec![],
            exceptions: vec![],
            limits: LimitsDocument::default(),
            verifier_id,
            resource_uri: self.resource_uri.map(str::to_owned),
            feeds: FeedsDocument::default(),
        };
        let mut roots = BTreeMap::new();
        if let Some(trusted) = self.trust.signer()? {
            let name = trusted.name.to_owned();
            document.trust = VOUCHED.into_iter().map(|kind| (kind, vec![name.clone()])).collect();
            document.signers.insert(name, trusted.signer);
            if let Some((name, digest, bytes)) = trusted.root {
                document.roots.insert(name.to_owned(), digest);
                document.root_rules.extend(trusted.rules.map(|rules| (name.to_owned(), rules)));
                roots.insert(digest, bytes);
            }
        }
        Environment::compile(document, roots, Arc::new(bundle)).map_err(|error| {
            let message = "the flags do not make an environment";
            GateError::new(ErrorCode::ConfigInvalid, message).caused_by(error).into()
        })
    }
}
