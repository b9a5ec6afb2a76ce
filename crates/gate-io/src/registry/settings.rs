//! How registries are asked: by host or repository, with limits that hold for one decision.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use gate_core::limits;

/// Everything that is configured about registries.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Places by name: a host with its port, or a host and the first parts of a repository.
    pub places: BTreeMap<String, Place>,
    /// Limits.
    pub limits: Limits,
    /// The cache on disk.
    pub cache: Option<CacheSettings>,
    /// How long a tag or an absence may be remembered.
    pub remember: Duration,
    /// Credentials that the caller gave, and the host that they are for.
    pub given: Option<(String, Credentials)>,
    /// Where files of credentials lie that nobody named, first the one that is asked first.
    pub ambient: Vec<PathBuf>,
}

/// One registry, or a part of one.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// A file of credentials: docker's, podman's or a Kubernetes pull secret.
    pub credentials: Option<PathBuf>,
    /// PEM certificates of further authorities.
    pub ca: Option<PathBuf>,
    /// Mirrors, as URLs; they are asked first, for content by digest.
    pub mirrors: Vec<String>,
    /// Whether mirrors are asked for names too, and nobody else for anything.
    pub mirrors_only: bool,
    /// Whether it is spoken to in clear.
    pub plain_http: bool,
    /// Another repository in which cosign keeps signatures.
    pub signatures: Option<String>,
}

/// Limits; those of a decision hold for everything that it asks for.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of a manifest or index.
    pub manifest_bytes: usize,
    /// Bytes of a blob that is no SBOM.
    pub blob_bytes: usize,
    /// Bytes of an SBOM, or of an envelope that may hold one.
    pub sbom_bytes: usize,
    /// Referrers of one digest.
    pub referrers: usize,
    /// Pages of one list of referrers.
    pub pages: usize,
    /// Platforms of one index whose evidence is asked for.
    pub platforms: usize,
    /// Redirects of one request.
    pub redirects: usize,
    /// Times that a request is sent.
    pub attempts: u32,
    /// Time without a byte until a request is given up.
    pub silence: Duration,
    /// Bytes of a decision.
    pub decision_bytes: u64,
    /// Time of a decision.
    pub decision: Duration,
    /// Time of a credential helper.
    pub helper: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            manifest_bytes: limits::MANIFEST_BYTES,
            blob_bytes: limits::EVIDENCE_BYTES,
            sbom_bytes: limits::SBOM_BYTES,
            referrers: limits::EVIDENCE_COUNT,
            pages: 100,
            platforms: 32,
            redirects: 5,
            attempts: 3,
            silence: Duration::from_secs(10),
            decision_bytes: 512 << 20,
            decision: Duration::from_secs(25),
            helper: Duration::from_secs(10),
        }
    }
}

/// The cache on disk.
#[derive(Debug, Clone)]
pub struct CacheSettings {
    /// Its folder.
    pub folder: PathBuf,
    /// Bytes that it may hold.
    pub bytes: u64,
}

/// Who asks.
#[derive(Clone, PartialEq, Eq)]
pub enum Credentials {
    /// Name and password.
    Password {
        /// Name.
        name: String,
        /// Password.
        password: String,
    },
    /// An identity token, which is exchanged for access tokens.
    Identity(String),
    /// A token that is sent as it is.
    Bearer(String),
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Nothing of a secret, not even its length, gets into a log.
        f.write_str(match self {
            Self::Password { .. } => "Credentials::Password",
            Self::Identity(_) => "Credentials::Identity",
            Self::Bearer(_) => "Credentials::Bearer",
        })
    }
}

impl Settings {
    /// The most specific place for a repository of a host.
    pub fn place(&self, host: &str, repository: &str) -> Option<&Place> {
        let mut name = format!("{host}/{repository}");
        loop {
            if let Some(place) = self.places.get(&name) {
                return Some(place);
            }
            name.truncate(name.rfind('/')?);
        }
    }

    /// Whether no place is configured.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Whether a host, with its port, may be spoken to in clear: only where some place says so.
    pub(super) fn is_plain(&self, host: &str) -> bool {
        self.places.iter().any(|(name, place)| {
            place.plain_http && name.split('/').next().is_some_and(|named| named == host)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_specific_place_counts_and_no_name_is_a_prefix_of_another_word() {
        let place = |file: &str| Place { ca: Some(file.into()), ..Place::default() };
        let settings = Settings {
            places: [("a.example", "host"), ("a.example/shop", "shop")]
                .map(|(name, file)| (name.to_owned(), place(file)))
                .into(),
            ..Settings::default()
        };
        let found =
            |host, repository| settings.place(host, repository).and_then(|place| place.ca.clone());
        assert_eq!(found("a.example", "shop/app"), Some("shop".into()));
        assert_eq!(found("a.example", "shop"), Some("shop".into()));
        assert_eq!(found("a.example", "shopping/app"), Some("host".into()));
        assert_eq!(found("a.example.evil", "shop/app"), None);
    }

    #[test]
    fn secrets_are_not_printed() {
        let secret = Credentials::Password { name: "n".into(), password: "hunter2".into() };
        assert!(!format!("{secret:?}").contains("hunter2"));
    }
}
