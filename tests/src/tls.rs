//! A certificate for loopback, made for one test, and clients that trust it alone.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore};

/// A certificate of `127.0.0.1` and its key, as files.
pub struct Tls {
    /// PEM certificate.
    pub certificate: PathBuf,
    /// PEM private key.
    pub key: PathBuf,
    config: Arc<ClientConfig>,
}

impl Tls {
    /// Makes both, in a folder.
    pub fn new(folder: &Path) -> Result<Self> {
        let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()])?;
        let [certificate, key] = ["tls.pem", "tls.key"].map(|name| folder.join(name));
        std::fs::write(&certificate, made.cert.pem())?;
        std::fs::write(&key, made.signing_key.serialize_pem())?;
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(made.cert.der().to_vec()))?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { certificate, key, config: Arc::new(config) })
    }

    /// The client's side of a new connection.
    pub(crate) fn client(&self) -> Result<ClientConnection> {
        let name = ServerName::try_from("127.0.0.1").context("loopback has a name")?;
        Ok(ClientConnection::new(self.config.clone(), name)?)
    }
}
