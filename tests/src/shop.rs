//! A gate of its own for a test: configuration, keys and policies in a folder that vanishes.

use std::path::{Path, PathBuf};

use anyhow::Result;
use gate_core::Digest;

use crate::process;
use crate::tls::Tls;

/// The bearer token of the test's requester.
pub const TOKEN: &str = "a-token-for-tests";

/// A folder with `gate.yaml`, fresh keys and a store to be.
pub struct Shop {
    folder: tempfile::TempDir,
}

impl Shop {
    /// A gate with one environment `production`, this policy and these lines of its own.
    pub fn new(policy: &Path, environment: &str) -> Result<Self> {
        Self::within(&std::env::temp_dir(), policy, environment)
    }

    /// The same in a folder below `place`: on the disk that is to be measured, say.
    pub fn within(place: &Path, policy: &Path, environment: &str) -> Result<Self> {
        let folder = tempfile::tempdir_in(place)?;
        let at = |name: &str| folder.path().join(name);
        for (kind, name) in [("p256", "gate.pem"), ("ed25519", "ledger.pem")] {
            let made = process::gate([
                "keys".as_ref(),
                "new".as_ref(),
                "--kind".as_ref(),
                kind.as_ref(),
                at(name).as_os_str(),
            ])?;
            anyhow::ensure!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        }
        let token = Digest::of(TOKEN.as_bytes()).to_hex();
        let policy = serde_json::to_string(policy)?;
        let config = format!(
            "version: 1\n\
             signing_key: gate.pem\n\
             ledger: {{ key: ledger.pem, origin: gate.example/tests }}\n\
             environments:\n  production:\n    policy: [{policy}]\n{environment}\
             server:\n  tokens:\n    - {{ name: tests, sha256: \"{token}\", environments: [production], \
             rights: [read, evidence, promote], until: 2999-01-01T00:00:00Z }}\n",
        );
        std::fs::write(at("gate.yaml"), config)?;
        Ok(Self { folder })
    }

    /// `gate.yaml`.
    pub fn config(&self) -> PathBuf {
        self.folder.path().join("gate.yaml")
    }

    /// The store.
    pub fn store(&self) -> PathBuf {
        self.folder.path().join("gate.db")
    }

    /// A file in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Starts the server.
    pub fn serve(&self) -> Result<process::Server> {
        self.serve_by(None)
    }

    /// The same by TLS, where a certificate is given.
    pub fn serve_by(&self, tls: Option<&Tls>) -> Result<process::Server> {
        process::Server::start(&self.config(), &self.store(), TOKEN, tls)
    }
}
