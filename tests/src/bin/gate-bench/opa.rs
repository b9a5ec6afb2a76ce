//! OPA as a peer: `opa run --server` with the modules and the data of one of Gate's bundles.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use gate_core::policy::Bundle;
use gate_tests::http::Connection;
use gate_tests::tls::Tls;

/// How long OPA may take to start.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running OPA; killed when it is dropped.
pub(crate) struct Opa<'a> {
    child: Child,
    address: SocketAddr,
    tls: Option<&'a Tls>,
}

impl<'a> Opa<'a> {
    /// Starts OPA with what `bundle` holds, on a free port of loopback; by TLS where a certificate is
    /// given.
    pub(crate) fn start(
        opa: &Path,
        bundle: &Bundle,
        folder: &Path,
        tls: Option<&'a Tls>,
    ) -> Result<Self> {
        let modules: std::collections::BTreeMap<String, String> =
            serde_json::from_slice(bundle.modules_bytes())?;
        for (path, source) in modules {
            let path = folder.join(path);
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent)?;
            }
            std::fs::write(path, source)?;
        }
        std::fs::write(folder.join("data.json"), bundle.data_bytes())?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let mut command = Command::new(opa);
        command.args(["run", "--server", "--addr", &address.to_string()]);
        if let Some(tls) = tls {
            command.arg("--tls-cert-file").arg(&tls.certificate);
            command.arg("--tls-private-key-file").arg(&tls.key);
        }
        let child = command
            // Its default writes a line for every request, which would slow it down.
            .args(["--log-level", "error", "--skip-version-check"])
            .arg(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()?;
        let opa = Self { child, address, tls };
        let begin = Instant::now();
        while opa.connect().and_then(|mut it| it.send("GET", "/health", "", b"")).is_err() {
            if begin.elapsed() > PATIENCE {
                bail!("OPA did not start within {} s", PATIENCE.as_secs());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(opa)
    }

    pub(crate) fn connect(&self) -> Result<Connection> {
        Connection::open(self.address, "", self.tls)
    }
}

impl Drop for Opa<'_> {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to stop.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
