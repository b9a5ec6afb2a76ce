//! The configuration in force: one immutable value, compiled once and swapped whole on reload.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gate_core::effects::{GateError, Signer};
use gate_core::environment::Environment;
use gate_core::reason::{ErrorCode, RequestCode};
use gate_io::config::{self, Configuration, Opa, Right, ServerConfiguration};
use gate_io::keys::KeyFile;
use gate_io::registry::{self, Registry, Settings};
use gate_io::source::{Layout, Layouts};
use gate_rego::bounds::STACK_BYTES;

use crate::callers::{Caller, Callers};
use crate::problem::Problem;
use crate::recent::Recent;
use crate::tls::TlsFiles;

/// What every request reads.
pub struct InForce {
    /// The environments by name.
    pub environments: BTreeMap<String, Arc<Environment>>,
    /// Who may ask.
    pub callers: Callers,
    /// Where subjects lie.
    pub layouts: Layouts,
    /// How registries are asked: those that are configured, and no others.
    pub registry: Registry,
    /// Who signs attestations.
    pub signer: Arc<dyn Signer + Send + Sync>,
    /// Policies and data for OPA's clients.
    pub opa: Option<Arc<Opa>>,
    /// Decisions that were just made.
    pub recent: Recent,
    /// What `gate.yaml` says of the server.
    pub server: ServerConfiguration,
    /// Every file and folder that it was read from.
    pub read: Vec<PathBuf>,
}

impl InForce {
    /// Reads and compiles a configuration; the rest of it is for the start alone.
    ///
    /// It works on a thread of its own: policies are parsed and evaluated once, which needs a deep
    /// stack.
    pub fn load(path: &Path) -> Result<(Self, Configuration), GateError> {
        let path = path.to_owned();
        let failed = || GateError::new(ErrorCode::Internal, "the configuration's thread failed");
        std::thread::Builder::new()
            .stack_size(STACK_BYTES)
            .spawn(move || Self::compile(&path))
            .map_err(|error| failed().caused_by(error))?
            .join()
            .map_err(|_| failed())?
    }

    fn compile(path: &Path) -> Result<(Self, Configuration), GateError> {
        let mut configuration = config::load(path).map_err(|error| {
            let message = chain(&error);
            GateError::new(ErrorCode::ConfigInvalid, message)
        })?;
        let key = configuration.signing_key.clone().ok_or_else(|| absent("signing_key"))?;
        let signer = Arc::new(KeyFile::load(&key)?);
        let mut read = std::mem::take(&mut configuration.read);
        read.push(key);
        let force = Self {
            environments: configuration.environments.clone(),
            callers: Callers::new(&configuration.server.tokens, &configuration.server.clients),
            layouts: Layouts(configuration.layouts.iter().map(Layout::new).collect()),
            registry: Registry::new(Settings {
                ambient: registry::ambient(|name| {
                    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
                }),
                ..configuration.registries.clone()
            }),
            signer,
            opa: configuration.opa.clone(),
            recent: Recent::default(),
            server: configuration.server.clone(),
            read,
        };
        if !configuration.server.clients.is_empty()
            && configuration.server.tls.as_ref().is_none_or(|tls| tls.client_ca.is_none())
        {
            return Err(GateError::new(
                ErrorCode::ConfigInvalid,
                "server.clients: client certificates need `server.tls.client_ca`",
            ));
        }
        Ok((force, configuration))
    }

    /// The environment that a caller may ask about with this right.
    pub fn environment(
        &self,
        caller: &Caller,
        right: Right,
        name: &str,
    ) -> Result<&Arc<Environment>, Problem> {
        caller.may_in(right, name)?;
        self.environments.get(name).ok_or_else(|| {
            let shown: String = name.chars().take(100).collect();
            Problem::refused(
                RequestCode::EnvironmentUnknown,
                format!("there is no environment `{shown}`"),
            )
        })
    }

    /// The TLS files that the configuration names.
    pub fn tls_files(&self) -> Option<TlsFiles> {
        self.server.tls.as_ref().map(|tls| TlsFiles {
            certificate: tls.certificate.clone().into(),
            key: tls.key.clone().into(),
            client_ca: tls.client_ca.clone().map(PathBuf::from),
        })
    }
}

/// The error for a key of `gate.yaml` that the server cannot do without.
pub fn absent(key: &str) -> GateError {
    GateError::new(
        ErrorCode::ConfigInvalid,
        format!("the server needs `{key}` in its configuration"),
    )
}

/// An error and everything that it came from, in one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        line.push_str(": ");
        line.push_str(&cause.to_string());
        source = cause.source();
    }
    line
}
