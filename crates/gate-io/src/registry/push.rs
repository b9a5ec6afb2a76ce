//! Pushing: blobs, manifests and referrers, with the fallback tag's index where no list is kept.

use std::sync::Arc;

use bytes::Bytes;
use gate_core::Digest;
use gate_core::reason::ErrorCode;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Method, Url};
use serde_json::{Value, json};

use super::Inner;
use super::auth::Action;
use super::budget::Budget;
use super::call::{Answer, Call, Expect, Found, invalid};
use super::collect::absent;
use super::document::{Document, INDEX, MANIFEST, describe};
use super::endpoint::{Endpoint, is_allowed};
use super::failure::{Outcome, RegistryError};
use super::fetch::{ABSENT, Content};
use super::reference::{Image, fallback_tag};

const EMPTY_TYPE: &str = "application/vnd.oci.empty.v1+json";
const BUNDLE_TYPE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
const EMPTY: &[u8] = b"{}";
/// Times that the fallback tag's index is written when another writer was faster.
const REWRITES: usize = 4;
/// Answers to what is pushed hold nothing that is read.
const LITTLE: (usize, &str) = (64 << 10, "the length of an answer to a push");

/// Something that refers to an image.
#[derive(Debug, Clone)]
pub struct Referrer {
    /// Its artifact type.
    pub artifact_type: String,
    /// The media type of its one layer.
    pub media_type: String,
    /// The layer.
    pub bytes: Vec<u8>,
    /// Annotations of its manifest.
    pub annotations: Vec<(String, String)>,
}

impl Referrer {
    /// A sigstore bundle, as cosign pushes one.
    pub fn bundle(predicate_type: &str, bundle: &[u8]) -> Self {
        let annotations = [
            ("dev.sigstore.bundle.content", "dsse-envelope"),
            ("dev.sigstore.bundle.predicateType", predicate_type),
        ];
        Self {
            artifact_type: BUNDLE_TYPE.to_owned(),
            media_type: BUNDLE_TYPE.to_owned(),
            bytes: bundle.to_vec(),
            annotations: annotations.map(|(name, text)| (name.to_owned(), text.to_owned())).into(),
        }
    }
}

/// Pushes a referrer of the image with this digest and returns its manifest's digest.
pub(super) async fn attach(
    inner: Arc<Inner>,
    image: Image,
    subject: Digest,
    referrer: Referrer,
    budget: Budget,
) -> Outcome<Digest> {
    let settings = inner.wire.settings.clone();
    let repository = inner.clients.repository(&settings, &image)?;
    let limit = (settings.limits.manifest_bytes, "manifest_bytes");
    let about = inner.content(&repository, Content::Manifest, subject, limit, &budget).await?;
    let about = about.ok_or_else(|| absent(&image.at(subject).to_string()))?;
    let about_type = Document::read(&about, &image.to_string())?.media_type;
    let endpoint = repository.names[0].clone();
    let push = Push { inner: &inner, endpoint: &endpoint, budget: &budget };
    let annotations: serde_json::Map<_, _> =
        referrer.annotations.into_iter().map(|(name, text)| (name, json!(text))).collect();
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "artifactType": referrer.artifact_type,
        "config": describe(EMPTY_TYPE, EMPTY),
        "layers": [describe(&referrer.media_type, &referrer.bytes)],
        "subject": describe(about_type.as_deref().unwrap_or(MANIFEST), &about),
        "annotations": annotations,
    });
    push.blob(Bytes::from_static(EMPTY)).await?;
    push.blob(referrer.bytes.into()).await?;
    let bytes = Bytes::from(manifest.to_string());
    let digest = Digest::of(&bytes);
    let headers = push.manifest(&digest.to_string(), MANIFEST, bytes.clone()).await?;
    if !headers.contains_key("oci-subject") {
        let mut entry = describe(MANIFEST, &bytes);
        entry["artifactType"] = manifest["artifactType"].clone();
        entry["annotations"] = manifest["annotations"].clone();
        push.list(subject, &entry).await?;
    }
    inner.forget_names();
    Ok(digest)
}

/// Pushes an image's blobs and its manifest under a tag or by digest; returns its digest.
pub(super) async fn image(
    inner: Arc<Inner>,
    image: Image,
    media_type: String,
    manifest: Bytes,
    blobs: Vec<Bytes>,
    budget: Budget,
) -> Outcome<Digest> {
    let repository = inner.clients.repository(&inner.wire.settings, &image)?;
    let push = Push { inner: &inner, endpoint: &repository.names[0], budget: &budget };
    // What a manifest names must be there before it.
    for blob in blobs {
        push.blob(blob).await?;
    }
    let digest = Digest::of(&manifest);
    let name = image.tag().map_or_else(|| digest.to_string(), str::to_owned);
    push.manifest(&name, &media_type, manifest).await?;
    inner.forget_names();
    Ok(digest)
}

struct Push<'a> {
    inner: &'a Inner,
    endpoint: &'a Endpoint,
    budget: &'a Budget,
}

impl Push<'_> {
    fn call(&self, method: Method, url: Url, absent: bool) -> Call<'_> {
        let absent = if absent { ABSENT } else { &[] };
        let expect = Expect { absent, limit: LITTLE, digest: None };
        Call { action: Action::Push, method, ..Call::get(self.endpoint, url, expect) }
    }

    /// Pushes a blob, unless the repository has it.
    async fn blob(&self, bytes: Bytes) -> Outcome<()> {
        let digest = Digest::of(&bytes);
        let url = self.endpoint.url(&format!("blobs/{digest}"))?;
        let held = self.call(Method::HEAD, url, true);
        if let Answer::Found(_) = self.inner.wire.send(&held, self.budget).await? {
            return Ok(());
        }
        let mut start = self.call(Method::POST, self.endpoint.url("blobs/uploads/")?, false);
        start.headers.push((CONTENT_LENGTH, HeaderValue::from_static("0")));
        let opened = self.found(&start).await?;
        let mut url = location(&opened.headers, &start)?;
        if !is_allowed(&self.inner.wire.settings, &url) {
            return Err(invalid(&start, "its upload is at an address that may not be asked"));
        }
        url.query_pairs_mut().append_pair("digest", &digest.to_string());
        let mut put = self.call(Method::PUT, url, false);
        put.headers.push((CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")));
        put.body = bytes;
        self.found(&put).await.map(drop)
    }

    async fn manifest(&self, name: &str, media_type: &str, bytes: Bytes) -> Outcome<HeaderMap> {
        let mut put =
            self.call(Method::PUT, self.endpoint.url(&format!("manifests/{name}"))?, false);
        let media_type = HeaderValue::from_str(media_type)
            .map_err(|_| invalid(&put, "the manifest's media type is none"))?;
        put.headers.push((CONTENT_TYPE, media_type));
        put.body = bytes;
        Ok(self.found(&put).await?.headers)
    }

    /// Adds an entry to the index under the subject's fallback tag. Few registries know conditional
    /// writes, so it is read again: an entry that another writer overwrote is added again.
    async fn list(&self, subject: Digest, entry: &Value) -> Outcome<()> {
        let tag = fallback_tag(subject);
        for _ in 0..REWRITES {
            let mut index = self.index(&tag, subject).await?;
            let Some(entries) = index.get_mut("manifests").and_then(Value::as_array_mut) else {
                let message = format!("{}: `{tag}` is no index", self.endpoint.host);
                return Err(RegistryError::new(ErrorCode::RegistryResponseInvalid, message));
            };
            if entries.iter().any(|known| known["digest"] == entry["digest"]) {
                return Ok(());
            }
            entries.push(entry.clone());
            self.manifest(&tag, INDEX, index.to_string().into()).await?;
        }
        let message = format!(
            "{}: `{tag}` was overwritten by others {REWRITES} times; the referrer is pushed and not listed",
            self.endpoint.host
        );
        Err(RegistryError::new(ErrorCode::RegistryUnavailable, message))
    }

    async fn index(&self, tag: &str, subject: Digest) -> Outcome<Value> {
        let limit = (self.inner.wire.settings.limits.manifest_bytes, "manifest_bytes");
        let expect = Expect { absent: ABSENT, limit, digest: None };
        let url = self.endpoint.url(&format!("manifests/{tag}"))?;
        let mut call = Call { action: Action::Push, ..Call::get(self.endpoint, url, expect) };
        call.headers.push((reqwest::header::ACCEPT, HeaderValue::from_static(INDEX)));
        let new = || json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": []});
        match self.inner.wire.send(&call, self.budget).await? {
            // A registry that takes the tag for the digest answers with the subject: that is no list.
            Answer::Found(found) if Digest::of(&found.body) == subject => Ok(new()),
            Answer::Found(found) => serde_json::from_slice(&found.body)
                .map_err(|error| invalid(&call, "the index is no JSON").caused_by(error)),
            Answer::Absent => Ok(new()),
        }
    }

    async fn found(&self, call: &Call<'_>) -> Outcome<Found> {
        match self.inner.wire.send(call, self.budget).await? {
            Answer::Found(found) => Ok(found),
            Answer::Absent => Err(invalid(call, "it takes no such push")),
        }
    }
}

fn location(headers: &HeaderMap, call: &Call<'_>) -> Outcome<Url> {
    let value = headers.get(LOCATION).and_then(|value| value.to_str().ok());
    value
        .and_then(|value| call.url.join(value).ok())
        .ok_or_else(|| invalid(call, "it does not say where to upload"))
}
