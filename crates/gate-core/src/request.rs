//! What is asked: a subject for an environment, by a requester, at a time.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
    pub object: Option<serde_json::Value>,
}
