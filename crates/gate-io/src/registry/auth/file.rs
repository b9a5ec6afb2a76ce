//! Files of credentials: docker's `config.json`, podman's `auth.json`, Kubernetes pull secrets.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::registry::settings::Credentials;

/// Docker Hub's names in such files; all mean the same registry.
const DOCKER_HUB: [&str; 3] = ["docker.io", "index.docker.io", "registry-1.docker.io"];
/// What helpers know Docker Hub as.
const DOCKER_HUB_SERVER: &str = "https://index.docker.io/v1/";

/// A file of credentials. What else stands in it belongs to other tools.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct CredentialsFile {
    auths: BTreeMap<String, Entry>,
    cred_helpers: BTreeMap<String, String>,
    creds_store: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Entry {
    auth: String,
    username: String,
    password: String,
    identitytoken: String,
    registrytoken: String,
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Entry")
    }
}

/// A Kubernetes secret as the API gives it, around such a file.
#[derive(Deserialize)]
struct Secret {
    kind: String,
    data: BTreeMap<String, String>,
}

/// What a file says about a registry.
#[derive(Debug, PartialEq)]
pub(super) enum Saying {
    /// These are the credentials.
    Credentials(Credentials),
    /// A helper has them, under this name of the server.
    Helper {
        /// The helper.
        name: String,
        /// The server.
        server: String,
        /// Whether it is the store for all registries: then it need not know this one.
        store: bool,
    },
}

/// Reads a file. The error says what is wrong and holds nothing of the file.
pub(super) fn read(bytes: &[u8]) -> Result<CredentialsFile, &'static str> {
    if let Ok(secret) = serde_json::from_slice::<Secret>(bytes)
        && secret.kind == "Secret"
    {
        let inner = secret.data.get(".dockerconfigjson");
        let inner = inner.ok_or("the secret has no `.dockerconfigjson`")?;
        let inner = STANDARD.decode(inner).map_err(|_| "`.dockerconfigjson` is no base64")?;
        return serde_json::from_slice(&inner).map_err(|_| "`.dockerconfigjson` is no such JSON");
    }
    serde_json::from_slice(bytes).map_err(|_| "it is no JSON of that form")
}

impl CredentialsFile {
    /// What the file says about a repository of a host, most specific first: a helper for the host,
    /// an entry, then the store for everything.
    pub(super) fn find(&self, host: &str, repository: &str) -> Result<Vec<Saying>, &'static str> {
        let mut found = vec![];
        if let Some((key, name)) = best(&self.cred_helpers, host, repository) {
            found.push(Saying::Helper { name: name.clone(), server: key.clone(), store: false });
            return Ok(found);
        }
        if let Some((_, entry)) = best(&self.auths, host, repository)
            && let Some(credentials) = entry.credentials()?
        {
            found.push(Saying::Credentials(credentials));
        } else if let Some(name) = self.creds_store.as_ref().filter(|name| !name.is_empty()) {
            let server = if DOCKER_HUB.contains(&host) { DOCKER_HUB_SERVER } else { host };
            let server = server.to_owned();
            found.push(Saying::Helper { name: name.clone(), server, store: true });
        }
        Ok(found)
    }
}

impl Entry {
    fn credentials(&self) -> Result<Option<Credentials>, &'static str> {
        if !self.identitytoken.is_empty() {
            return Ok(Some(Credentials::Identity(self.identitytoken.clone())));
        }
        if !self.registrytoken.is_empty() {
            return Ok(Some(Credentials::Bearer(self.registrytoken.clone())));
        }
        if !self.auth.is_empty() {
            let decoded = STANDARD.decode(self.auth.trim()).map_err(|_| "`auth` is no base64")?;
            let text = String::from_utf8(decoded).map_err(|_| "`auth` is no text")?;
            let (name, password) = text.split_once(':').ok_or("`auth` has no colon")?;
            let password = password.trim_end_matches('\0').to_owned();
            return Ok(Some(Credentials::Password { name: name.to_owned(), password }));
        }
        let (name, password) = (self.username.clone(), self.password.clone());
        Ok((!name.is_empty()).then_some(Credentials::Password { name, password }))
    }
}

/// The entry whose key is the longest that covers the repository.
fn best<'a, T>(
    entries: &'a BTreeMap<String, T>,
    host: &str,
    repository: &str,
) -> Option<(&'a String, &'a T)> {
    entries
        .iter()
        .filter_map(|entry| Some((covers(entry.0, host, repository)?, entry)))
        .max_by_key(|(weight, _)| *weight)
        .map(|(_, entry)| entry)
}

/// How closely a key names a repository; `None` if it does not. Keys are `HOST[/PATH]`, with a
/// scheme and `/v1/` or `/v2/` where docker wrote them, and stars for labels in pull secrets.
fn covers(key: &str, host: &str, repository: &str) -> Option<(bool, usize)> {
    let bare = key.strip_prefix("https://").or_else(|| key.strip_prefix("http://")).unwrap_or(key);
    let bare = bare.trim_end_matches('/');
    let bare = bare.strip_suffix("/v1").or_else(|| bare.strip_suffix("/v2")).unwrap_or(bare);
    let (named, path) = bare.split_once('/').unwrap_or((bare, ""));
    let hub = DOCKER_HUB.contains(&named) && DOCKER_HUB.contains(&host);
    let exact = named.eq_ignore_ascii_case(host) || hub;
    if !exact && !matches_labels(named, host) {
        return None;
    }
    let within = path.is_empty()
        || repository
            .strip_prefix(path)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    within.then_some((exact, path.len()))
}

fn matches_labels(pattern: &str, host: &str) -> bool {
    let (pattern, host): (Vec<_>, Vec<_>) =
        (pattern.split('.').collect(), host.split('.').collect());
    pattern.contains(&"*")
        && pattern.len() == host.len()
        && pattern.iter().zip(&host).all(|(label, found)| *label == "*" || label == found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(name: &str) -> Saying {
        let (name, password) = (name.to_owned(), "p:q".to_owned());
        Saying::Credentials(Credentials::Password { name, password })
    }

    fn auth(name: &str) -> serde_json::Value {
        serde_json::json!({"auth": STANDARD.encode(format!("{name}:p:q"))})
    }

    fn find(file: &serde_json::Value, host: &str, repository: &str) -> Vec<Saying> {
        read(file.to_string().as_bytes()).unwrap().find(host, repository).unwrap()
    }

    #[test]
    fn the_most_specific_key_counts_and_covers_whole_names_alone() {
        let file = serde_json::json!({"auths": {
            "a.example": auth("host"),
            "a.example/shop": auth("shop"),
            "a.example/shop/app": auth("app"),
            "https://b.example:5000/v2/": auth("b"),
            "*.cloud.example": auth("stars"),
            "https://index.docker.io/v1/": auth("hub"),
        }});
        for (host, repository, expected) in [
            ("a.example", "shop/app", Some("app")),
            ("a.example", "shop/application", Some("shop")),
            ("a.example", "shopping", Some("host")),
            ("b.example:5000", "x", Some("b")),
            ("b.example", "x", None),
            ("eu.cloud.example", "x", Some("stars")),
            ("eu.evil.cloud.example", "x", None),
            ("a.example.evil", "shop/app", None),
            ("docker.io", "library/nginx", Some("hub")),
        ] {
            let expected: Vec<_> = expected.map(password).into_iter().collect();
            assert_eq!(find(&file, host, repository), expected, "{host}/{repository}");
        }
    }

    #[test]
    fn helpers_tokens_and_secrets_are_read() {
        let file = serde_json::json!({
            "auths": {"t.example": {"identitytoken": "i", "auth": ""}, "s.example": {}},
            "credHelpers": {"h.example": "ecr-login"},
            "credsStore": "desktop",
        });
        let identity = Saying::Credentials(Credentials::Identity("i".into()));
        assert_eq!(find(&file, "t.example", "x"), [identity]);
        let helper = |name: &str, server: &str, store| {
            [Saying::Helper { name: name.into(), server: server.into(), store }]
        };
        assert_eq!(find(&file, "h.example", "x"), helper("ecr-login", "h.example", false));
        assert_eq!(find(&file, "s.example", "x"), helper("desktop", "s.example", true));
        assert_eq!(find(&file, "docker.io", "x"), helper("desktop", DOCKER_HUB_SERVER, true));
        let inner = serde_json::json!({"auths": {"k.example": auth("kube")}}).to_string();
        let secret = serde_json::json!({"apiVersion": "v1", "kind": "Secret",
            "data": {".dockerconfigjson": STANDARD.encode(inner)}});
        assert_eq!(find(&secret, "k.example", "x"), [password("kube")]);
    }

    #[test]
    fn a_broken_file_is_told_and_its_secrets_are_not() {
        for text in ["", "[]x", r#"{"auths": 1}"#, r#"{"kind":"Secret","data":{}}"#] {
            assert!(read(text.as_bytes()).is_err(), "{text}");
        }
        let file = read(br#"{"auths": {"a.example": {"auth": "hunter2!"}}}"#).unwrap();
        assert!(file.find("a.example", "x").is_err_and(|why| !why.contains("hunter2")));
        assert!(!format!("{file:?}").contains("hunter2"));
    }
}
