//! OCI registries: references become manifests, blobs and referrers, every failure with its own code.
//!
//! A 404 is absence. Of `/referrers` alone, five statuses say that there is no such list, and then
//! the fallback tag is asked. Everything else that is no answer is a failure, never "unsigned".

mod artifact;
mod auth;
mod budget;
mod cache;
mod call;
mod collect;
mod document;
mod endpoint;
mod failure;
mod fetch;
mod flight;
mod pace;
mod push;
mod reference;
mod referrers;
mod runtime;
mod settings;
mod source;
mod wire;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use bytes::Bytes;
use gate_core::Digest;
use gate_core::effects::GateError;
use gate_core::evidence::Collected;
use oci_spec::image::Descriptor;

pub use artifact::{Artifact, Layer};
pub use auth::ambient;
pub use failure::RegistryError;
pub use pace::{Pace, Patience};
pub use push::Referrer;
pub use reference::{Image, ReferenceError};
pub use settings::{CacheSettings, Credentials, Limits, Place, Settings};
pub use source::RegistrySource;

use budget::Budget;
use cache::Cache;
use endpoint::Clients;
use fetch::{Content, Remembered, Wanted};
use flight::Flights;
use runtime::Thread;
use wire::Wire;

/// The client of all registries. Nothing is opened before the first question.
pub struct Registry {
    inner: Arc<Inner>,
    thread: Thread,
}

struct Inner {
    wire: Wire,
    clients: Clients,
    cache: Option<Arc<Cache>>,
    flights: Flights<Wanted, Option<Bytes>>,
    names: Mutex<HashMap<Wanted, Remembered>>,
}

/// An image whose digest is known; that digest is what is judged, whatever the tag says later.
#[derive(Debug, Clone)]
pub struct Pinned {
    /// The image as it was named.
    pub image: Image,
    /// The digest of its manifest or index.
    pub digest: Digest,
    /// The manifest, where finding the digest brought it along.
    manifest: Option<Bytes>,
}

impl Pinned {
    /// The image with the digest that its name holds.
    pub fn by_digest(image: Image) -> Option<Self> {
        image.digest().map(|digest| Self { image, digest, manifest: None })
    }
}

impl Registry {
    /// A client with these settings.
    pub fn new(settings: Settings) -> Self {
        Self::with_pace(settings, Arc::new(Patience))
    }

    /// A client that waits and draws by this.
    pub fn with_pace(settings: Settings, pace: Arc<dyn Pace>) -> Self {
        let cache = settings.cache.clone().map(|settings| Arc::new(Cache::new(settings)));
        let wire = Wire {
            settings: Arc::new(settings),
            pace,
            grants: auth::Grants::default(),
            tokens: Flights::default(),
        };
        let inner = Inner {
            wire,
            clients: Clients::default(),
            cache,
            flights: Flights::default(),
            names: Mutex::default(),
        };
        Self { inner: Arc::new(inner), thread: Thread::default() }
    }

    /// What is configured.
    pub fn settings(&self) -> &Settings {
        &self.inner.wire.settings
    }

    /// Finds the digest of an image: the one in its name, or the one that its tag has now.
    pub fn pin(&self, image: &Image, until: Option<Instant>) -> Result<Pinned, GateError> {
        if let Some(pinned) = Pinned::by_digest(image.clone()) {
            return Ok(pinned);
        }
        let (inner, image) = (self.inner.clone(), image.clone());
        let budget = self.budget(until);
        let pinned = self.thread.wait(async move {
            let repository = inner.clients.repository(&inner.wire.settings, &image)?;
            let tag = image.tag().unwrap_or("latest").to_owned();
            let bytes = inner.named(&repository, &tag, &budget).await?;
            let bytes = bytes.ok_or_else(|| collect::absent(&image.to_string()))?;
            // A page of something else that answers under this address must not become a subject.
            document::Document::read(&bytes, &image.to_string())?;
            let digest = Digest::of(&bytes);
            Ok::<_, RegistryError>(Pinned { image, digest, manifest: Some(bytes) })
        })?;
        Ok(pinned?)
    }

    /// Everything that the registry has about an image.
    pub fn collect(&self, pinned: &Pinned, until: Option<Instant>) -> Result<Collected, GateError> {
        let collected = collect::collect(self.inner.clone(), pinned.clone(), self.budget(until));
        Ok(self.thread.wait(collected)??)
    }

    /// Pushes a referrer of an image and returns its manifest's digest. Where the registry keeps no
    /// list of referrers, the index under the fallback tag is kept for it.
    pub fn attach(&self, subject: &Pinned, referrer: Referrer) -> Result<Digest, GateError> {
        let (inner, image) = (self.inner.clone(), subject.image.clone());
        let attached = push::attach(inner, image, subject.digest, referrer, self.budget(None));
        Ok(self.thread.wait(attached)??)
    }

    /// Pushes an image: its blobs, then its manifest under the image's tag, or by digest.
    pub fn push(
        &self,
        image: &Image,
        media_type: &str,
        manifest: Vec<u8>,
        blobs: Vec<Vec<u8>>,
    ) -> Result<Digest, GateError> {
        let blobs = blobs.into_iter().map(Bytes::from).collect();
        let (image, media_type) = (image.clone(), media_type.to_owned());
        let (inner, budget) = (self.inner.clone(), self.budget(None));
        let pushed = push::image(inner, image, media_type, manifest.into(), blobs, budget);
        Ok(self.thread.wait(pushed)??)
    }

    /// The manifest or index that an image names, with its digest; `None` where there is none.
    pub fn manifest(
        &self,
        image: &Image,
        until: Option<Instant>,
    ) -> Result<Option<(Digest, Bytes)>, GateError> {
        let (inner, image, budget) = (self.inner.clone(), image.clone(), self.budget(until));
        let found = self.thread.wait(async move {
            let repository = inner.clients.repository(&inner.wire.settings, &image)?;
            let limit = (inner.wire.settings.limits.manifest_bytes, "manifest_bytes");
            let bytes = if let Some(digest) = image.digest() {
                inner.content(&repository, Content::Manifest, digest, limit, &budget).await?
            } else {
                let tag = image.tag().unwrap_or("latest");
                inner.named(&repository, tag, &budget).await?
            };
            Ok::<_, RegistryError>(bytes.map(|bytes| (Digest::of(&bytes), bytes)))
        })?;
        Ok(found?)
    }

    /// A blob of an image's repository; `None` where there is none.
    pub fn blob(
        &self,
        image: &Image,
        digest: Digest,
        until: Option<Instant>,
    ) -> Result<Option<Bytes>, GateError> {
        let (inner, image, budget) = (self.inner.clone(), image.clone(), self.budget(until));
        let found = self.thread.wait(async move {
            let repository = inner.clients.repository(&inner.wire.settings, &image)?;
            let limit = (inner.wire.settings.limits.sbom_bytes, "sbom_bytes");
            inner.content(&repository, Content::Blob, digest, limit, &budget).await
        })?;
        Ok(found?)
    }

    /// What the registry lists as referrers of a digest: its word alone.
    pub fn referrers(
        &self,
        image: &Image,
        digest: Digest,
        until: Option<Instant>,
    ) -> Result<Vec<Descriptor>, GateError> {
        let (inner, image, budget) = (self.inner.clone(), image.clone(), self.budget(until));
        let found = self.thread.wait(async move {
            let repository = inner.clients.repository(&inner.wire.settings, &image)?;
            inner.referrers(&repository, digest, &budget).await
        })?;
        Ok(found?)
    }

    fn budget(&self, until: Option<Instant>) -> Budget {
        Budget::new(&self.settings().limits, until)
    }
}

impl Inner {
    /// What was remembered of names no longer holds after a push.
    fn forget_names(&self) {
        self.names.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registry").field("settings", self.settings()).finish_non_exhaustive()
    }
}
