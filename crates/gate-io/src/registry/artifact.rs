//! Artifacts that are no images: a manifest's layers as files.

use std::time::Instant;

use gate_core::Digest;
use gate_core::effects::GateError;
use gate_core::reason::ErrorCode;

use super::document::{self, Document};
use super::failure::RegistryError;
use super::fetch::Content;
use super::reference::Image;
use super::{Registry, collect};

/// The most layers of one artifact.
const LAYERS: usize = 2_000;
const TITLE: &str = "org.opencontainers.image.title";

/// An artifact with its layers.
#[derive(Debug, Clone)]
pub struct Artifact {
    /// The digest of its manifest.
    pub digest: Digest,
    /// Its layers in order.
    pub layers: Vec<Layer>,
}

/// A layer, whole.
#[derive(Debug, Clone)]
pub struct Layer {
    /// Its media type.
    pub media_type: String,
    /// The file's name that it is annotated with.
    pub title: Option<String>,
    /// Its bytes, whose digest has been checked.
    pub bytes: Vec<u8>,
}

impl Registry {
    /// Everything in an artifact, together at most so many bytes.
    pub fn artifact(&self, image: &Image, limit: usize) -> Result<Artifact, GateError> {
        let until: Option<Instant> = None;
        let pinned = self.pin(image, until)?;
        let (inner, image, budget) = (self.inner.clone(), image.clone(), self.budget(until));
        let fetched = self.thread.wait(async move {
            let repository = inner.clients.repository(&inner.wire.settings, &image)?;
            let bound = (inner.wire.settings.limits.manifest_bytes, "manifest_bytes");
            let manifest = if let Some(bytes) = pinned.manifest.clone() {
                Some(bytes)
            } else {
                let digest = pinned.digest;
                inner.content(&repository, Content::Manifest, digest, bound, &budget).await?
            };
            let manifest = manifest.ok_or_else(|| collect::absent(&image.to_string()))?;
            let document = Document::read(&manifest, &image.to_string())?;
            if document.layers.len() > LAYERS {
                let message = format!("{image} has more than {LAYERS} layers");
                return Err(RegistryError::new(ErrorCode::RegistryLimitExceeded, message));
            }
            let mut left = limit;
            let mut layers = Vec::with_capacity(document.layers.len());
            for layer in &document.layers {
                let digest = document::digest(layer).ok_or_else(|| {
                    let message = format!("a layer of {image} has no SHA-256 digest");
                    RegistryError::new(ErrorCode::RegistryResponseInvalid, message)
                })?;
                let bound = (left, "the greatest size of a policy");
                let bytes =
                    inner.content(&repository, Content::Blob, digest, bound, &budget).await?;
                let bytes = bytes.ok_or_else(|| collect::absent(&format!("{image}: {digest}")))?;
                left = left.saturating_sub(bytes.len());
                let title = document::annotations(layer).and_then(|mut all| all.remove(TITLE));
                let media_type = layer.media_type().to_string();
                layers.push(Layer { media_type, title, bytes: bytes.to_vec() });
            }
            Ok(Artifact { digest: pinned.digest, layers })
        })?;
        Ok(fetched?)
    }
}
