//! Manifests, indexes, descriptors, blobs and what lies beside an image, in the shapes of `ec.oci.*`.

use bytes::Bytes;
use gate_core::Digest;
use gate_core::effects::GateError;
use gate_rego::Value;
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use super::Collector;
use crate::registry::Image;

const GZIP: [u8; 2] = [0x1f, 0x8b];

/// What a manifest or an index says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Document {
    schema_version: i64,
    media_type: String,
    config: Option<Descriptor>,
    layers: Vec<Descriptor>,
    manifests: Option<Vec<Descriptor>>,
    annotations: Map<String, Json>,
    subject: Option<Descriptor>,
}

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Descriptor {
    media_type: String,
    size: i64,
    digest: String,
    data: String,
    urls: Vec<String>,
    annotations: Map<String, Json>,
    artifact_type: String,
    platform: Option<Platform>,
}

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
struct Platform {
    architecture: String,
    os: String,
    #[serde(rename = "os.version")]
    version: String,
    #[serde(rename = "os.features")]
    os_features: Vec<String>,
    variant: String,
    features: Vec<String>,
}

impl Descriptor {
    fn json(&self) -> Json {
        let mut told = json!({
            "mediaType": self.media_type, "size": self.size, "digest": self.digest,
            "data": self.data, "urls": self.urls, "annotations": self.annotations,
            "artifactType": self.artifact_type,
        });
        if let Some(platform) = &self.platform {
            told["platform"] = json!({
                "architecture": platform.architecture, "os": platform.os,
                "os.version": platform.version, "os.features": platform.os_features,
                "variant": platform.variant, "features": platform.features,
            });
        }
        told
    }
}

/// A value of Rego; undefined where it has no form.
fn value(json: &Json) -> Option<Value> {
    gate_rego::value::from(json).ok()
}

impl Collector<'_> {
    /// A blob's text. One that is packed has another digest unpacked: Conforma gives none for it.
    pub(super) fn blob(&self, reference: &str) -> Result<Option<Value>, GateError> {
        let Some(bytes) = self.blob_bytes(reference)? else { return Ok(None) };
        if bytes.starts_with(&GZIP) {
            return Ok(None);
        }
        Ok(Some(Value::from(String::from_utf8_lossy(&bytes).into_owned())))
    }

    pub(super) fn blob_bytes(&self, reference: &str) -> Result<Option<Bytes>, GateError> {
        let Some((image, digest)) = pinned(reference) else { return Ok(None) };
        self.registry.blob(&image, digest, self.until)
    }

    pub(super) fn descriptor(&self, reference: &str) -> Result<Option<Value>, GateError> {
        let Some((_, digest, bytes)) = self.document(reference)? else { return Ok(None) };
        let media_type = read(&bytes).map_or_else(String::new, |document| document.media_type);
        let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        let found =
            Descriptor { media_type, size, digest: digest.to_string(), ..Descriptor::default() };
        Ok(value(&found.json()))
    }

    pub(super) fn image_manifest(&self, reference: &str) -> Result<Option<Value>, GateError> {
        let Some((_, document)) = self.image(reference)? else { return Ok(None) };
        let config = document.config.clone().unwrap_or_default();
        let layers: Vec<_> = document.layers.iter().map(Descriptor::json).collect();
        let mut told = json!({
            "schemaVersion": document.schema_version, "mediaType": document.media_type,
            "config": config.json(), "layers": layers, "annotations": document.annotations,
        });
        if let Some(subject) = &document.subject {
            told["subject"] = subject.json();
        }
        Ok(value(&told))
    }

    pub(super) fn image_index(&self, reference: &str) -> Result<Option<Value>, GateError> {
        let Some((_, _, bytes)) = self.document(reference)? else { return Ok(None) };
        let Some(document) = read(&bytes) else { return Ok(None) };
        let Some(manifests) = &document.manifests else { return Ok(None) };
        let manifests: Vec<_> = manifests.iter().map(Descriptor::json).collect();
        let mut told = json!({
            "schemaVersion": document.schema_version, "mediaType": document.media_type,
            "manifests": manifests, "annotations": document.annotations,
        });
        if let Some(subject) = &document.subject {
            told["subject"] = subject.json();
        }
        Ok(value(&told))
    }

    pub(super) fn image_referrers(&self, reference: &str) -> Result<Option<Value>, GateError> {
        let Some((image, digest)) = self.resolved(reference)? else { return Ok(None) };
        let listed = self.registry.referrers(&image, digest, self.until)?;
        let entry = |descriptor| {
            // One descriptor type reads the other: both are the form of the specification.
            let descriptor = serde_json::to_value(descriptor).unwrap_or_default();
            let found: Descriptor = serde_json::from_value(descriptor).unwrap_or_default();
            json!({
                "mediaType": found.media_type, "size": found.size, "digest": found.digest,
                "artifactType": found.artifact_type, "annotations": found.annotations,
                "ref": format!("{}@{}", image.place(), found.digest),
            })
        };
        Ok(value(&listed.into_iter().map(entry).collect()))
    }

    /// The tags by which cosign 2 keeps signatures, attestations and SBOMs beside an image.
    pub(super) fn image_tag_refs(&self, reference: &str) -> Result<Option<Value>, GateError> {
        let Some((image, digest)) = self.resolved(reference)? else { return Ok(None) };
        let mut found = Vec::new();
        for kind in ["sig", "att", "sbom"] {
            let name = format!("{}:sha256-{}.{kind}", image.place(), digest.to_hex());
            let Ok(tag) = name.parse::<Image>() else { continue };
            if self.registry.manifest(&tag, self.until)?.is_some() {
                found.push(Value::from(name));
            }
        }
        Ok(Some(Value::array(found)))
    }

    /// The image that a reference names and its digest now; `None` where there is none.
    pub(super) fn resolved(&self, reference: &str) -> Result<Option<(Image, Digest)>, GateError> {
        if let Some(pinned) = pinned(reference) {
            return Ok(Some(pinned));
        }
        Ok(self.document(reference)?.map(|(image, digest, _)| (image, digest)))
    }

    /// The manifest of an image; of an index, that of `linux/amd64`, as go-containerregistry has it.
    fn image(&self, reference: &str) -> Result<Option<(Image, Document)>, GateError> {
        let Some((image, _, bytes)) = self.document(reference)? else { return Ok(None) };
        let Some(document) = read(&bytes) else { return Ok(None) };
        let Some(entries) = &document.manifests else { return Ok(Some((image, document))) };
        let wanted = entries.iter().find(|entry| {
            entry.platform.as_ref().is_some_and(|it| it.os == "linux" && it.architecture == "amd64")
        });
        let Some(digest) = wanted.and_then(|entry| entry.digest.parse::<Digest>().ok()) else {
            return Ok(None);
        };
        let image = image.at(digest);
        let Some((_, bytes)) = self.registry.manifest(&image, self.until)? else {
            return Ok(None);
        };
        Ok(read(&bytes).map(|document| (image, document)))
    }

    /// The digests of an image's layers, the lowest first.
    pub(super) fn layers(
        &self,
        reference: &str,
    ) -> Result<Option<(Image, Vec<Digest>)>, GateError> {
        let Some((image, document)) = self.image(reference)? else { return Ok(None) };
        let digests = document.layers.iter().map(|layer| layer.digest.parse().ok());
        Ok(digests.collect::<Option<Vec<_>>>().map(|digests| (image, digests)))
    }

    fn document(&self, reference: &str) -> Result<Option<(Image, Digest, Bytes)>, GateError> {
        let Ok(image) = reference.parse::<Image>() else { return Ok(None) };
        let found = self.registry.manifest(&image, self.until)?;
        Ok(found.map(|(digest, bytes)| (image, digest, bytes)))
    }
}

/// An image that is named by digest.
pub(super) fn pinned(reference: &str) -> Option<(Image, Digest)> {
    let image: Image = reference.parse().ok()?;
    let digest = image.digest()?;
    Some((image, digest))
}

fn read(bytes: &[u8]) -> Option<Document> {
    serde_json::from_slice(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_descriptor_has_every_member_that_rules_may_read() {
        let read: Descriptor = serde_json::from_value(
            json!({"digest": "sha256:1", "size": 2, "platform": {"os": "linux"}}),
        )
        .unwrap();
        assert_eq!(
            read.json(),
            json!({
                "mediaType": "", "size": 2, "digest": "sha256:1", "data": "", "urls": [],
                "annotations": {}, "artifactType": "",
                "platform": {"architecture": "", "os": "linux", "os.version": "", "os.features": [],
                    "variant": "", "features": []},
            })
        );
    }

    #[test]
    fn a_blob_is_named_by_digest_alone() {
        let hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert!(pinned(&format!("r.example/a@sha256:{hex}")).is_some());
        assert!(pinned("r.example/a:1").is_none());
        assert!(pinned("r.example/a@sha256:1").is_none());
    }
}
