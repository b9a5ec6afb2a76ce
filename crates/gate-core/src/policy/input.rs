//! The input document: everything that rules see, always with every key.

use schemars::JsonSchema;
use serde::Serialize;

use crate::Timestamp;
use crate::decision::Mode;
use crate::environment::Environment;
use crate::facts::{
    Analysis, Approval, Attestation, Change, Coverage, Fact, FactsDocument, FailedFact, Feeds,
    Provenance, Sbom, Signature, SubjectFacts, Tests, Vex, Vulnerabilities,
};
use crate::request::{Asker, Request};

/// The document that every rule of every package judges, from whichever door it was asked. What is
/// absent is `null` or an empty list, never a missing key.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input<'a> {
    /// The time of the decision.
    pub now: Timestamp,
    /// Who asks, and from where.
    pub request: &'a Asker,
    /// What the subject is to be let into.
    pub environment: EnvironmentInput<'a>,
    /// The subject as far as its own bytes tell.
    pub subject: &'a SubjectFacts,
    /// Signatures over the subject by trusted signers.
    pub signatures: &'a [Fact<Signature>],
    /// Every verified statement about the subject.
    pub attestations: &'a [Fact<Attestation>],
    /// Builds.
    pub provenance: &'a [Fact<Provenance>],
    /// Bills of materials.
    pub sbom: &'a [Fact<Sbom>],
    /// Scans and what they found.
    pub vulnerabilities: &'a Vulnerabilities,
    /// Test runs.
    pub tests: &'a [Fact<Tests>],
    /// How much of the code test runs reached.
    pub coverage: &'a [Fact<Coverage>],
    /// Analyses of code, configuration and secrets, one entry a tool's run.
    pub analysis: &'a [Fact<Analysis>],
    /// Approvals that count: one a person, for this environment, in time, by no author.
    pub approvals: &'a [Fact<Approval>],
    /// Changes joined to the provenance by commit.
    pub changes: &'a [Fact<Change>],
    /// Earlier promotions.
    pub promotions: &'a [serde_json::Value],
    /// Deployments.
    pub deployments: &'a [serde_json::Value],
    /// The Kubernetes object under admission, or what the subject holds where it is a configuration
    /// file; `null` for every other artifact. `subject.kind` tells the two apart.
    pub object: Option<&'a serde_json::Value>,
    /// Evidence that proves nothing, and why. Rules explain with it; they never ask for its absence.
    pub failed: &'a [FailedFact],
    /// VEX documents that count; what they say of a finding stands in the finding's `vex`.
    pub vex: &'a [Fact<Vex>],
    /// The feeds that findings were joined with.
    pub feeds: &'a Feeds,
}

/// What rules see of the environment.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EnvironmentInput<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it does with a deny.
    pub mode: Mode,
}

impl<'a> Input<'a> {
    /// The input document of a request with its facts.
    pub fn new(
        request: &'a Request,
        facts: &'a FactsDocument,
        environment: &'a Environment,
    ) -> Self {
        let document = environment.document();
        let environment = EnvironmentInput { name: &document.name, mode: document.mode };
        Self::about(request, facts, environment)
    }

    pub(super) fn about(
        request: &'a Request,
        facts: &'a FactsDocument,
        environment: EnvironmentInput<'a>,
    ) -> Self {
        Self {
            now: request.now,
            request: &request.asker,
            environment,
            subject: &facts.subject,
            signatures: &facts.signatures,
            attestations: &facts.attestations,
            provenance: &facts.provenance,
            sbom: &facts.sbom,
            vulnerabilities: &facts.vulnerabilities,
            tests: &facts.tests,
            coverage: &facts.coverage,
            analysis: &facts.analysis,
            approvals: &facts.approvals,
            changes: &facts.changes,
            promotions: &facts.promotions,
            deployments: &facts.deployments,
            object: facts.object.as_deref(),
            failed: &facts.failed,
            vex: &facts.vex,
            feeds: &facts.feeds,
        }
    }

    /// The JSON schema of this document, generated from the types.
    pub fn schema() -> schemars::Schema {
        schemars::generate::SchemaSettings::draft2020_12()
            .for_serialize()
            .into_generator()
            .into_root_schema_for::<Input<'static>>()
    }
}
