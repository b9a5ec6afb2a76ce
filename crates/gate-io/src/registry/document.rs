//! Manifests and indexes, from bytes to the descriptors that are followed.

use std::collections::BTreeMap;

use gate_core::Digest;
use gate_core::reason::ErrorCode;
use oci_spec::image::Descriptor;
use serde::Deserialize;
use serde_json::{Value, json};

use super::failure::{Outcome, RegistryError};

/// The annotations by which BuildKit marks what it keeps in an index about another entry of it.
const BUILDKIT_TYPE: &str = "vnd.docker.reference.type";
const BUILDKIT_ATTESTATION: &str = "attestation-manifest";
const BUILDKIT_ABOUT: &str = "vnd.docker.reference.digest";

/// What media types a manifest is asked for as.
pub(super) const ACCEPT: &str = "application/vnd.oci.image.manifest.v1+json, \
    application/vnd.oci.image.index.v1+json, \
    application/vnd.docker.distribution.manifest.v2+json, \
    application/vnd.docker.distribution.manifest.list.v2+json";
pub(super) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(super) const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// A manifest or an index; which, its members say.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document {
    #[serde(default)]
    pub(super) media_type: Option<String>,
    #[serde(default)]
    pub(super) manifests: Option<Vec<Descriptor>>,
    #[serde(default)]
    pub(super) config: Option<Descriptor>,
    #[serde(default)]
    pub(super) layers: Vec<Descriptor>,
    #[serde(default)]
    pub(super) subject: Option<Descriptor>,
}

impl Document {
    /// Reads what a registry sent under a name.
    pub(super) fn read(bytes: &[u8], what: &str) -> Outcome<Self> {
        serde_json::from_slice(bytes).map_err(|error| {
            let (code, why) = if error.is_eof() {
                (ErrorCode::RegistryResponseTruncated, "ends before it is whole")
            } else {
                (ErrorCode::RegistryResponseInvalid, "is no manifest or index")
            };
            RegistryError::new(code, format!("{what} {why}")).caused_by(error)
        })
    }

    /// The entries, if it is an index.
    pub(super) fn index(self) -> Option<Vec<Descriptor>> {
        self.manifests.filter(|_| {
            self.media_type
                .as_deref()
                .is_none_or(|text| text.contains("index") || text.contains("list"))
        })
    }

    /// Whether it is about this subject.
    pub(super) fn is_about(&self, subject: Digest) -> bool {
        self.subject.as_ref().and_then(digest) == Some(subject)
    }
}

/// The SHA-256 digest of a descriptor; `None` for one of another algorithm.
pub(super) fn digest(descriptor: &Descriptor) -> Option<Digest> {
    descriptor.as_digest_sha256().and_then(|hex| Digest::from_hex(hex).ok())
}

/// The annotations of a descriptor, in order.
pub(super) fn annotations(descriptor: &Descriptor) -> Option<BTreeMap<String, String>> {
    let map = descriptor.annotations().as_ref()?;
    Some(map.iter().map(|(name, value)| (name.clone(), value.clone())).collect())
}

/// The entry that an attestation of BuildKit is about; `None` for a platform's manifest.
pub(super) fn about(descriptor: &Descriptor) -> Option<String> {
    let map = descriptor.annotations().as_ref()?;
    (map.get(BUILDKIT_TYPE)? == BUILDKIT_ATTESTATION)
        .then(|| map.get(BUILDKIT_ABOUT).cloned().unwrap_or_default())
}

/// `linux/arm64` of an index's entry, where it says.
pub(super) fn platform(descriptor: &Descriptor) -> Option<String> {
    let platform = descriptor.platform().as_ref()?;
    let variant = platform.variant().as_ref().map(|text| format!("/{text}")).unwrap_or_default();
    Some(format!("{}/{}{variant}", platform.os(), platform.architecture()))
}

/// Whether a layer may hold an SBOM, by its own word: that decides its limit and nothing else. An
/// envelope that does not say what is in it may.
pub(super) fn may_be_sbom(
    layer: &Descriptor,
    annotations: Option<&BTreeMap<String, String>>,
) -> bool {
    let names_one = |text: &str| {
        let text = text.to_ascii_lowercase();
        ["spdx", "cyclonedx", "sbom", "syft"].iter().any(|name| text.contains(name))
    };
    let media_type = layer.media_type().to_string();
    let predicate = annotations.and_then(|map| {
        ["predicateType", "in-toto.io/predicate-type", "dev.sigstore.bundle.predicateType"]
            .iter()
            .find_map(|name| map.get(*name))
    });
    match predicate {
        Some(predicate) => names_one(predicate),
        None => {
            names_one(&media_type)
                || layer.artifact_type().as_ref().is_some_and(|kind| names_one(kind.as_ref()))
                || ["dsse", "in-toto", "sigstore.bundle"].iter().any(|it| media_type.contains(it))
        }
    }
}

/// The descriptor of these bytes, as manifests hold it.
pub(super) fn describe(media_type: &str, bytes: &[u8]) -> Value {
    json!({"mediaType": media_type, "digest": Digest::of(bytes), "size": bytes.len()})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(media_type: &str, annotation: Option<(&str, &str)>) -> bool {
        let mut layer = describe(media_type, b"x");
        if let Some((name, value)) = annotation {
            layer["annotations"] = json!({ name: value });
        }
        let layer: Descriptor = serde_json::from_value(layer).unwrap();
        may_be_sbom(&layer, annotations(&layer).as_ref())
    }

    #[test]
    fn an_envelope_that_says_nothing_may_hold_an_sbom() {
        let bundle = "application/vnd.dev.sigstore.bundle.v0.3+json";
        assert!(layer("text/spdx+json", None));
        assert!(layer(bundle, None));
        assert!(layer(bundle, Some(("predicateType", "https://cyclonedx.org/bom"))));
        assert!(!layer(bundle, Some(("predicateType", "https://slsa.dev/provenance/v1"))));
        assert!(!layer("application/json", None));
    }

    #[test]
    fn a_manifest_is_no_index_whatever_members_it_has() {
        let index = |media_type: &str| {
            let text = json!({"mediaType": media_type, "manifests": []}).to_string();
            Document::read(text.as_bytes(), "x").unwrap().index().is_some()
        };
        assert!(index(INDEX));
        assert!(index("application/vnd.docker.distribution.manifest.list.v2+json"));
        assert!(!index(MANIFEST));
        assert!(Document::read(b"{\"manifests\": []}", "x").unwrap().index().is_some());
        assert!(Document::read(b"{\"layers\": []}", "x").unwrap().index().is_none());
    }

    #[test]
    fn what_ends_early_is_told_from_what_is_wrong() {
        let code = |text: &[u8]| Document::read(text, "x").unwrap_err().code;
        assert_eq!(code(b"{\"layers\": ["), ErrorCode::RegistryResponseTruncated);
        assert_eq!(code(b"<html>"), ErrorCode::RegistryResponseInvalid);
    }
}
