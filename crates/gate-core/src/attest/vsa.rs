//! The predicate of a decision: a SLSA verification summary (VSA v1, text of SLSA 1.2) with one field
//! of our own.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::statement::DigestSet;
use crate::decision::{Decision, Effect, Verdict};
use crate::environment::EnvironmentDocument;
use crate::facts::{FactsDocument, Source};
use crate::{Digest, Timestamp};

/// The name of our own field: a URI, so that it collides with nobody's (in-toto parsing rules).
pub const DECISION_FIELD: &str = "https://gate.example/attestation/decision/v1";
/// What a passed summary claims. It is no SLSA level: Gate derives none, and names of others must
/// not begin with `SLSA_`.
pub const POLICY_PASSED: &str = "GATE_POLICY_PASSED";
/// What `verifiedLevels` holds when the policy was not met.
const FAILED: &str = "FAILED";

/// A verification summary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Who verified, and with what.
    pub verifier: Verifier,
    /// When: the time of the decision.
    pub time_verified: Timestamp,
    /// What the consumer fetches: the configured URI, or the subject's digest as `sha256:HEX`.
    pub resource_uri: String,
    /// The policy that judged.
    pub policy: Resource,
    /// All evidence behind verified facts, sorted by digest.
    pub input_attestations: Vec<Resource>,
    /// `PASSED` or `FAILED`: the policy's own result, before the mode.
    pub verification_result: String,
    /// [`POLICY_PASSED`], or `FAILED`.
    pub verified_levels: Vec<String>,
    /// Version of the SLSA text.
    pub slsa_version: String,
    /// The decision that this sums up.
    #[serde(rename = "https://gate.example/attestation/decision/v1")]
    pub decision: DecisionReference,
}

/// Who verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verifier {
    /// The configured `verifier_id`.
    pub id: String,
    /// Versions by component.
    pub version: BTreeMap<String, String>,
}

/// A thing by URI, digest or both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// Its URI.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// Its digests.
    pub digest: DigestSet,
}

/// Which decision the summary is of, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DecisionReference {
    /// Digest of the decision document.
    pub id: Digest,
    /// The environment that it is for.
    pub environment: String,
    /// Whether the subject was let in.
    pub verdict: Verdict,
    /// Whether an unexcused deny stood, whatever the mode made of it.
    pub would_deny: bool,
}

impl Summary {
    /// The summary of a decision.
    pub fn new(
        decision: &Decision,
        id: Digest,
        facts: &FactsDocument,
        environment: &EnvironmentDocument,
    ) -> Self {
        let passed = passes(decision);
        let digest = decision.subject.digest;
        Self {
            verifier: Verifier {
                id: environment.verifier_id.clone(),
                version: BTreeMap::from([("gate".into(), env!("CARGO_PKG_VERSION").into())]),
            },
            time_verified: decision.now,
            resource_uri: environment.resource_uri.clone().unwrap_or_else(|| digest.to_string()),
            policy: Resource {
                uri: Some(environment.policy.uri.clone()),
                digest: digests(decision.policy),
            },
            input_attestations: inputs(facts)
                .into_iter()
                .map(|digest| Resource { uri: None, digest: digests(digest) })
                .collect(),
            verification_result: Self::result(decision).to_owned(),
            verified_levels: vec![if passed { POLICY_PASSED } else { FAILED }.to_owned()],
            slsa_version: "1.2".to_owned(),
            decision: DecisionReference {
                id,
                environment: decision.environment.clone(),
                verdict: decision.verdict,
                would_deny: decision.would_deny,
            },
        }
    }

    /// `verificationResult` of a decision.
    pub fn result(decision: &Decision) -> &'static str {
        if passes(decision) { "PASSED" } else { FAILED }
    }
}

/// The policy's own result: any unexcused deny fails it, also where the mode lets the subject in. The
/// verdict and the findings are asked as well, so that a slip in one of the three cannot pass.
fn passes(decision: &Decision) -> bool {
    decision.verdict == Verdict::Allow
        && !decision.would_deny
        && decision.findings.iter().all(|finding| finding.effect != Effect::Denies)
}

/// Digests of all evidence behind verified facts: if any are listed, all must be (VSA v1).
fn inputs(facts: &FactsDocument) -> BTreeSet<Digest> {
    fn each<T>(facts: &[crate::facts::Fact<T>]) -> impl Iterator<Item = &Source> {
        facts.iter().map(|fact| &fact.source)
    }
    each(&facts.signatures)
        .chain(each(&facts.attestations))
        .chain(each(&facts.provenance))
        .chain(each(&facts.sbom))
        .chain(each(&facts.vulnerabilities.scans))
        .chain(each(&facts.tests))
        .chain(each(&facts.approvals))
        .chain(each(&facts.changes))
        .map(|source| source.evidence)
        .collect()
}

fn digests(digest: Digest) -> DigestSet {
    DigestSet::from([("sha256".to_owned(), digest.to_hex())])
}
