//! OCI image layouts (image-spec 1.1): the subject's manifest and the referrers beside it.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gate_core::effects::{EvidenceSource, GateError};
use gate_core::evidence::{Collected, Evidence, Origin};
use gate_core::reason::{ErrorCode, Problem};
use gate_core::request::Request;
use gate_core::{Digest, cosign, limits};
use serde::Deserialize;

use super::archive::Archive;
use crate::files::read_bounded;

const REF_NAME: &str = "org.opencontainers.image.ref.name";

/// An OCI layout: a folder, or the archive of one.
#[derive(Debug, Clone)]
pub struct Layout {
    folder: PathBuf,
    archive: Option<Arc<Archive>>,
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
#[serde(rename_all = "camelCase")]
struct Descriptor {
    digest: String,
    media_type: Option<String>,
    annotations: Option<BTreeMap<String, String>>,
}

impl Descriptor {
    fn annotation(&self, name: &str) -> Option<&str> {
        self.annotations.as_ref()?.get(name).map(String::as_str)
    }

    /// Whether it lists a manifest of signatures or attestations as cosign 2 keeps them: of this
    /// subject by its tag, or of whatever image `cosign save` wrote beside it.
    fn is_of_cosign(&self, subject: Digest) -> bool {
        let tagged = self
            .annotation(REF_NAME)
            .is_some_and(|name| cosign::tags(subject).iter().any(|tag| tag == name));
        tagged || self.is_saved_by_cosign()
    }

    fn is_saved_by_cosign(&self) -> bool {
        self.annotation(cosign::KIND).is_some_and(|kind| cosign::SIGNED_KINDS.contains(&kind))
    }
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
        Self { folder: folder.into(), archive: None }
    }

    /// A layout in an archive that was opened.
    pub(super) fn within(archive: Archive) -> Self {
        Self { folder: archive.path().to_owned(), archive: Some(Arc::new(archive)) }
    }

    /// The folder, or the archive's file.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The digest of the image with this tag, or of the only image.
    pub fn image(&self, tag: Option<&str>) -> Result<Digest, GateError> {
        let mut images = vec![];
        for descriptor in self.index()?.manifests {
            let name = descriptor.annotation(REF_NAME);
            let Ok(digest) = descriptor.digest.parse::<Digest>() else { continue };
            let chosen = match tag {
                Some(tag) => name == Some(tag),
                None => {
                    !descriptor.is_saved_by_cosign()
                        && !name.is_some_and(|name| is_fallback_tag(name) || cosign::is_tag(name))
                        && !self.is_referrer(digest)?
                }
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

    fn read(&self, name: &str, limit: usize) -> std::io::Result<Vec<u8>> {
        match &self.archive {
            Some(archive) => archive.read(name, limit),
            None => read_bounded(&self.folder.join(name), limit),
        }
    }

    fn index(&self) -> Result<Index, GateError> {
        let path = self.folder.join("index.json");
        let failed = |message: String| {
            GateError::new(ErrorCode::CollectFailed, format!("{}: {message}", path.display()))
        };
        let bytes = self
            .read("index.json", limits::MANIFEST_BYTES)
            .map_err(|error| failed(error.to_string()))?;
        serde_json::from_slice(&bytes).map_err(|error| failed(error.to_string()))
    }

    /// The bytes of a blob that have its digest. Missing, damaged and oversized blobs say so; a disk
    /// that does not answer is an error, or a fault would read as absence.
    fn blob(&self, digest: Digest, limit: usize) -> Result<Blob, GateError> {
        let name = format!("blobs/sha256/{}", digest.to_hex());
        let path = self.folder.join(&name);
        match self.read(&name, limit) {
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

    /// Manifests that may hold evidence: those of the index, and of the fallback tag of this subject.
    /// The second value says whether cosign 2 keeps them, without a subject of their own.
    fn candidates(&self, subject: Digest) -> Result<BTreeMap<Digest, bool>, GateError> {
        let mut found = BTreeMap::new();
        for descriptor in self.index()?.manifests {
            let Ok(digest) = descriptor.digest.parse::<Digest>() else { continue };
            let fallback = descriptor.annotation(REF_NAME) == Some(fallback_tag(subject).as_str());
            if !fallback {
                let of_cosign = found.entry(digest).or_default();
                *of_cosign |= descriptor.is_of_cosign(subject);
            } else if let Blob::Bytes(bytes) = self.blob(digest, limits::MANIFEST_BYTES)?
                && let Ok(index) = serde_json::from_slice::<Index>(&bytes)
            {
                let entries = index.manifests.iter();
                for digest in entries.filter_map(|entry| entry.digest.parse::<Digest>().ok()) {
                    found.entry(digest).or_default();
                }
            }
        }
        Ok(found)
    }

    /// What lies beside the subject. Artifact types and annotations of manifests are anybody's word
    /// and are not asked: each manifest that names the subject is read.
    fn referrers(&self, subject: Digest) -> Result<Vec<Evidence>, GateError> {
        let mut evidence = vec![];
        for (candidate, of_cosign) in self.candidates(subject)? {
            if candidate == subject {
                continue;
            }
            let Some(manifest) = self.manifest(candidate)? else { continue };
            let about = manifest.subject.as_ref().map(|subject| subject.digest.parse().ok());
            match about {
                Some(about) if about == Some(subject) => {}
                None if of_cosign => {}
                _ => continue,
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
            Blob::Bytes(bytes) => {
                let annotations = layer.annotations.as_ref();
                let bytes = cosign::evidence(layer.media_type.as_deref(), annotations, bytes);
                Evidence::new(bytes, origin)
            }
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
            repository: None,
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

fn is_fallback_tag(name: &str) -> bool {
    name.strip_prefix("sha256-").is_some_and(|rest| Digest::from_hex(rest).is_ok())
}
