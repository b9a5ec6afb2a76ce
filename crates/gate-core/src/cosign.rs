//! From a layer that cosign 2 wrote, with the annotations that sign it, to one piece of evidence.
//!
//! cosign 2 keeps signatures under `sha256-HEX.sig` and attestations under `sha256-HEX.att`. The
//! layer's blob is what is signed; signature, certificate, log entry and timestamp stand in the
//! annotations of its descriptor. Evidence is bytes by digest, so both become one document.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Digest, canonical};

/// The media type of a layer that holds a simple signing payload.
pub const SIMPLE_SIGNING: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
/// The media type of a layer that holds a DSSE envelope.
pub const ENVELOPE: &str = "application/vnd.dsse.envelope.v1+json";
/// The annotation of a layout's index by which `cosign save` tells manifests apart.
pub const KIND: &str = "kind";
/// Its values for manifests of signatures and of attestations.
pub const SIGNED_KINDS: [&str; 2] =
    ["dev.cosignproject.cosign/sigs", "dev.cosignproject.cosign/atts"];
/// The media type of the document that a layer and its annotations become.
pub const LAYER: &str = "application/vnd.gate.cosign.layer.v1+json";

/// The annotations that prove something; all others are left out.
pub(crate) const SIGNATURE: &str = "dev.cosignproject.cosign/signature";
pub(crate) const CERTIFICATE: &str = "dev.sigstore.cosign/certificate";
pub(crate) const CHAIN: &str = "dev.sigstore.cosign/chain";
pub(crate) const BUNDLE: &str = "dev.sigstore.cosign/bundle";
pub(crate) const TIMESTAMP: &str = "dev.sigstore.cosign/rfc3161timestamp";
const PROVING: [&str; 5] = [SIGNATURE, CERTIFICATE, CHAIN, BUNDLE, TIMESTAMP];

/// A layer with its annotations, as evidence holds it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Document {
    pub(crate) annotations: BTreeMap<String, String>,
    pub(crate) content: String,
    pub(crate) layer: String,
    pub(crate) media_type: String,
}

/// The tags under which cosign 2 keeps what it signed about a subject.
pub fn tags(subject: Digest) -> [String; 2] {
    let hex = subject.to_hex();
    [format!("sha256-{hex}.sig"), format!("sha256-{hex}.att")]
}

/// Whether a tag is one of those, of any subject.
pub fn is_tag(tag: &str) -> bool {
    tag.strip_prefix("sha256-").and_then(|rest| rest.split_once('.')).is_some_and(|(hex, kind)| {
        matches!(kind, "sig" | "att" | "sbom") && Digest::from_hex(hex).is_ok()
    })
}

/// The evidence that a layer is: its bytes as they are, or, where annotations prove something about
/// them, the document of both. Whoever collects a layer calls this once its digest was checked.
pub fn evidence(
    media_type: Option<&str>,
    annotations: Option<&BTreeMap<String, String>>,
    bytes: Vec<u8>,
) -> Vec<u8> {
    let (Some(layer @ (SIMPLE_SIGNING | ENVELOPE)), Some(annotations)) = (media_type, annotations)
    else {
        return bytes;
    };
    let proving: BTreeMap<_, _> = annotations
        .iter()
        .filter(|(name, value)| PROVING.contains(&name.as_str()) && !value.is_empty())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    // An envelope holds its own signature; it needs the document for what stands beside it alone.
    if proving.is_empty() || (layer == ENVELOPE && proving.keys().all(|name| name == SIGNATURE)) {
        return bytes;
    }
    match String::from_utf8(bytes) {
        Ok(content) => {
            let document = Document {
                annotations: proving,
                content,
                layer: layer.to_owned(),
                media_type: LAYER.to_owned(),
            };
            // Texts alone have a canonical form always.
            canonical::to_vec(&document).unwrap_or_else(|_| document.content.into_bytes())
        }
        Err(error) => error.into_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn annotations(names: &[&str]) -> BTreeMap<String, String> {
        names.iter().map(|name| ((*name).to_owned(), "x".to_owned())).collect()
    }

    #[test]
    fn what_proves_nothing_is_left_as_it_is() {
        let plain = annotations(&["predicateType", SIGNATURE]);
        for (media_type, annotations) in [
            (Some(ENVELOPE), Some(&plain)),
            (Some(SIMPLE_SIGNING), Some(&annotations(&["predicateType"]))),
            (Some("application/json"), Some(&annotations(&[SIGNATURE, CERTIFICATE]))),
            (Some(SIMPLE_SIGNING), None),
            (None, Some(&plain)),
        ] {
            assert_eq!(evidence(media_type, annotations, b"{}".to_vec()), b"{}");
        }
        let all = annotations(&[SIGNATURE]);
        assert_eq!(evidence(Some(SIMPLE_SIGNING), Some(&all), vec![0xff]), [0xff]);
    }

    #[test]
    fn a_layer_and_its_annotations_are_one_canonical_document() {
        let annotations = annotations(&[SIGNATURE, "created"]);
        let bytes = evidence(Some(SIMPLE_SIGNING), Some(&annotations), b"{\"a\":1}".to_vec());
        let expected = format!(
            r#"{{"annotations":{{"{SIGNATURE}":"x"}},"content":"{{\"a\":1}}","layer":"{SIMPLE_SIGNING}","mediaType":"{LAYER}"}}"#
        );
        assert_eq!(String::from_utf8(bytes).unwrap(), expected);
    }

    #[test]
    fn tags_are_those_of_cosign() {
        let digest = Digest::of(b"image");
        assert!(tags(digest).iter().all(|tag| is_tag(tag)));
        for other in ["v1.sig", "sha256-12.sig", "latest"] {
            assert!(!is_tag(other), "{other}");
        }
    }
}
