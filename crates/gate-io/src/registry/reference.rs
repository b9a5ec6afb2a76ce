//! References to images, from `HOST[:PORT]/REPOSITORY[:TAG][@DIGEST]` to their parts.

use std::fmt;
use std::str::FromStr;

use gate_core::Digest;
use oci_spec::distribution::Reference;

/// The longest reference that is read.
const REFERENCE_BYTES: usize = 1024;
/// Docker Hub under the name that references give it.
const DOCKER_HUB: &str = "docker.io";
/// Where Docker Hub's registry is asked.
const DOCKER_HUB_REGISTRY: &str = "registry-1.docker.io";

/// An image of a registry. Docker's defaults are filled in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Image {
    host: String,
    repository: String,
    tag: Option<String>,
    digest: Option<Digest>,
}

/// The text names no image.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` names no image: {reason}")]
pub struct ReferenceError {
    text: String,
    reason: String,
}

impl Image {
    /// The registry as it is named, with its port where one is given.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The registry as it is asked.
    pub(crate) fn server(&self) -> &str {
        if self.host == DOCKER_HUB { DOCKER_HUB_REGISTRY } else { &self.host }
    }

    /// The repository.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The tag, if it is named by one.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The digest, if it is pinned; then the tag counts for nothing.
    pub fn digest(&self) -> Option<Digest> {
        self.digest
    }

    /// Registry and repository, as `registry.example/shop/app`.
    pub fn place(&self) -> String {
        format!("{}/{}", self.host, self.repository)
    }

    /// The same repository with this digest alone.
    #[must_use]
    pub fn at(&self, digest: Digest) -> Self {
        Self { tag: None, digest: Some(digest), ..self.clone() }
    }

    /// Whether the first part of a name can only be a registry's: it has a dot or a port, or is
    /// `localhost`.
    pub fn names_a_host(text: &str) -> bool {
        text.split_once('/').is_some_and(|(host, _)| {
            !host.is_empty()
                && !host.starts_with('.')
                && (host == "localhost" || host.contains(['.', ':']))
        })
    }
}

impl FromStr for Image {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let invalid =
            |reason: String| ReferenceError { text: text.chars().take(100).collect(), reason };
        if text.len() > REFERENCE_BYTES {
            return Err(invalid(format!("it has more than {REFERENCE_BYTES} bytes")));
        }
        let parsed: Reference = text.parse().map_err(|error| invalid(format!("{error}")))?;
        let digest = match parsed.digest() {
            None => None,
            Some(digest) => Some(digest.parse().map_err(|error| invalid(format!("{error}")))?),
        };
        Ok(Self {
            host: parsed.registry().to_ascii_lowercase(),
            repository: parsed.repository().to_owned(),
            tag: parsed.tag().map(str::to_owned),
            digest,
        })
    }
}

impl fmt::Display for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.host, self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        match self.digest {
            Some(digest) => write!(f, "@{digest}"),
            None => Ok(()),
        }
    }
}

/// The tag of the index that lists a subject's referrers where the registry has no API for it.
pub(crate) fn fallback_tag(subject: Digest) -> String {
    format!("sha256-{}", subject.to_hex())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn references_are_read_with_dockers_defaults() {
        for (text, whole, server) in [
            ("nginx", "docker.io/library/nginx:latest", "registry-1.docker.io"),
            ("shop/app:1", "docker.io/shop/app:1", "registry-1.docker.io"),
            ("index.docker.io/shop/app:1", "docker.io/shop/app:1", "registry-1.docker.io"),
            ("localhost/app", "localhost/app:latest", "localhost"),
            ("a.example:5000/x/y/z:v1", "a.example:5000/x/y/z:v1", "a.example:5000"),
            ("A.Example/x:v1", "a.example/x:v1", "a.example"),
        ] {
            let image: Image = text.parse().unwrap();
            assert_eq!((image.to_string().as_str(), image.server()), (whole, server), "{text}");
        }
        let pinned: Image = format!("a.example/x:1@sha256:{HEX}").parse().unwrap();
        assert_eq!(pinned.digest(), Some(Digest::from_hex(HEX).unwrap()));
        assert_eq!(pinned.place(), "a.example/x");
    }

    #[test]
    fn what_tools_could_read_differently_is_no_reference() {
        for text in [
            "",
            "a.example/X",
            "a.example/x:",
            "a.example/x@sha256:00",
            &format!("a.example/x@sha256:{}", HEX.to_uppercase()),
            &format!("a.example/x@sha512:{HEX}{HEX}"),
            &format!("a.example/x@sha256:{HEX}@sha256:{HEX}"),
            "user@a.example/x:1",
            "a.example/../x:1",
            "a.example/x?y:1",
            "https://a.example/x:1",
        ] {
            assert!(text.parse::<Image>().is_err(), "{text}");
        }
    }
}
