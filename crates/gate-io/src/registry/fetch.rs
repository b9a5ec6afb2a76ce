//! Manifests and blobs by name and digest: from the cache, from whoever is fetching them, or fetched.

use std::sync::PoisonError;
use std::time::Duration;

use bytes::Bytes;
use gate_core::Digest;
use reqwest::StatusCode;
use reqwest::header::{ACCEPT, HeaderValue};
use tokio::time::Instant;

use super::Inner;
use super::budget::Budget;
use super::call::{Answer, Call, Expect};
use super::document;
use super::endpoint::{Endpoint, Repository};
use super::failure::Outcome;

/// Only this status says that something is not there.
pub(super) const ABSENT: &[StatusCode] = &[StatusCode::NOT_FOUND];
/// Names that are remembered at once.
const REMEMBERED: usize = 1_000;

/// Content by digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Content {
    Manifest,
    Blob,
}

/// What is fetched, as a key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Wanted {
    Digest(String, Content, Digest),
    Name(String, String),
}

/// A name that was asked for, until when it may be remembered, and what it was.
pub(super) type Remembered = (Instant, Option<Bytes>);

impl Inner {
    /// Content by digest; `None` where the registry has none. Its digest has been checked.
    pub(super) async fn content(
        &self,
        repository: &Repository,
        content: Content,
        digest: Digest,
        limit: (usize, &str),
        budget: &Budget,
    ) -> Outcome<Option<Bytes>> {
        if let Some(bytes) = self.cached(digest, limit.0).await {
            budget.take(bytes.len())?;
            return Ok(Some(bytes));
        }
        let wanted = Wanted::Digest(repository.place.clone(), content, digest);
        let fetch = || async {
            let path = match content {
                Content::Manifest => format!("manifests/{digest}"),
                Content::Blob => format!("blobs/{digest}"),
            };
            let expect = Expect { absent: ABSENT, limit, digest: Some(digest) };
            let found = self.ask(&repository.content, &path, content, expect, budget).await?;
            if let Some(bytes) = &found {
                self.keep(digest, bytes).await;
            }
            Ok(found)
        };
        self.flights.join(&wanted, fetch).await
    }

    /// The manifest or index that a tag names; `None` where there is none.
    pub(super) async fn named(
        &self,
        repository: &Repository,
        tag: &str,
        budget: &Budget,
    ) -> Outcome<Option<Bytes>> {
        let wanted = Wanted::Name(repository.place.clone(), tag.to_owned());
        if let Some((_, known)) = self.remembered(&wanted) {
            return Ok(known);
        }
        let limit = (self.wire.settings.limits.manifest_bytes, "manifest_bytes");
        let expect = Expect { absent: ABSENT, limit, digest: None };
        let path = format!("manifests/{tag}");
        let fetch = || self.ask(&repository.names, &path, Content::Manifest, expect, budget);
        let found = self.flights.join(&wanted, fetch).await?;
        self.remember(wanted, found.as_ref());
        Ok(found)
    }

    /// Asks one server after the other. What a mirror does not have or cannot give, the next one
    /// may; what the last one says counts.
    async fn ask(
        &self,
        endpoints: &[Endpoint],
        path: &str,
        content: Content,
        expect: Expect<'_>,
        budget: &Budget,
    ) -> Outcome<Option<Bytes>> {
        let mut outcome = Ok(None);
        for endpoint in endpoints {
            if let Err(error) = &outcome {
                tracing::warn!("a mirror is passed over: {error}");
            }
            let mut call = Call::get(endpoint, endpoint.url(path)?, expect);
            if content == Content::Manifest {
                call.headers.push((ACCEPT, HeaderValue::from_static(document::ACCEPT)));
            }
            outcome = match self.wire.send(&call, budget).await {
                Ok(Answer::Found(found)) => return Ok(Some(found.body)),
                Ok(Answer::Absent) => Ok(None),
                Err(error) => Err(error),
            };
        }
        outcome
    }

    async fn cached(&self, digest: Digest, limit: usize) -> Option<Bytes> {
        let cache = self.cache.clone()?;
        let read = tokio::task::spawn_blocking(move || cache.read(digest, limit)).await;
        read.ok().flatten().map(Bytes::from)
    }

    async fn keep(&self, digest: Digest, bytes: &Bytes) {
        if let Some(cache) = self.cache.clone() {
            let bytes = bytes.clone();
            let kept = tokio::task::spawn_blocking(move || cache.write(digest, &bytes)).await;
            if kept.is_err() {
                tracing::warn!("{digest} could not be kept in the cache");
            }
        }
    }

    fn remembered(&self, wanted: &Wanted) -> Option<Remembered> {
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.get(wanted).filter(|(until, _)| Instant::now() < *until).cloned()
    }

    fn remember(&self, wanted: Wanted, found: Option<&Bytes>) {
        if self.wire.settings.remember == Duration::ZERO {
            return;
        }
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if names.len() >= REMEMBERED {
            let now = Instant::now();
            names.retain(|_, (until, _)| now < *until);
            if names.len() >= REMEMBERED {
                names.clear();
            }
        }
        names.insert(wanted, (Instant::now() + self.wire.settings.remember, found.cloned()));
    }
}
