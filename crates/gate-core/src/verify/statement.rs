//! From an in-toto statement's bytes to what it is about and the predicate in it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::failure::Failure;
use super::json;
use crate::reason::Problem;
use crate::{Digest, limits};

/// A statement whose head is read; the predicate is read once its kind is known.
pub(super) struct Statement<'a> {
    payload: &'a [u8],
    pub(super) predicate_type: String,
    subjects: Vec<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    #[serde(rename = "_type")]
    statement_type: String,
    subject: Vec<Subject>,
    predicate_type: String,
    #[serde(rename = "predicate")]
    _predicate: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Subject {
    digest: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
struct WithPredicate<T> {
    predicate: T,
}

impl<'a> Statement<'a> {
    /// Reads a statement of in-toto v1, or v0.1, which cosign's `attest` still writes.
    pub(super) fn from_json(payload: &'a [u8]) -> Result<Self, Failure> {
        json::check(payload)?;
        let head: Head = json::parse(payload)?;
        if !matches!(
            head.statement_type.as_str(),
            "https://in-toto.io/Statement/v1" | "https://in-toto.io/Statement/v0.1"
        ) {
            return Err(Failure::malformed(format!(
                "`{}` is no in-toto statement type that Gate reads",
                head.statement_type
            )));
        }
        if head.subject.len() > limits::STATEMENT_SUBJECTS {
            return Err(Failure::new(
                Problem::EvidenceTooLarge,
                format!("the statement has more than {} subjects", limits::STATEMENT_SUBJECTS),
            ));
        }
        let subjects: Vec<_> =
            head.subject.into_iter().map(|subject| subject.digest.unwrap_or_default()).collect();
        if subjects.iter().all(BTreeMap::is_empty) {
            return Err(Failure::malformed("the statement names no subject's digest"));
        }
        Ok(Self { payload, predicate_type: head.predicate_type, subjects })
    }

    /// Whether a subject has this SHA-256. Names are not compared: anybody may choose them.
    pub(super) fn names(&self, digest: Digest) -> bool {
        let wanted = digest.to_hex();
        self.subjects.iter().any(|digests| digests.get("sha256") == Some(&wanted))
    }

    /// Whether a subject has this SHA-512, in lower-case hexadecimal digits.
    pub(super) fn names_sha512(&self, wanted: &str) -> bool {
        self.subjects.iter().any(|digests| digests.get("sha512").is_some_and(|it| it == wanted))
    }

    /// Whether a subject is this commit.
    pub(super) fn names_commit(&self, commit: &str) -> bool {
        self.commits().any(|named| named.eq_ignore_ascii_case(commit))
    }

    /// The commits among the subjects.
    pub(super) fn commits(&self) -> impl Iterator<Item = &str> {
        self.subjects
            .iter()
            .filter_map(|digests| digests.get("gitCommit").or_else(|| digests.get("sha1")))
            .map(String::as_str)
    }

    /// The subjects' digests with their algorithms.
    pub(super) fn subjects(&self) -> impl Iterator<Item = (&String, &String)> {
        self.subjects.iter().flatten()
    }

    /// What the subjects are, for messages.
    pub(super) fn subjects_in_words(&self) -> String {
        let mut words: Vec<_> = self
            .subjects
            .iter()
            .flatten()
            .take(4)
            .map(|(algorithm, digest)| format!("{algorithm}:{digest}"))
            .collect();
        if self.subjects.len() > 3 {
            words.push(format!("({} subjects)", self.subjects.len()));
        }
        words.join(", ")
    }

    /// The predicate as this type.
    pub(super) fn predicate<T: Deserialize<'a>>(&self) -> Result<T, Failure> {
        json::parse::<WithPredicate<T>>(self.payload).map(|with| with.predicate).map_err(
            |failure| {
                Failure::malformed(format!("the predicate cannot be read: {}", failure.detail))
            },
        )
    }
}
