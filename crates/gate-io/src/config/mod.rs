//! Configuration: `gate.yaml` and the files that it names, read once into compiled environments.

mod clients;
mod opa;
mod policies;
mod registries;
mod wire;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gate_core::Digest;
use gate_core::environment::{
    Environment, EnvironmentDocument, EnvironmentError, FeedDocument, FeedsDocument,
    LimitsDocument, PersonDocument, PolicyDocument, RootRules, SignerDocument,
};
use gate_core::limits::FEED_BYTES;
use gate_core::policy::{Bundle, BundleError, Reading};
pub use opa::Opa;
pub use wire::{Client, Right, Server as ServerConfiguration, ServerLimits, Tls};

use crate::bundle::Places;
use crate::policy;
use crate::registry::Settings;

/// The greatest size of `gate.yaml`, and of each key and root that it names.
const FILE_BYTES: usize = 4 << 20;

/// A loaded configuration: immutable, shared.
pub struct Configuration {
    /// The compiled environments by name.
    pub environments: BTreeMap<String, Arc<Environment>>,
    /// The SQLite store.
    pub store: Option<PathBuf>,
    /// The key that signs attestations.
    pub signing_key: Option<PathBuf>,
    /// The ledger's key and origin.
    pub ledger: Option<Ledger>,
    /// OCI layouts in which subjects are found by digest.
    pub layouts: Vec<PathBuf>,
    /// How registries are asked; credentials that nobody named are not looked for.
    pub registries: Settings,
    /// Policies and data for callers of OPA's REST API.
    pub opa: Option<Arc<Opa>>,
    /// How the server listens and whom it answers; its paths are resolved.
    pub server: ServerConfiguration,
    /// Every file and folder that was read: what to watch for a reload.
    pub read: Vec<PathBuf>,
}

/// The ledger's identity.
#[derive(Debug, Clone)]
pub struct Ledger {
    /// Path of its key.
    pub key: PathBuf,
    /// Its origin, which is also its key's name.
    pub origin: String,
}

/// A configuration that does not load.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file cannot be read.
    #[error("{path} cannot be read")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// `gate.yaml` is not of its form; the message names line and column.
    #[error("{path}: {message}")]
    Form {
        /// The file.
        path: PathBuf,
        /// What is wrong and where.
        message: String,
    },
    /// An environment cannot be meant.
    #[error("{path}: environments.{environment}")]
    Environment {
        /// The file.
        path: PathBuf,
        /// The environment.
        environment: String,
        /// What is wrong and where.
        #[source]
        source: EnvironmentError,
    },
    /// A policy does not load.
    #[error("policy of environment `{environment}` does not load")]
    Policy {
        /// The environment.
        environment: String,
        /// What is wrong and where.
        #[source]
        source: BundleError,
    },
    /// Policy or data files cannot be read.
    #[error(transparent)]
    PolicyFiles(#[from] policy::PolicyFilesError),
}

/// Reads `gate.yaml` and everything that it names.
pub fn load(path: &Path) -> Result<Configuration, ConfigError> {
    let file = parse(path)?;
    let folder = Folder::new(path);
    let registries = registries::settings(&file.registries, |path| folder.resolve(path))
        .map_err(|message| ConfigError::Form { path: path.to_owned(), message })?;
    let places = policies::places(&registries, &folder, file.policy_cache.as_deref());
    let (read_, bundles) = (vec![path.to_owned()], BTreeMap::new());
    let mut loader = Loader { path, read: read_, folder, bundles, places };
    let roots = loader.roots(&file.roots)?;
    let feeds = loader.feeds(&file.feeds)?;
    let signers = loader.signers(&file.signers)?;
    let mut environments = BTreeMap::new();
    for (name, entry) in &file.environments {
        let named = Named { signers: &signers, roots: &roots, feeds: &feeds };
        let environment = loader.environment(name, entry, &file, &named)?;
        let environment = loader.with_candidate(environment, (name, entry), &file, &named)?;
        environments.insert(name.clone(), Arc::new(environment));
    }
    let opa = file.opa.as_ref().map(|section| loader.opa(section)).transpose()?;
    let folder = &loader.folder;
    let mut server = file.server;
    if let Some(tls) = &mut server.tls {
        for path in [&mut tls.certificate, &mut tls.key].into_iter().chain(&mut tls.client_ca) {
            *path = folder.resolve(path).to_string_lossy().into_owned();
        }
    }
    clients::check(path, &server, &environments)?;
    for authority in registries.places.values().filter_map(|place| place.ca.as_deref()) {
        read(authority)?;
    }
    let mut watched = loader.read;
    watched.extend(registries::files(&registries).map(Path::to_owned));
    Ok(Configuration {
        store: file.store.as_deref().map(|path| folder.resolve(path)),
        signing_key: file.signing_key.as_deref().map(|path| folder.resolve(path)),
        ledger: file
            .ledger
            .map(|ledger| Ledger { key: folder.resolve(&ledger.key), origin: ledger.origin }),
        layouts: file.layouts.iter().map(|path| folder.resolve(path)).collect(),
        environments,
        registries,
        opa,
        server,
        read: watched,
    })
}

/// The JSON schema of `gate.yaml`, for editors.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(wire::File).to_value()
}

fn parse(path: &Path) -> Result<wire::File, ConfigError> {
    let form = |message: String| ConfigError::Form { path: path.to_owned(), message };
    let bytes = read(path)?;
    let text = String::from_utf8(bytes).map_err(|error| form(error.to_string()))?;
    let file: wire::File =
        serde_saphyr::from_str(&text).map_err(|error| form(error.to_string()))?;
    if file.version != 1 {
        return Err(form(format!("version: {} is not 1, the one that is read", file.version)));
    }
    Ok(file)
}

fn read(path: &Path) -> Result<Vec<u8>, ConfigError> {
    let failed = |source| ConfigError::Read { path: path.to_owned(), source };
    crate::files::read_bounded(path, FILE_BYTES).map_err(failed)
}

/// The folder that relative paths start from.
struct Folder(PathBuf);

impl Folder {
    fn new(file: &Path) -> Self {
        Self(file.parent().map(Path::to_owned).unwrap_or_default())
    }

    fn resolve(&self, path: &str) -> PathBuf {
        if crate::bundle::is_remote(path) {
            return path.into();
        }
        self.0.join(path)
    }
}

type Roots = BTreeMap<String, LoadedRoot>;

/// A trusted root, read.
struct LoadedRoot {
    digest: Digest,
    bytes: Arc<[u8]>,
    rules: Option<RootRules>,
}

/// The feeds with their files.
#[derive(Default)]
struct Feeds {
    document: FeedsDocument,
    files: Vec<(Digest, Arc<[u8]>)>,
}

/// What every environment may name.
#[derive(Clone, Copy)]
struct Named<'a> {
    signers: &'a BTreeMap<String, SignerDocument>,
    roots: &'a Roots,
    feeds: &'a Feeds,
}

/// Policies, data, who must have signed, and how they are read.
type BundleKey = (Vec<PathBuf>, Vec<PathBuf>, Vec<String>, Reading);

struct Loader<'a> {
    path: &'a Path,
    folder: Folder,
    read: Vec<PathBuf>,
    /// Bundles by the paths they were read from: environments often share one.
    bundles: BTreeMap<BundleKey, Arc<Bundle>>,
    /// How policies elsewhere are read.
    places: Places,
}

impl Loader<'_> {
    fn roots(&mut self, roots: &BTreeMap<String, wire::Root>) -> Result<Roots, ConfigError> {
        let mut loaded = Roots::new();
        for (name, root) in roots {
            let bytes = match root.file() {
                "embedded" => gate_core::verify::PUBLIC_GOOD_ROOT.as_bytes().to_vec(),
                "embedded-github" => gate_core::verify::GITHUB_ROOT.as_bytes().to_vec(),
                path => self.file(path)?,
            };
            let digest = Digest::of(&bytes);
            let root = LoadedRoot { digest, bytes: bytes.into(), rules: root.rules() };
            loaded.insert(name.clone(), root);
        }
        Ok(loaded)
    }

    fn feeds(&mut self, feeds: &wire::Feeds) -> Result<Feeds, ConfigError> {
        let mut loaded = Feeds::default();
        for (feed, document) in
            [(&feeds.epss, &mut loaded.document.epss), (&feeds.kev, &mut loaded.document.kev)]
        {
            let Some(feed) = feed else { continue };
            let bytes: Arc<[u8]> = self.bounded(&feed.path, FEED_BYTES)?.into();
            let digest = Digest::of(&bytes);
            *document = Some(FeedDocument { digest, maximum_age_days: feed.maximum_age_days });
            loaded.files.push((digest, bytes));
        }
        Ok(loaded)
    }

    fn signers(
        &mut self,
        signers: &BTreeMap<String, wire::Signer>,
    ) -> Result<BTreeMap<String, SignerDocument>, ConfigError> {
        let mut loaded = BTreeMap::new();
        for (name, signer) in signers {
            let key = match &signer.key {
                None => None,
                Some(pem) if pem.trim_start().starts_with("-----BEGIN") => Some(pem.clone()),
                Some(path) => Some(String::from_utf8(self.file(path)?).map_err(|_| {
                    let message = format!("signers.{name}.key: `{path}` is no PEM file");
                    ConfigError::Form { path: self.path.to_owned(), message }
                })?),
            };
            let signer = signer.clone();
            loaded.insert(
                name.clone(),
                SignerDocument {
                    key,
                    identity: signer.identity,
                    identity_regexp: signer.identity_regexp,
                    issuer: signer.issuer,
                    issuer_regexp: signer.issuer_regexp,
                    root: signer.root,
                    valid_from: signer.valid_from,
                    valid_until: signer.valid_until,
                    claims: signer.claims,
                    claims_regexp: signer.claims_regexp,
                },
            );
        }
        Ok(loaded)
    }

    fn environment(
        &mut self,
        name: &str,
        entry: &wire::Environment,
        file: &wire::File,
        named: &Named<'_>,
    ) -> Result<Environment, ConfigError> {
        let Named { signers, roots, feeds } = *named;
        let policy = self.bundle(name, entry, named)?;
        let limits = LimitsDocument::default();
        let given = entry.limits.as_ref();
        let document = EnvironmentDocument {
            name: name.to_owned(),
            mode: entry.mode,
            policy: PolicyDocument {
                digest: policy.digest(),
                dialect: policy.dialect(),
                uri: entry
                    .policy_uri
                    .clone()
                    .unwrap_or_else(|| format!("{}/policies/{name}", file.verifier_id)),
            },
            signers: signers.clone(),
            trust: entry.trust.clone(),
            people: people(&file.people),
            allow_unsigned: entry.allow_unsigned.clone(),
            predicate_aliases: file.predicate_aliases.clone(),
            roots: roots.iter().map(|(name, root)| (name.clone(), root.digest)).collect(),
            root_rules: roots
                .iter()
                .filter_map(|(name, root)| Some((name.clone(), root.rules?)))
                .collect(),
            require: entry.require.clone(),
            exceptions: entry.exceptions.clone(),
            limits: LimitsDocument {
                rule_ms: given.and_then(|given| given.rule_ms).unwrap_or(limits.rule_ms),
                decision_ms: given
                    .and_then(|given| given.decision_ms)
                    .unwrap_or(limits.decision_ms),
            },
            verifier_id: file.verifier_id.clone(),
            resource_uri: entry.resource_uri.clone(),
            feeds: feeds.document.clone(),
        };
        let roots = roots.values().map(|root| (root.digest, root.bytes.clone()));
        let roots = roots.chain(feeds.files.iter().cloned()).collect();
        Environment::compile(document, roots, policy).map_err(|source| ConfigError::Environment {
            path: self.path.to_owned(),
            environment: name.to_owned(),
            source,
        })
    }

    fn opa(&mut self, section: &opa::Section) -> Result<Arc<Opa>, ConfigError> {
        let resolve = |paths: &[String]| {
            paths.iter().map(|path| self.folder.resolve(path)).collect::<Vec<_>>()
        };
        let (policy, data) = (resolve(&section.policy), resolve(&section.data));
        self.read.extend(policy.iter().chain(&data).cloned());
        opa::load(section, &policy, &data).map(Arc::new).map_err(|error| match error {
            opa::OpaError::Files(error) => error.into(),
            opa::OpaError::Policy(message) => {
                ConfigError::Form { path: self.path.to_owned(), message: format!("opa: {message}") }
            }
        })
    }

    fn file(&mut self, path: &str) -> Result<Vec<u8>, ConfigError> {
        self.bounded(path, FILE_BYTES)
    }

    fn bounded(&mut self, path: &str, limit: usize) -> Result<Vec<u8>, ConfigError> {
        let path = self.folder.resolve(path);
        let bytes = crate::files::read_bounded(&path, limit)
            .map_err(|source| ConfigError::Read { path: path.clone(), source })?;
        self.read.push(path);
        Ok(bytes)
    }
}

fn people(people: &BTreeMap<String, wire::Person>) -> BTreeMap<String, PersonDocument> {
    let document = |person: &wire::Person| PersonDocument {
        signers: person.signers.clone(),
        names: person.names.clone(),
    };
    people.iter().map(|(name, person)| (name.clone(), document(person))).collect()
}

#[cfg(test)]
mod tests;
