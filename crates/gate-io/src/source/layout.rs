//! OCI image layouts (image-spec 1.1): the subject's manifest and the referrers beside it.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use gate_core::effects::{EvidenceSource, GateError};
use gate_core::evidence::{Collected, Evidence, Origin};
use gate_core::reason::{ErrorCode, Problem};
use gate_core::request::Request;
use gate_core::{Digest, limits};
use serde::Deserialize;

use crate::files::read_bounded;

const REF_NAME: &str = "org.opencontainers.image.ref.name";

/// An OCI layout folder.
#[derive(Debug, Clone)]
pub struct Layout {
    folder: PathBuf,
}

/// Several layouts, in which a subject is found by its digest.
#[derive(Debug, Clone, Default)]
pub struct Layouts(pub Vec<Layout>);

#[derive(Debug, Deserialize)]
struct Index {
    #[serde(default)]
    manifests: Vec<Descriptor>,
}

#[derive(Debug, Clone, Deserialize)]
struct Descriptor {
    digest: String,
    #[serde(default)]
    annotations: Option<std::collections::BTreeMap<String, String>>,
}

#[derive(Debug, Deserialize)]
struct Manifest {
    subject: Option<Descriptor>,
    config: Option<Descriptor>,
    #[serde(default)]
    layers: Vec<Descriptor>,
}

/// What a blob turned out to be.
enum Blob {
    Bytes(Vec<u8>),
    Missing,
    Unreadable(Problem, String),
}

impl Layout {
    /// A layout in this folder; nothing is read yet.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The digest of the image with this tag, or of the only image.
    pub fn image(&self, tag: Option<&str>) -> Result<Digest, GateError> {
        let mut images = vec![];
        for descriptor in self.index()?.manifests {
            let name = descriptor.annotations.as_ref().and_then(|map| map.get(REF_NAME));
            let Ok(digest) = descriptor.digest.parse::<Digest>() else { continue };
            let chosen = match tag {
                Some(tag) => name.is_some_and(|name| name == tag),
                None => !is_fallback_tag(name) && !self.is_referrer(digest)?,
            };
            if chosen && !images.contains(&digest) {
                images.push(digest);
            }
        }
        let message = match (images.as_slice(), tag) {
            ([image], _) => return Ok(*image),
            ([], Some(tag)) => format!("{} has no image tagged `{tag}`", self.folder.display()),
            ([], None) => format!("{} has no image", self.folder.display()),
            (_, Some(tag)) => {
                format!("{} has several images tagged `{tag}`", self.folder.display())
            }
            (_, None) => {
                format!("{} has several images: name a tag, oci:DIR:TAG", self.folder.display())
            }
        };
        Err(GateError::new(ErrorCode::SubjectInvalid, message))
    }

    fn index(&self) -> Result<Index, GateError> {
        let path = self.folder.join("index.json");
        let failed = |message: String| {
            GateError::new(ErrorCode::CollectFailed, format!("{}: {message}", path.display()))
        };
        let bytes = read_bounded(&path, limits::MANIFEST_BYTES)
            .map_err(|error| failed(error.to_string()))?;
        serde_json::from_slice(&bytes).map_err(|error| failed(error.to_string()))
    }

    /// The bytes of a blob that have its digest. Missing, damaged and oversized blobs say so; a disk
    /// that does not answer is an error, or a fault would read as absence.
    fn blob(&self, digest: Digest, limit: usize) -> Result<Blob, GateError> {
        let path = self.folder.join("blobs/sha256").join(digest.to_hex());
        match read_bounded(&path, limit) {
            Ok(bytes) if Digest::of(&bytes) == digest => Ok(Blob::Bytes(bytes)),
            Ok(bytes) => Ok(Blob::Unreadable(
                Problem::EvidenceMalformed,
                format!("the blob's bytes have digest {}", Digest::of(&bytes)),
            )),
            Err(error) if error.kind() == ErrorKind::FileTooLarge => Ok(Blob::Unreadable(
                Problem::EvidenceTooLarge,
                format!("the blob has more than {limit} bytes"),
            )),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Blob::Missing),
            Err(error) => {
                let message = format!("{} cannot be read: {error}", path.display());
                Err(GateError::new(ErrorCode::CollectFailed, message))
            }
        }
    }

    fn manifest(&self, digest: Digest) -> Result<Option<Manifest>, GateError> {
        Ok(match self.blob(digest, limits::MANIFEST_BYTES)? {
            Blob::Bytes(bytes) => serde_json::from_slice(&bytes).ok(),
            Blob::Missing | Blob::Unreadable(..) => None,
        })
    }

    fn is_referrer(&self, digest: Digest) -> Result<bool, GateError> {
        Ok(self.manifest(digest)?.is_some_and(|manifest| manifest.subject.is_some()))
    }

    /// Manifests that may be referrers: those of the index, and of the fallback tag of this subject.
    fn candidates(&self, subject: Digest) -> Result<Vec<Digest>, GateError> {
        let mut found = vec![];
        for descriptor in self.index()?.manifests {
            let Ok(digest) = descriptor.digest.parse::<Digest>() else { continue };
            let name = descriptor.annotations.as_ref().and_then(|map| map.get(REF_NAME));
            let fallback = name.is_some_and(|name| *name == fallback_tag(subject));
            if !fallback {
                found.push(digest);
            } else if let Blob::Bytes(bytes) = self.blob(digest, limits::MANIFEST_BYTES)?
                && let Ok(index) = serde_json::from_slice::<Index>(&bytes)
            {
                let entries = index.manifests.iter();
                found.extend(entries.filter_map(|entry| entry.digest.parse::<Digest>().ok()));
            }
        }
        found.sort();
        found.dedup();
        Ok(found)
    }

    fn referrers(&self, subject: Digest) -> Result<Vec<Evidence>, GateError> {
        let mut evidence = vec![];
        for candidate in self.candidates(subject)? {
            if candidate == subject {
                continue;
            }
            let Some(manifest) = self.manifest(candidate)? else { continue };
            let about = manifest.subject.and_then(|subject| subject.digest.parse().ok());
            if about != Some(subject) {
                continue;
            }
            for layer in manifest.layers {
                evidence.push(self.layer(&layer, candidate)?);
                if evidence.len() > limits::EVIDENCE_COUNT {
                    return Ok(evidence);
                }
            }
        }
        Ok(evidence)
    }

    fn layer(&self, layer: &Descriptor, manifest: Digest) -> Result<Evidence, GateError> {
        let origin = Origin::Beside { name: manifest.to_string() };
        let Ok(digest) = layer.digest.parse::<Digest>() else {
            let detail = format!("`{}` is no sha256 digest", layer.digest);
            let digest = Digest::of(layer.digest.as_bytes());
            return Ok(Evidence::unreadable(digest, origin, Problem::EvidenceMalformed, detail));
        };
        Ok(match self.blob(digest, limits::SBOM_BYTES)? {
            Blob::Bytes(bytes) => Evidence::new(bytes, origin),
            Blob::Missing => {
                let detail = "the blob is missing".to_owned();
                Evidence::unreadable(digest, origin, Problem::EvidenceMalformed, detail)
            }
            Blob::Unreadable(problem, detail) => {
                Evidence::unreadable(digest, origin, problem, detail)
            }
        })
    }

    /// The subject's manifest and configuration, and its referrers; `None` if it is not here.
    fn collect(&self, subject: Digest) -> Result<Option<Collected>, GateError> {
        let manifest = match self.blob(subject, limits::MANIFEST_BYTES)? {
            Blob::Bytes(bytes) => bytes,
            Blob::Missing => return Ok(None),
            Blob::Unreadable(_, detail) => {
                let message = format!("{}: {subject}: {detail}", self.folder.display());
                return Err(GateError::new(ErrorCode::SubjectMismatch, message));
            }
        };
        let config = serde_json::from_slice::<Manifest>(&manifest)
            .ok()
            .and_then(|manifest| manifest.config?.digest.parse::<Digest>().ok());
        let config = match config {
            None => None,
            Some(digest) => match self.blob(digest, limits::MANIFEST_BYTES)? {
                Blob::Bytes(bytes) => Some(bytes),
                // Rules that ask for the configuration deny without it.
                Blob::Missing | Blob::Unreadable(..) => None,
            },
        };
        let evidence = self.referrers(subject)?;
        Ok(Some(Collected {
            unverified_manifest: Some(manifest),
            unverified_config: config,
            evidence,
            ..Collected::default()
        }))
    }
}

impl EvidenceSource for Layouts {
    fn collect(&self, request: &Request) -> Result<Collected, GateError> {
        if request.object.is_some() {
            return Ok(Collected::default());
        }
        for layout in &self.0 {
            if let Some(found) = layout.collect(request.subject.digest)? {
                return Ok(found);
            }
        }
        Ok(Collected::default())
    }
}

fn fallback_tag(subject: Digest) -> String {
    format!("sha256-{}", subject.to_hex())
}

fn is_fallback_tag(name: Option<&String>) -> bool {
    name.and_then(|name| name.strip_prefix("sha256-"))
        .is_some_and(|rest| Digest::from_hex(rest).is_ok())
}
