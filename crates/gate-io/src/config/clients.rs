//! The callers that `gate.yaml` names: each with a hash of its own, a name, and environments that are
//! there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use gate_core::Digest;
use gate_core::environment::Environment;

use super::{ConfigError, ServerConfiguration};

/// Refuses entries that cannot be meant.
pub(super) fn check(
    path: &Path,
    server: &ServerConfiguration,
    environments: &BTreeMap<String, Arc<Environment>>,
) -> Result<(), ConfigError> {
    let mut seen = BTreeSet::new();
    for (list, clients) in [("tokens", &server.tokens), ("clients", &server.clients)] {
        for client in clients {
            let message = if Digest::from_hex(&client.sha256).is_err() {
                "`sha256` is not 64 lower-case hexadecimal digits".to_owned()
            } else if !seen.insert(&client.sha256) {
                "another entry has the same `sha256`".to_owned()
            } else if client.name.trim().is_empty() {
                "`name` is empty".to_owned()
            } else if let Some(unknown) =
                client.environments.iter().find(|name| !environments.contains_key(*name))
            {
                format!("there is no environment `{unknown}`")
            } else {
                continue;
            };
            let message = format!("server.{list}: `{}`: {message}", client.name);
            return Err(ConfigError::Form { path: path.to_owned(), message });
        }
    }
    Ok(())
}
