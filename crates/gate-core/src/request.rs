//! What is asked: a subject for an environment, by a requester, at a time.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::canonical::{self, CanonicalError};
use crate::{Digest, Timestamp};

/// What is to be let through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// Digest of the manifest, index, file or canonical object.
    pub digest: Digest,
    /// What sort of thing it is.
    pub kind: SubjectKind,
}

/// What sort of thing a subject is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SubjectKind {
    /// Something built: an image or a file.
    Artifact,
    /// A Kubernetes object under admission; its digest is that of its RFC 8785 form.
    Object,
}

/// Who asks and from where, as rules see it (`input.request`) and as the record keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Asker {
    /// The authenticated name of the requester.
    pub requester: String,
    /// The admission request around the object, if that is how it was asked.
    pub admission: Option<Admission>,
}

/// What a Kubernetes API server says about the request that it asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Admission {
    /// `CREATE` or `UPDATE`.
    pub operation: String,
    /// The namespace, empty for cluster-wide objects.
    pub namespace: String,
    /// The object's name; empty where the server generates it.
    pub name: String,
    /// The Kubernetes user who asks.
    pub user: String,
    /// The groups of that user.
    pub groups: Vec<String>,
}

/// A request, complete: what `collect` and every later stage take.
#[derive(Debug, Clone)]
pub struct Request {
    /// What is to be let through.
    pub subject: Subject,
    /// Who asks.
    pub asker: Asker,
    /// The time of the decision, to the second; the clock's, never the caller's.
    pub now: Timestamp,
    /// The Kubernetes object under admission, when the subject is one.
    pub object: Option<Object>,
}

/// A Kubernetes object as the record will give it back, and its digest.
#[derive(Debug, Clone)]
pub struct Object {
    value: Arc<Value>,
    digest: Digest,
}

impl Object {
    /// An object and the digest of its RFC 8785 form, read back from it where numbers change in it.
    pub fn new(value: Value) -> Result<Self, CanonicalError> {
        let (bytes, digest) = canonical::with_digest(&value)?;
        let value = if canonical::is_plain(&value) { value } else { canonical::read(&bytes)? };
        Ok(Self { value: Arc::new(value), digest })
    }

    /// What it holds.
    pub fn value(&self) -> &Arc<Value> {
        &self.value
    }

    /// Digest of its RFC 8785 form.
    pub fn digest(&self) -> Digest {
        self.digest
    }
}
