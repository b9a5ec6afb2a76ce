//! The programs as they are shipped, started as processes.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use anyhow::{Context, Result};

use crate::http::Connection;
use crate::tls::Tls;

/// A program beside this one: tests and benchmarks are built into the folder that the programs are in.
pub fn program(name: &str) -> Result<PathBuf> {
    let mut folder = std::env::current_exe()?;
    folder.pop();
    if folder.ends_with("deps") {
        folder.pop();
    }
    let path = folder.join(name);
    anyhow::ensure!(path.exists(), "{} is not built: run `cargo xtask test`", path.display());
    Ok(path)
}

/// Runs `gate` to its end.
pub fn gate<I: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = I>) -> Result<Output> {
    let mut command = Command::new(program("gate")?);
    Ok(clean(&mut command).args(arguments).output()?)
}

/// No `GATE_*` variable of whoever runs the tests changes what they test.
fn clean(command: &mut Command) -> &mut Command {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("GATE_") {
            command.env_remove(name);
        }
    }
    command.env("RUST_BACKTRACE", "0")
}

/// A running `gate-server`; killed when it is dropped.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    headers: String,
}

impl Server {
    /// Starts the server on a free port of loopback, by TLS where a certificate is given, and waits for
    /// its address.
    pub fn start(config: &Path, store: &Path, token: &str, tls: Option<&Tls>) -> Result<Self> {
        let mut command = Command::new(program("gate-server")?);
        if let Some(tls) = tls {
            command.arg("--tls-cert").arg(&tls.certificate).arg("--tls-key").arg(&tls.key);
        }
        let mut child = clean(&mut command)
            .arg("--config")
            .arg(config)
            .arg("--store")
            .arg(store)
            .args(["--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()?;
        let out = child.stdout.take().context("the server has no output")?;
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line)?;
        let address = line
            .trim()
            .rsplit("://")
            .next()
            .and_then(|address| address.parse().ok())
            .with_context(|| format!("the server said {line:?} instead of its address"))?;
        let headers = format!("authorization: Bearer {token}\r\n");
        Ok(Self { child, address, headers })
    }

    /// A connection that authenticates itself.
    pub fn connect(&self) -> Result<Connection> {
        self.connect_by(None)
    }

    /// The same by TLS, where a certificate is given.
    pub fn connect_by(&self, tls: Option<&Tls>) -> Result<Connection> {
        Connection::open(self.address, &self.headers, tls)
    }

    /// The headers of every request.
    pub fn headers(&self) -> &str {
        &self.headers
    }

    /// The process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`.
    pub fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to stop.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
