//! Everything about an image in its registry: manifest, configuration, and the evidence beside it.

use std::collections::BTreeSet;
use std::sync::Arc;

use gate_core::evidence::{Collected, Evidence, Origin};
use gate_core::reason::{ErrorCode, Problem};
use gate_core::{Digest, cosign};
use oci_spec::image::Descriptor;

use super::budget::Budget;
use super::document::{self, Document};
use super::endpoint::Repository;
use super::failure::{Outcome, RegistryError};
use super::fetch::Content;
use super::{Inner, Pinned};

/// The bytes and the digest of `{}`, the configuration of what has none.
const EMPTY: &[u8] = b"{}";

/// Who collects, and what was found so far.
struct Search<'a> {
    inner: &'a Inner,
    budget: &'a Budget,
    repositories: Vec<Repository>,
    seen: BTreeSet<Digest>,
    evidence: Vec<Evidence>,
}

/// What evidence is about: the digest asked for, or a platform's under it.
#[derive(Clone)]
struct About {
    digest: Digest,
    platform: Option<String>,
}

impl About {
    /// The origin of evidence in this manifest.
    fn origin(&self, manifest: &str) -> Origin {
        let name = match &self.platform {
            None => manifest.to_owned(),
            Some(platform) => format!("{manifest} about {}{platform}", self.digest),
        };
        Origin::Beside { name }
    }
}

/// Collects what a registry has about an image.
pub(super) async fn collect(
    inner: Arc<Inner>,
    pinned: Pinned,
    budget: Budget,
) -> Outcome<Collected> {
    let settings = inner.wire.settings.clone();
    let repository = inner.clients.repository(&settings, &pinned.image)?;
    let limit = (settings.limits.manifest_bytes, "manifest_bytes");
    let manifest = match pinned.manifest {
        Some(bytes) => bytes,
        None => inner
            .content(&repository, Content::Manifest, pinned.digest, limit, &budget)
            .await?
            .ok_or_else(|| absent(&pinned.image.at(pinned.digest).to_string()))?,
    };
    let mut repositories = vec![repository];
    let place = settings.place(pinned.image.host(), pinned.image.repository());
    if let Some(elsewhere) = place.and_then(|place| place.signatures.as_deref()) {
        let image = elsewhere.parse().map_err(|error: super::ReferenceError| {
            RegistryError::new(ErrorCode::ConfigInvalid, "`signatures`").caused_by(error)
        })?;
        repositories.push(inner.clients.repository(&settings, &image)?);
    }
    let mut search = Search {
        inner: &inner,
        budget: &budget,
        repositories,
        seen: BTreeSet::from([pinned.digest]),
        evidence: vec![],
    };
    // Bytes that have the digest and are no manifest are for `verify` to judge.
    let document: Document = serde_json::from_slice(&manifest).unwrap_or_default();
    let config = search.config(document.config.as_ref()).await?;
    search.around(&About { digest: pinned.digest, platform: None }).await?;
    search.platforms(document.index().unwrap_or_default()).await?;
    Ok(Collected {
        unverified_manifest: Some(manifest.into()),
        unverified_config: config,
        repository: Some(pinned.image.place()),
        evidence: search.evidence,
        ..Collected::default()
    })
}

impl Search<'_> {
    /// The image's configuration. Rules that ask for it deny where it is not to be had.
    async fn config(&self, config: Option<&Descriptor>) -> Outcome<Option<Vec<u8>>> {
        let Some(digest) = config.and_then(document::digest) else { return Ok(None) };
        if digest == Digest::of(EMPTY) {
            return Ok(Some(EMPTY.to_vec()));
        }
        let limit = self.inner.wire.settings.limits.manifest_bytes;
        if config.is_some_and(|config| config.size() > limit as u64) {
            return Ok(None);
        }
        let limit = (limit, "manifest_bytes");
        let repository = &self.repositories[0];
        let found =
            self.inner.content(repository, Content::Blob, digest, limit, self.budget).await?;
        Ok(found.map(Vec::from))
    }

    /// The evidence of an index's platforms, and what BuildKit keeps in the index about them.
    async fn platforms(&mut self, entries: Vec<Descriptor>) -> Outcome<()> {
        let most = self.inner.wire.settings.limits.platforms;
        if entries.len() > most.saturating_mul(2) {
            let message = format!("the index has more entries than `platforms` ({most}) allows");
            return Err(RegistryError::new(ErrorCode::RegistryLimitExceeded, message));
        }
        for entry in entries {
            let Some(digest) = document::digest(&entry) else { continue };
            if let Some(subject) = document::about(&entry) {
                let about = subject.parse().map_or(
                    About { digest: Digest::of(b""), platform: Some(" (unknown)".to_owned()) },
                    |digest| About { digest, platform: Some(String::new()) },
                );
                self.manifest(0, digest, &about, None).await?;
            } else {
                let platform = document::platform(&entry);
                let platform = platform.map(|name| format!(" ({name})")).unwrap_or_default();
                self.around(&About { digest, platform: Some(platform) }).await?;
            }
        }
        Ok(())
    }

    /// Everything beside one digest, in every repository that keeps signatures of it.
    async fn around(&mut self, about: &About) -> Outcome<()> {
        for at in 0..self.repositories.len() {
            let repository = self.repositories[at].clone();
            let listed = self.inner.referrers(&repository, about.digest, self.budget).await?;
            for entry in listed {
                if let Some(digest) = document::digest(&entry) {
                    self.manifest(at, digest, about, Some(about.digest)).await?;
                } else {
                    let named = entry.digest().to_string();
                    let detail = format!("`{named}` is no sha256 digest");
                    self.unreadable(&named, about, Problem::EvidenceMalformed, detail)?;
                }
            }
            let hex = about.digest.to_hex();
            for kind in ["sig", "att", "sbom"] {
                let tag = format!("sha256-{hex}.{kind}");
                let found = self.inner.named(&repository, &tag, self.budget).await?;
                if let Some(bytes) = found {
                    let document = Document::read(&bytes, &format!("{}:{tag}", repository.place))?;
                    let digest = Digest::of(&bytes);
                    if self.seen.insert(digest) {
                        self.layers(at, document, digest, about).await?;
                    }
                }
            }
        }
        Ok(())
    }

    /// The evidence in a manifest. A referrer must say itself what it refers to: the list is only
    /// the registry's word.
    async fn manifest(
        &mut self,
        at: usize,
        digest: Digest,
        about: &About,
        subject: Option<Digest>,
    ) -> Outcome<()> {
        if !self.seen.insert(digest) {
            return Ok(());
        }
        let limit = (self.inner.wire.settings.limits.manifest_bytes, "manifest_bytes");
        let repository = &self.repositories[at];
        let found =
            self.inner.content(repository, Content::Manifest, digest, limit, self.budget).await?;
        let Some(bytes) = found else {
            let detail = "the manifest is listed and is not there".to_owned();
            return self.unreadable(&digest.to_string(), about, Problem::EvidenceMalformed, detail);
        };
        let Ok(document) = serde_json::from_slice::<Document>(&bytes) else {
            // The bytes are as they were pushed: whoever pushed them cannot stop a decision.
            let detail = "the manifest cannot be read".to_owned();
            return self.unreadable(&digest.to_string(), about, Problem::EvidenceMalformed, detail);
        };
        if subject.is_some_and(|subject| !document.is_about(subject)) {
            return Ok(());
        }
        self.layers(at, document, digest, about).await
    }

    async fn layers(
        &mut self,
        at: usize,
        document: Document,
        manifest: Digest,
        about: &About,
    ) -> Outcome<()> {
        for layer in document.layers {
            self.layer(at, &layer, manifest, about).await?;
        }
        Ok(())
    }

    async fn layer(
        &mut self,
        at: usize,
        layer: &Descriptor,
        manifest: Digest,
        about: &About,
    ) -> Outcome<()> {
        let limits = &self.inner.wire.settings.limits;
        let annotations = document::annotations(layer);
        let limit = if document::may_be_sbom(layer, annotations.as_ref()) {
            (limits.sbom_bytes, "sbom_bytes")
        } else {
            (limits.blob_bytes, "blob_bytes")
        };
        let named = layer.digest().to_string();
        let origin = about.origin(&manifest.to_string());
        let unreadable = |problem, detail| {
            let digest = document::digest(layer).unwrap_or_else(|| Digest::of(named.as_bytes()));
            Evidence::unreadable(digest, origin.clone(), problem, detail)
        };
        let Some(digest) = document::digest(layer) else {
            let detail = format!("`{named}` is no sha256 digest");
            return self.add(unreadable(Problem::EvidenceMalformed, detail));
        };
        if layer.size() > limit.0 as u64 {
            // Anybody who may push can put it there: it counts for nothing and stops nothing.
            let detail = format!("the blob has more than {} bytes (`{}`)", limit.0, limit.1);
            return self.add(unreadable(Problem::EvidenceTooLarge, detail));
        }
        let repository = &self.repositories[at];
        let found =
            self.inner.content(repository, Content::Blob, digest, limit, self.budget).await?;
        let piece = match found {
            Some(bytes) => {
                let media_type = layer.media_type().to_string();
                let bytes = cosign::evidence(Some(&media_type), annotations.as_ref(), bytes.into());
                Evidence::new(bytes, origin)
            }
            None => unreadable(Problem::EvidenceMalformed, "the blob is missing".to_owned()),
        };
        self.add(piece)
    }

    fn unreadable(
        &mut self,
        named: &str,
        about: &About,
        problem: Problem,
        detail: String,
    ) -> Outcome<()> {
        let digest = named.parse().unwrap_or_else(|_| Digest::of(named.as_bytes()));
        self.add(Evidence::unreadable(digest, about.origin(named), problem, detail))
    }

    fn add(&mut self, piece: Evidence) -> Outcome<()> {
        let most = self.inner.wire.settings.limits.referrers;
        if self.evidence.len() >= most {
            let message = format!("there are more pieces of evidence than `referrers` ({most})");
            return Err(RegistryError::new(ErrorCode::RegistryLimitExceeded, message));
        }
        self.evidence.push(piece);
        Ok(())
    }
}

/// An image that is not there.
pub(super) fn absent(image: &str) -> RegistryError {
    RegistryError::new(ErrorCode::RegistryNotFound, format!("there is no {image}"))
}
