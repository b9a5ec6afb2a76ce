//! `--registry-*`: how the subject's registry is asked, over what the configuration says.

use std::path::PathBuf;

use clap::Args;
use gate_io::config::Configuration;
use gate_io::registry::{self, CacheSettings, Credentials, Registry, Settings};
use gate_io::source;

use crate::failure::Failure;

/// What a cache that a flag names may hold.
const CACHE_BYTES: u64 = 1 << 30;

/// The subject's registry.
#[expect(clippy::struct_field_names, reason = "a field has its flag's name")]
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Registry")]
pub(crate) struct RegistryArguments {
    /// Host (and port) that is spoken to in clear; repeatable
    #[arg(long, env = "GATE_REGISTRY_PLAIN_HTTP", value_name = "HOST", value_delimiter = '\n')]
    registry_plain_http: Vec<String>,
    /// Certificates (PEM) of authorities, besides the system's
    #[arg(long, env = "GATE_REGISTRY_CA", value_name = "FILE")]
    registry_ca: Option<PathBuf>,
    /// File of credentials instead of docker's and podman's
    #[arg(long, env = "GATE_REGISTRY_AUTH_FILE", value_name = "FILE")]
    registry_auth_file: Option<PathBuf>,
    /// User name
    #[arg(long, env = "GATE_REGISTRY_USERNAME", value_name = "NAME")]
    registry_username: Option<String>,
    /// Password; the variable keeps it out of the process list
    #[arg(long, env = "GATE_REGISTRY_PASSWORD", value_name = "PASSWORD")]
    registry_password: Option<String>,
    /// Bearer token; the variable keeps it out of the process list
    #[arg(long, env = "GATE_REGISTRY_TOKEN", value_name = "TOKEN")]
    registry_token: Option<String>,
    /// Folder that keeps content by digest
    #[arg(long, env = "GATE_REGISTRY_CACHE", value_name = "DIR")]
    registry_cache: Option<PathBuf>,
}

impl RegistryArguments {
    /// The folder that keeps what was fetched.
    pub(crate) fn cache(&self) -> Option<PathBuf> {
        self.registry_cache.clone()
    }

    /// The client for a subject.
    pub(crate) fn client(
        &self,
        subject: &str,
        configuration: Option<&Configuration>,
    ) -> Result<Registry, Failure> {
        let mut settings = configuration.map_or_else(Settings::default, |it| it.registries.clone());
        settings.ambient = match &self.registry_auth_file {
            Some(file) => vec![file.clone()],
            None => registry::ambient(variable),
        };
        for host in &self.registry_plain_http {
            settings.places.entry(host.clone()).or_default().plain_http = true;
        }
        if let Some(folder) = &self.registry_cache {
            let cache = CacheSettings { folder: folder.clone(), bytes: CACHE_BYTES };
            settings.cache = Some(cache);
        }
        let credentials = self.credentials()?;
        if let Some(image) = source::image(subject)? {
            settings.given = credentials.map(|given| (image.host().to_owned(), given));
            if let Some(ca) = &self.registry_ca {
                let place = settings.place(image.host(), image.repository()).cloned();
                let place = registry::Place { ca: Some(ca.clone()), ..place.unwrap_or_default() };
                settings.places.insert(image.place(), place);
            }
        }
        Ok(Registry::new(settings))
    }

    fn credentials(&self) -> Result<Option<Credentials>, Failure> {
        match (&self.registry_username, &self.registry_password, &self.registry_token) {
            (None, None, None) => Ok(None),
            (Some(name), Some(password), None) => {
                Ok(Some(Credentials::Password { name: name.clone(), password: password.clone() }))
            }
            (None, None, Some(token)) => Ok(Some(Credentials::Bearer(token.clone()))),
            _ => Err(Failure::usage(
                "give `--registry-username` and `--registry-password`, or `--registry-token` alone",
            )),
        }
    }
}

fn variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}
