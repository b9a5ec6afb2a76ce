//! What an honest registry holds, and how it answers.

use std::collections::BTreeMap;

use gate_core::Digest;
use serde_json::{Value, json};

use super::reply::Reply;
use super::server::Asked;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// One repository of a registry.
#[derive(Debug, Clone, Default)]
pub struct Shelf {
    blobs: BTreeMap<String, Vec<u8>>,
    manifests: BTreeMap<String, Vec<u8>>,
    tags: BTreeMap<String, String>,
    /// Whether it answers `/referrers`.
    pub lists: bool,
    /// How many referrers a page has.
    pub page: usize,
}

/// A descriptor of these bytes.
pub fn descriptor(media_type: &str, bytes: &[u8]) -> Value {
    json!({"mediaType": media_type, "digest": Digest::of(bytes), "size": bytes.len()})
}

impl Shelf {
    /// An empty repository that lists referrers, all on one page.
    pub fn new() -> Self {
        Self { lists: true, page: usize::MAX, ..Self::default() }
    }

    /// Keeps a blob and returns its digest.
    pub fn blob(&mut self, bytes: &[u8]) -> Digest {
        let digest = Digest::of(bytes);
        self.blobs.insert(digest.to_string(), bytes.to_vec());
        digest
    }

    /// Keeps a manifest or index.
    pub fn manifest(&mut self, manifest: &Value, tag: Option<&str>) -> Digest {
        let bytes = manifest.to_string().into_bytes();
        let digest = Digest::of(&bytes);
        if let Some(tag) = tag {
            self.tags.insert(tag.to_owned(), digest.to_string());
        }
        self.manifests.insert(digest.to_string(), bytes);
        digest
    }

    /// Keeps an image of one configuration and no layers; `name` makes it one of its own.
    pub fn image(&mut self, name: &str, tag: Option<&str>) -> Digest {
        let config = json!({"architecture": "amd64", "os": "linux", "author": name}).to_string();
        self.blob(config.as_bytes());
        let config = descriptor("application/vnd.oci.image.config.v1+json", config.as_bytes());
        self.manifest(
            &json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": []}),
            tag,
        )
    }

    /// Keeps an index of these manifests.
    pub fn index(&mut self, digests: &[Digest], tag: Option<&str>) -> Digest {
        let entries: Vec<_> = digests.iter().map(|digest| self.about(*digest)).collect();
        let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries});
        self.manifest(&index, tag)
    }

    /// The descriptor of a manifest that is kept here.
    pub fn about(&self, digest: Digest) -> Value {
        let bytes = &self.manifests[&digest.to_string()];
        let manifest: Value = serde_json::from_slice(bytes).unwrap_or_default();
        descriptor(manifest["mediaType"].as_str().unwrap_or(MANIFEST), bytes)
    }

    /// Keeps a manifest of evidence: one layer, which refers to `subject` where one is given.
    pub fn evidence(
        &mut self,
        subject: Option<Digest>,
        media_type: &str,
        bytes: &[u8],
        tag: Option<&str>,
    ) -> Digest {
        self.blob(b"{}");
        self.blob(bytes);
        let mut manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "artifactType": media_type,
            "config": descriptor("application/vnd.oci.empty.v1+json", b"{}"),
            "layers": [descriptor(media_type, bytes)],
        });
        if let Some(subject) = subject {
            manifest["subject"] = self.about(subject);
        }
        self.manifest(&manifest, tag)
    }

    /// The tags that are kept.
    pub fn tags(&self) -> impl Iterator<Item = &String> {
        self.tags.keys()
    }

    /// The manifests that refer to a digest.
    fn referrers(&self, subject: &str) -> Vec<Value> {
        let refers = |bytes: &[u8]| {
            let manifest: Value = serde_json::from_slice(bytes).unwrap_or_default();
            manifest["subject"]["digest"] == subject
        };
        let found = self.manifests.values().filter(|bytes| refers(bytes));
        found.map(|bytes| descriptor(MANIFEST, bytes)).collect()
    }

    /// Answers as a registry does that knows this repository alone.
    pub fn answer(&mut self, asked: &Asked) -> Reply {
        let absent = || Reply::refused(404);
        let path = asked.path().to_owned();
        let Some((_, rest)) = path.split_once("/v2/") else { return absent() };
        for kind in ["manifests", "blobs/uploads", "blobs", "referrers"] {
            let Some((repository, name)) = rest.rsplit_once(&format!("/{kind}/")) else { continue };
            return match (asked.method.as_str(), kind) {
                ("GET" | "HEAD", "manifests") => self.named(name),
                ("PUT", "manifests") => self.put(name, &asked.body),
                ("GET" | "HEAD", "blobs") => match self.blobs.get(name) {
                    Some(bytes) => Reply::new(200, bytes.clone()),
                    None => absent(),
                },
                ("POST", "blobs/uploads") => Reply::new(202, "")
                    .with("location", format!("/v2/{repository}/blobs/uploads/1?state=x")),
                ("PUT", "blobs/uploads") => {
                    self.blob(&asked.body);
                    Reply::new(201, "")
                }
                ("GET", "referrers") if self.lists => self.list(asked, name),
                _ => absent(),
            };
        }
        absent()
    }

    fn named(&self, name: &str) -> Reply {
        let digest = self.tags.get(name).map_or(name, String::as_str);
        match self.manifests.get(digest) {
            Some(bytes) => {
                let manifest: Value = serde_json::from_slice(bytes).unwrap_or_default();
                let media_type = manifest["mediaType"].as_str().unwrap_or(MANIFEST);
                Reply::new(200, bytes.clone()).with("content-type", media_type)
            }
            None => Reply::refused(404),
        }
    }

    fn put(&mut self, name: &str, body: &[u8]) -> Reply {
        let Ok(manifest) = serde_json::from_slice::<Value>(body) else {
            return Reply::refused(400);
        };
        let digest = Digest::of(body).to_string();
        self.manifests.insert(digest.clone(), body.to_vec());
        if !name.starts_with("sha256:") {
            self.tags.insert(name.to_owned(), digest);
        }
        let reply = Reply::new(201, "");
        match manifest["subject"]["digest"].as_str() {
            Some(subject) if self.lists => reply.with("oci-subject", subject),
            _ => reply,
        }
    }

    fn list(&self, asked: &Asked, subject: &str) -> Reply {
        let query = asked.target.split_once("?last=").map(|(_, last)| last);
        let from: usize = query.and_then(|last| last.parse().ok()).unwrap_or(0);
        let all = self.referrers(subject);
        let to = from.saturating_add(self.page).min(all.len());
        let page = all.get(from..to).unwrap_or_default();
        let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": page});
        let reply = Reply::new(200, index.to_string());
        if to < all.len() {
            return reply.with("link", format!("<{}?last={to}>; rel=\"next\"", asked.path()));
        }
        reply
    }
}
