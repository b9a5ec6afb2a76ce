//! `registries` of `gate.yaml`: as it is written, and as the client of registries takes it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::registry::{CacheSettings, Image, Limits, Place, Settings};

/// How registries are asked.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Registries {
    /// Registries (`registry.example:5000`) and parts of them (`registry.example/team`); the most
    /// specific one counts. A server asks no others.
    pub places: BTreeMap<String, RegistryPlace>,
    /// Limits.
    pub limits: RegistryLimits,
    /// A cache of content by digest.
    pub cache: Option<RegistryCache>,
    /// Seconds for which a tag, or that something is absent, may be remembered.
    pub remember_seconds: u64,
}

/// A registry, or a part of one.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RegistryPlace {
    /// A file of credentials (docker's `config.json`, podman's `auth.json`, a Kubernetes pull secret)
    /// or the folder that such a secret is mounted as. Without it the usual files are looked at.
    pub credentials: Option<String>,
    /// PEM certificates of authorities, besides the system's.
    pub ca: Option<String>,
    /// URLs of mirrors: asked for content by digest before the registry.
    pub mirrors: Vec<String>,
    /// Whether the mirrors stand in for the registry, which is asked nothing.
    pub mirrors_only: bool,
    /// Whether it is spoken to in clear.
    pub plain_http: bool,
    /// The repository in which signatures are kept, besides the image's own.
    pub signatures: Option<String>,
}

/// Limits; what is left out has its default.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RegistryLimits {
    /// Bytes of a manifest, an index or a page of referrers (default 4 MiB).
    pub manifest_bytes: Option<usize>,
    /// Bytes of evidence that is no SBOM (default 16 MiB).
    pub blob_bytes: Option<usize>,
    /// Bytes of an SBOM, or of an envelope that may hold one (default 128 MiB).
    pub sbom_bytes: Option<usize>,
    /// Referrers of a digest, and pieces of evidence of a decision (default 1000).
    pub referrers: Option<usize>,
    /// Pages of a list of referrers (default 100).
    pub pages: Option<usize>,
    /// Platforms of an index (default 32).
    pub platforms: Option<usize>,
    /// Redirects of a request (default 5).
    pub redirects: Option<usize>,
    /// Times that a request is sent (default 3).
    pub attempts: Option<u32>,
    /// Seconds without a byte until a request is given up (default 10).
    pub silence_seconds: Option<u64>,
    /// Bytes of a decision (default 512 MiB).
    pub decision_bytes: Option<u64>,
    /// Seconds of a decision (default 25).
    pub decision_seconds: Option<u64>,
    /// Seconds of a credential helper (default 10).
    pub helper_seconds: Option<u64>,
}

/// A cache of content by digest.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RegistryCache {
    /// Its folder.
    pub folder: String,
    /// Bytes that it may hold (default 1 GiB).
    #[serde(default = "default_cache_bytes")]
    pub bytes: u64,
}

fn default_cache_bytes() -> u64 {
    1 << 30
}

/// The settings, paths resolved. The error names the key.
pub(super) fn settings(
    registries: &Registries,
    resolve: impl Fn(&str) -> PathBuf,
) -> Result<Settings, String> {
    let limits = limits(&registries.limits)?;
    let mut places = BTreeMap::new();
    for (name, place) in &registries.places {
        check(name, place).map_err(|why| format!("registries.places.{name}: {why}"))?;
        places.insert(
            name.clone(),
            Place {
                credentials: place.credentials.as_deref().map(&resolve),
                ca: place.ca.as_deref().map(&resolve),
                mirrors: place.mirrors.clone(),
                mirrors_only: place.mirrors_only,
                plain_http: place.plain_http,
                signatures: place.signatures.clone(),
            },
        );
    }
    let cache = registries.cache.as_ref();
    Ok(Settings {
        places,
        limits,
        cache: cache.map(|it| CacheSettings { folder: resolve(&it.folder), bytes: it.bytes }),
        remember: Duration::from_secs(registries.remember_seconds),
        given: None,
        ambient: vec![],
    })
}

fn check(name: &str, place: &RegistryPlace) -> Result<(), String> {
    let (host, path) = name.split_once('/').unwrap_or((name, "x"));
    // A name that no reference can have would silently never count.
    let image: Result<Image, _> = format!("{host}/{path}/x:x").parse();
    if image.map_or(true, |image| image.host() != host) {
        return Err("write it as HOST[:PORT], or with the first parts of a repository".to_owned());
    }
    if place.plain_http && name.contains('/') {
        return Err("`plain_http` is of a whole host: name it without a path".to_owned());
    }
    if let Some(signatures) = &place.signatures {
        let image: Image = signatures.parse().map_err(|error| format!("signatures: {error}"))?;
        if image.digest().is_some() || image.tag() != Some("latest") {
            return Err("signatures: a repository has no tag or digest".to_owned());
        }
    }
    for mirror in &place.mirrors {
        let scheme = mirror.split_once("://").map(|(scheme, _)| scheme);
        if !matches!(scheme, Some("https" | "http")) || mirror.contains('@') {
            return Err(format!("mirrors: `{mirror}` is no https:// address without a user"));
        }
    }
    if place.mirrors_only && place.mirrors.is_empty() {
        return Err("`mirrors_only` without `mirrors` leaves nobody to ask".to_owned());
    }
    Ok(())
}

fn limits(given: &RegistryLimits) -> Result<Limits, String> {
    let usual = Limits::default();
    let seconds = |name: &str, given: Option<u64>, usual: Duration| {
        at_least_one(name, given).map(|given| given.map_or(usual, Duration::from_secs))
    };
    let counted = |name: &str, given: Option<usize>, usual: usize| {
        at_least_one(name, given).map(|given| given.unwrap_or(usual))
    };
    Ok(Limits {
        manifest_bytes: counted("manifest_bytes", given.manifest_bytes, usual.manifest_bytes)?,
        blob_bytes: counted("blob_bytes", given.blob_bytes, usual.blob_bytes)?,
        sbom_bytes: counted("sbom_bytes", given.sbom_bytes, usual.sbom_bytes)?,
        referrers: counted("referrers", given.referrers, usual.referrers)?,
        pages: counted("pages", given.pages, usual.pages)?,
        platforms: counted("platforms", given.platforms, usual.platforms)?,
        // None is a limit too.
        redirects: given.redirects.unwrap_or(usual.redirects).min(20),
        attempts: at_least_one("attempts", given.attempts)?.unwrap_or(usual.attempts),
        silence: seconds("silence_seconds", given.silence_seconds, usual.silence)?,
        decision_bytes: at_least_one("decision_bytes", given.decision_bytes)?
            .unwrap_or(usual.decision_bytes),
        decision: seconds("decision_seconds", given.decision_seconds, usual.decision)?,
        helper: seconds("helper_seconds", given.helper_seconds, usual.helper)?,
    })
}

fn at_least_one<T: PartialEq + Default>(name: &str, given: Option<T>) -> Result<Option<T>, String> {
    match given {
        Some(nought) if nought == T::default() => {
            Err(format!("registries.limits.{name}: nothing would be read with 0"))
        }
        given => Ok(given),
    }
}

/// Files of the settings that are there to be watched.
pub(super) fn files(settings: &Settings) -> impl Iterator<Item = &Path> {
    settings
        .places
        .values()
        .flat_map(|place| [place.ca.as_deref(), place.credentials.as_deref()])
        .flatten()
}
