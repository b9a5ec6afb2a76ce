//! An in-toto Statement v1, as Gate writes it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Digest;

/// `_type` of the statements that Gate writes.
pub const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";
/// `_type` of an earlier form, which cosign still writes and which is read as well.
const STATEMENT_TYPE_V0_1: &str = "https://in-toto.io/Statement/v0.1";

/// Digests of one thing by algorithm, as in-toto names them: `sha256`, `gitCommit`.
pub type DigestSet = BTreeMap<String, String>;

/// A claim of a type about subjects.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    /// Form of the statement.
    #[serde(rename = "_type")]
    pub statement_type: String,
    /// What it is about.
    pub subject: Vec<Subject>,
    /// The type of the claim.
    #[serde(rename = "predicateType")]
    pub predicate_type: String,
    /// The claim.
    #[serde(default)]
    pub predicate: serde_json::Value,
}

/// What a statement is about. Subjects match by digest alone: a name proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Digests of the subject.
    pub digest: DigestSet,
}

impl Subject {
    /// A subject by its SHA-256.
    pub fn by_sha256(digest: Digest) -> Self {
        Self { digest: DigestSet::from([("sha256".to_owned(), digest.to_hex())]) }
    }

    /// A subject by its git commit.
    pub fn by_commit(commit: &str) -> Self {
        Self { digest: DigestSet::from([("gitCommit".to_owned(), commit.to_owned())]) }
    }
}

impl Statement {
    /// A claim about one subject.
    pub fn new(subject: Subject, predicate_type: &str, predicate: serde_json::Value) -> Self {
        Self {
            statement_type: STATEMENT_TYPE.to_owned(),
            subject: vec![subject],
            predicate_type: predicate_type.to_owned(),
            predicate,
        }
    }

    /// Whether `_type` is one that Gate reads.
    pub(super) fn is_of_known_type(&self) -> bool {
        [STATEMENT_TYPE, STATEMENT_TYPE_V0_1].contains(&self.statement_type.as_str())
    }

    /// Whether one of its subjects has this SHA-256.
    pub fn names(&self, digest: Digest) -> bool {
        let hex = digest.to_hex();
        self.subject.iter().any(|subject| subject.digest.get("sha256") == Some(&hex))
    }
}
