//! An environment: its effective configuration as a self-contained document, compiled once into
//! what the spine uses.

mod candidate;
mod check;
mod document;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use candidate::{Candidate, Difference, Observer};
pub use document::{
    EnvironmentDocument, FeedDocument, FeedsDocument, LimitsDocument, PersonDocument,
    PolicyDocument, Quorum, Requirement, RootRules, SignerDocument,
};

use crate::Digest;
use crate::feeds::Feeds;
use crate::policy::Bundle;
use crate::record::Blob;
use crate::verify::Trust;

/// A compiled environment: immutable, shared between requests.
pub struct Environment {
    document: EnvironmentDocument,
    configuration: Blob,
    roots: BTreeMap<Digest, Arc<[u8]>>,
    trust: Trust,
    feeds: Feeds,
    policy: Arc<Bundle>,
    candidate: Option<Candidate>,
}

/// A configuration that cannot be used, with the place that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {message}")]
pub struct EnvironmentError {
    /// Path of the value, as `signers.alice.key`.
    pub place: String,
    /// What is wrong and what is expected.
    pub message: String,
}

impl EnvironmentError {
    /// An error at a place.
    pub fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { place: place.into(), message: message.into() }
    }
}

impl Environment {
    /// Compiles a document with the bytes of its trusted roots and feeds, and its policy bundle.
    pub fn compile(
        document: EnvironmentDocument,
        roots: BTreeMap<Digest, Arc<[u8]>>,
        policy: Arc<Bundle>,
    ) -> Result<Self, EnvironmentError> {
        check::check(&document)?;
        if document.policy.digest != policy.digest() {
            return Err(EnvironmentError::new(
                "policy",
                format!(
                    "the bundle has digest {}, not {}",
                    policy.digest(),
                    document.policy.digest
                ),
            ));
        }
        let trust = Trust::compile(&document, &roots)?;
        let feeds = Feeds::load(&document.feeds, &roots)?;
        let configuration = Blob::canonical(&document)
            .map_err(|error| EnvironmentError::new("", error.to_string()))?;
        Ok(Self { document, configuration, roots, trust, feeds, policy, candidate: None })
    }

    /// The same with a policy on its way into force.
    #[must_use]
    pub fn with_candidate(self, candidate: Candidate) -> Self {
        Self { candidate: Some(candidate), ..self }
    }

    /// The policy on its way into force.
    pub fn candidate(&self) -> Option<&Candidate> {
        self.candidate.as_ref()
    }

    /// The environment that judges a subject: this one, or the candidate's for its share of subjects.
    pub fn judging(&self, subject: Digest) -> &Self {
        match &self.candidate {
            Some(candidate) if candidate.judges(subject) => candidate.environment(),
            _ => self,
        }
    }

    /// The one of both that does not judge a subject.
    pub(crate) fn beside(&self, subject: Digest) -> Option<(&Candidate, &Self)> {
        let candidate = self.candidate.as_ref()?;
        let other = if candidate.judges(subject) { self } else { candidate.environment() };
        Some((candidate, other))
    }

    /// The effective configuration.
    pub fn document(&self) -> &EnvironmentDocument {
        &self.document
    }

    /// Its RFC 8785 form.
    pub fn bytes(&self) -> &Arc<[u8]> {
        &self.configuration.bytes
    }

    /// Digest of that form.
    pub fn digest(&self) -> Digest {
        self.configuration.digest
    }

    /// The effective configuration as a record holds it.
    pub fn blob(&self) -> &Blob {
        &self.configuration
    }

    /// The files behind the configuration by digest: trusted roots and feeds.
    pub fn roots(&self) -> &BTreeMap<Digest, Arc<[u8]>> {
        &self.roots
    }

    /// Who may say what.
    pub fn trust(&self) -> &Trust {
        &self.trust
    }

    /// The public feeds.
    pub fn feeds(&self) -> &Feeds {
        &self.feeds
    }

    /// The policy bundle.
    pub fn policy(&self) -> &Bundle {
        &self.policy
    }
}

#[cfg(test)]
mod candidate_tests;
