//! What callers of the API call their subject: a digest, or an image of a configured registry.

use std::fmt;
use std::time::Instant;

use gate_core::Digest;
use gate_core::effects::GateError;
use gate_core::reason::ErrorCode;
use gate_io::registry::{Image, Pinned};
use serde::{Deserialize, Deserializer};

use crate::force::InForce;
use crate::pool::Turn;

/// A subject as it was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SubjectName {
    /// Its digest.
    Digest(Digest),
    /// An image.
    Image(Image),
}

/// A subject whose digest is known, with the image that evidence is asked about.
#[derive(Debug)]
pub struct Found {
    /// Its digest.
    pub digest: Digest,
    /// Where configured registries have it.
    pub images: Vec<Pinned>,
}

impl SubjectName {
    /// The subject's digest. A tag is asked for once; of a registry that is not configured, since
    /// otherwise any caller could have the server ask any host.
    pub fn find(&self, force: &InForce, turn: &Turn, until: Instant) -> Result<Found, GateError> {
        let image = match self {
            Self::Digest(digest) => return Ok(Found { digest: *digest, images: vec![] }),
            Self::Image(image) => image,
        };
        if let Some(digest) = image.digest() {
            return Ok(Found { digest, images: configured(force, image).into_iter().collect() });
        }
        if !is_configured(force, image) {
            let message = format!("the registry of {image} is not configured");
            return Err(GateError::new(ErrorCode::SubjectInvalid, message));
        }
        let pinned = turn.pause(|| force.registry.pin(image, Some(until)))?;
        Ok(Found { digest: pinned.digest, images: vec![pinned] })
    }
}

/// The image, if it is pinned and of a registry that the server may ask.
pub fn configured(force: &InForce, image: &Image) -> Option<Pinned> {
    is_configured(force, image).then(|| Pinned::by_digest(image.clone())).flatten()
}

fn is_configured(force: &InForce, image: &Image) -> bool {
    force.registry.settings().place(image.host(), image.repository()).is_some()
}

impl fmt::Display for SubjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Digest(digest) => digest.fmt(f),
            Self::Image(image) => image.fmt(f),
        }
    }
}

impl<'de> Deserialize<'de> for SubjectName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let text = String::deserialize(deserializer)?;
        if text.starts_with("sha256:") || !text.contains('/') {
            // Words without a registry are no names of images here: the caller means a digest.
            return text.parse().map(Self::Digest).map_err(D::Error::custom);
        }
        text.parse().map(Self::Image).map_err(D::Error::custom)
    }
}

impl schemars::JsonSchema for SubjectName {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Subject".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "A digest, or an image of a configured registry: \
                REGISTRY/REPOSITORY[:TAG][@DIGEST]",
            "examples": ["registry.example/shop/app:1.4.2"],
        })
    }
}
