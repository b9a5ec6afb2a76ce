//! Credential helpers: `docker-credential-NAME get` as a process with a time limit.

use std::process::Stdio;
use std::time::Duration;

use gate_core::reason::ErrorCode;
use serde::Deserialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;
use tokio::time::timeout;

use crate::registry::failure::{Outcome, RegistryError};
use crate::registry::settings::Credentials;

/// The most that a helper may say.
const ANSWER_BYTES: u64 = 64 << 10;
/// What a helper says, by its protocol, of a server that it knows nothing of.
const NOT_FOUND: &str = "credentials not found";
/// The user name that marks an identity token, by the same protocol.
const TOKEN_USER: &str = "<token>";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    username: String,
    secret: String,
}

/// Asks a helper; `None` where it has nothing for the server.
pub(super) async fn ask(name: &str, server: &str, limit: Duration) -> Outcome<Option<Credentials>> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || !name.chars().all(plain) {
        return Err(failed(name, "its name is none"));
    }
    let (succeeded, said) = match timeout(limit, run(name, server)).await {
        Ok(ran) => ran.map_err(|error| failed(name, "it cannot be run").caused_by(error))?,
        // Dropping the run has killed the process.
        Err(_) => return Err(failed(name, "it did not answer in time")),
    };
    if !succeeded {
        if String::from_utf8_lossy(&said).contains(NOT_FOUND) {
            return Ok(None);
        }
        // Its words may hold anything, so they are not repeated.
        return Err(failed(name, "it ended with a failure"));
    }
    let answer: Answer = serde_json::from_slice(&said)
        .map_err(|_| failed(name, "its answer is not that of a credential helper"))?;
    Ok(match answer {
        Answer { username, secret } if username.is_empty() && secret.is_empty() => None,
        Answer { username, secret } if username == TOKEN_USER => {
            Some(Credentials::Identity(secret))
        }
        Answer { username, secret } => {
            Some(Credentials::Password { name: username, password: secret })
        }
    })
}

async fn run(name: &str, server: &str) -> std::io::Result<(bool, Vec<u8>)> {
    let mut child = Command::new(format!("docker-credential-{name}"))
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    if let Some(mut input) = child.stdin.take() {
        // One that ends without reading has its reasons: its answer tells them.
        let _ = input.write_all(format!("{server}\n").as_bytes()).await;
    }
    let mut said = vec![];
    if let Some(output) = child.stdout.take() {
        output.take(ANSWER_BYTES).read_to_end(&mut said).await?;
    }
    Ok((child.wait().await?.success(), said))
}

fn failed(name: &str, why: &str) -> RegistryError {
    let name: String = name.chars().take(100).collect();
    let message = format!("the credential helper docker-credential-{name} gave nothing: {why}");
    RegistryError::new(ErrorCode::RegistryCredentialsFailed, message)
}
