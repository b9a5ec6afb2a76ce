//! AdmissionReview v1 as it comes: from bytes to what is asked, or to why that cannot be told.

use axum::body::Bytes;
use gate_core::reason::RequestCode;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::json::{self, Strict};
use crate::problem::Problem;

/// The one version that is answered.
pub(super) const API_VERSION: &str = "admission.k8s.io/v1";
/// Its kind.
pub(super) const KIND: &str = "AdmissionReview";
/// The longest uid that is echoed.
const UID_BYTES: usize = 256;

/// A review of which at least the uid is known, so that it can be answered.
#[derive(Debug)]
pub(super) struct Review {
    /// Its uid.
    pub(super) uid: String,
    /// What is asked, or why it cannot be read.
    pub(super) request: Result<Box<Asked>, String>,
}

/// What an API server asks.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Asked {
    /// Echoed in the answer.
    pub uid: String,
    /// Group, version and kind of `object`.
    #[serde(default)]
    pub kind: Option<GroupVersionKind>,
    /// `scale`, `ephemeralcontainers`, ...
    #[serde(default)]
    pub sub_resource: Option<String>,
    /// Name of the object; empty where the server will generate it.
    #[serde(default)]
    pub name: Option<String>,
    /// Its namespace.
    #[serde(default)]
    pub namespace: Option<String>,
    /// `CREATE`, `UPDATE`, `DELETE` or `CONNECT`.
    #[serde(default)]
    pub operation: Option<String>,
    /// Who asked the API server.
    #[serde(default)]
    pub user_info: Option<UserInfo>,
    /// The object as it would be stored.
    #[serde(default)]
    pub object: Option<Strict>,
    /// The object as it is stored.
    #[serde(default)]
    pub old_object: Option<Strict>,
    /// Whether nothing may be written.
    #[serde(default)]
    pub dry_run: Option<bool>,
}

/// A kind, named in full.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct GroupVersionKind {
    /// Group; empty for the core.
    #[serde(default)]
    pub group: String,
    /// Version.
    #[serde(default)]
    pub version: String,
    /// Kind.
    #[serde(default)]
    pub kind: String,
}

/// Who asked the API server.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub struct UserInfo {
    /// Name.
    #[serde(default)]
    pub username: Option<String>,
    /// Groups.
    #[serde(default)]
    pub groups: Option<Vec<String>>,
}

/// The whole document. Keys that are not read are let be: later API servers send more.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReviewDocument {
    /// `admission.k8s.io/v1`.
    pub api_version: String,
    /// `AdmissionReview`.
    pub kind: String,
    /// What is asked.
    pub request: Asked,
}

/// As much of a review as an answer needs.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Skeleton {
    api_version: String,
    kind: String,
    request: SkeletonRequest,
}

#[derive(Debug, Deserialize)]
struct SkeletonRequest {
    uid: String,
}

/// Reads a review. What has an uid gets an answer, whatever else is wrong with it.
pub(super) fn read(body: &Bytes) -> Result<Review, Problem> {
    match json::parse::<ReviewDocument>(body) {
        Ok(document) => {
            let uid = check(&document.api_version, &document.kind, document.request.uid.clone())?;
            Ok(Review { uid, request: Ok(Box::new(document.request)) })
        }
        Err(problem) => Ok(Review { uid: uid(body)?, request: Err(problem.detail) }),
    }
}

/// The uid of a review, without reading the rest: for answers that do not judge.
pub(super) fn uid(body: &Bytes) -> Result<String, Problem> {
    let skeleton: Skeleton = json::parse(body)?;
    check(&skeleton.api_version, &skeleton.kind, skeleton.request.uid)
}

fn check(api_version: &str, kind: &str, uid: String) -> Result<String, Problem> {
    let malformed = |detail: &str| Err(Problem::refused(RequestCode::RequestMalformed, detail));
    if api_version != API_VERSION || kind != KIND {
        return malformed("this is no AdmissionReview of admission.k8s.io/v1");
    }
    if uid.is_empty() || uid.len() > UID_BYTES {
        return malformed("`request.uid` is empty or too long");
    }
    Ok(uid)
}

impl Asked {
    /// The object, if there is one.
    pub(super) fn object(&self) -> Option<&Value> {
        self.object.as_ref().map(|object| &object.0).filter(|object| !object.is_null())
    }

    /// The stored object, if there is one.
    pub(super) fn old_object(&self) -> Option<&Value> {
        self.old_object.as_ref().map(|object| &object.0).filter(|object| !object.is_null())
    }
}
