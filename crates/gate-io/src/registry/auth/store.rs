//! Whose credentials are used for a repository: the caller's, the configured file's, the usual files'.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use gate_core::reason::ErrorCode;

use super::file::{self, Saying};
use super::program;
use crate::files::read_bounded;
use crate::registry::failure::{Outcome, RegistryError};
use crate::registry::settings::{Credentials, Settings};

/// The greatest size of a file of credentials.
const FILE_BYTES: usize = 1 << 20;
/// The name of the file in a folder that a Kubernetes pull secret is mounted as.
const MOUNTED: &str = ".dockerconfigjson";

/// The credentials for a repository of a host; `None` means that it is asked anonymously.
///
/// A file or helper that fails is an error: asking anonymously instead would hide the reason, and
/// a registry may show less to a stranger.
pub(super) async fn find(
    settings: &Settings,
    host: &str,
    repository: &str,
) -> Outcome<Option<Credentials>> {
    if let Some((given_for, credentials)) = &settings.given
        && given_for == host
    {
        return Ok(Some(credentials.clone()));
    }
    let named = settings.place(host, repository).and_then(|place| place.credentials.clone());
    if let Some(path) = named {
        let found = look(settings, &path, host, repository).await?;
        return found.ok_or_else(|| failed(&path, "there is no such file"));
    }
    for path in &settings.ambient {
        if let Some(Some(credentials)) = look(settings, path, host, repository).await? {
            return Ok(Some(credentials));
        }
    }
    Ok(None)
}

/// What one file has; the outer `None` means that there is no file.
async fn look(
    settings: &Settings,
    path: &Path,
    host: &str,
    repository: &str,
) -> Outcome<Option<Option<Credentials>>> {
    let named = path.to_owned();
    let read = tokio::task::spawn_blocking(move || load(&named)).await;
    let read = read.map_err(|error| failed(path, "it cannot be read").caused_by(error))?;
    let bytes = match read {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(path, "it cannot be read").caused_by(error)),
    };
    let said = file::read(&bytes).and_then(|file| file.find(host, repository));
    for saying in said.map_err(|why| failed(path, why))? {
        match saying {
            Saying::Credentials(credentials) => return Ok(Some(Some(credentials))),
            Saying::Helper { name, server, .. } => {
                let found = program::ask(&name, &server, settings.limits.helper).await?;
                if found.is_some() {
                    return Ok(Some(found));
                }
            }
        }
    }
    Ok(Some(None))
}

fn load(path: &Path) -> std::io::Result<Vec<u8>> {
    let mounted = path.join(MOUNTED);
    let path = if path.is_dir() { &mounted } else { path };
    read_bounded(path, FILE_BYTES)
}

fn failed(path: &Path, why: &str) -> RegistryError {
    let message = format!("the credentials in {} cannot be used: {why}", path.display());
    RegistryError::new(ErrorCode::RegistryCredentialsFailed, message)
}

/// Where podman and docker keep credentials, by the variables that move them.
pub fn ambient(variable: impl Fn(&str) -> Option<PathBuf>) -> Vec<PathBuf> {
    let mut found = vec![];
    if let Some(file) = variable("REGISTRY_AUTH_FILE") {
        found.push(file);
    } else if let Some(folder) = variable("XDG_RUNTIME_DIR") {
        found.push(folder.join("containers/auth.json"));
    }
    if let Some(folder) = variable("DOCKER_CONFIG") {
        found.push(folder.join("config.json"));
    } else if let Some(home) = variable("HOME") {
        found.push(home.join(".docker/config.json"));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_move_the_usual_files() {
        let with = |set: &'static [(&str, &str)]| {
            ambient(move |name| {
                set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).into())
            })
        };
        assert_eq!(with(&[("HOME", "/h")]), [PathBuf::from("/h/.docker/config.json")]);
        assert_eq!(
            with(&[
                ("HOME", "/h"),
                ("DOCKER_CONFIG", "/d"),
                ("XDG_RUNTIME_DIR", "/r"),
                ("REGISTRY_AUTH_FILE", "/a.json")
            ]),
            [PathBuf::from("/a.json"), PathBuf::from("/d/config.json")]
        );
        assert_eq!(with(&[("XDG_RUNTIME_DIR", "/r")]), [PathBuf::from("/r/containers/auth.json")]);
    }
}
