//! From a layer that cosign 2 wrote to a bundle that the sigstore crates verify, and what it is over.

mod bundle;
#[cfg(test)]
mod tests;

use serde::Deserialize;

use super::envelope::Envelope;
use super::failure::Failure;
use super::json;
use super::sigstore::Bundle;
use crate::Digest;
use crate::cosign::{Document, ENVELOPE, SIMPLE_SIGNING};
use crate::reason::Problem;

/// The one `critical.type` of cosign's payloads.
const COSIGN_SIGNATURE: &str = "cosign container image signature";

/// A layer, read. Nothing in it is verified.
pub(super) enum Layer {
    /// A signature over a payload that names an image.
    Signature {
        /// The bytes that are signed.
        payload: Vec<u8>,
        /// The image that they name.
        image: Digest,
        /// Signature and proofs, over the payload.
        bundle: Bundle,
    },
    /// A signed statement.
    Statement {
        /// Envelope and proofs.
        bundle: Bundle,
    },
}

#[derive(Deserialize)]
struct SimpleSigning {
    critical: Critical,
}

#[derive(Deserialize)]
struct Critical {
    image: Image,
    #[serde(rename = "type")]
    signature_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Image {
    docker_manifest_digest: Digest,
}

impl Layer {
    /// Reads the document of a layer that passed [`json::check`].
    pub(super) fn from_json(bytes: &[u8]) -> Result<Self, Failure> {
        let Document { annotations, content, layer, .. } = json::parse(bytes)?;
        json::check(content.as_bytes())?;
        match layer.as_str() {
            SIMPLE_SIGNING => {
                let image = named_image(content.as_bytes())?;
                let bundle = bundle::of_payload(content.as_bytes(), &annotations)?;
                Ok(Self::Signature { payload: content.into_bytes(), image, bundle })
            }
            ENVELOPE => {
                let envelope = Envelope::from_json(content.as_bytes())?;
                Ok(Self::Statement { bundle: bundle::of_envelope(&envelope, &annotations)? })
            }
            other => Err(Failure::new(
                Problem::EvidenceUnknown,
                format!("`{other}` is no layer that cosign signs"),
            )),
        }
    }
}

/// The digest that a payload names. The reference beside it is anybody's word and is not read.
fn named_image(payload: &[u8]) -> Result<Digest, Failure> {
    let SimpleSigning { critical } = json::parse(payload).map_err(|failure| {
        Failure::malformed(format!("the payload is no simple signing: {}", failure.detail))
    })?;
    if critical.signature_type != COSIGN_SIGNATURE {
        return Err(Failure::malformed(format!(
            "critical.type is `{}`, not `{COSIGN_SIGNATURE}`",
            critical.signature_type
        )));
    }
    Ok(critical.image.docker_manifest_digest)
}
