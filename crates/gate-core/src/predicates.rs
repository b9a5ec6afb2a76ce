//! Every in-toto predicate type that Gate reads or writes, and the kind of evidence each one is.

use crate::evidence::Kind;

/// A person's approval of a subject for an environment (ours).
pub const APPROVAL: &str = "https://gate.example/attestation/approval/v1";
/// Who authored and committed a change (ours).
pub const CHANGE: &str = "https://gate.example/attestation/change/v1";
/// A scanner's report as it came (ours; the predicate is the report).
pub const SCAN: &str = "https://gate.example/attestation/scan/v1";
/// An analyser's report as it came (ours; the predicate is the report).
pub const ANALYSIS: &str = "https://gate.example/attestation/analysis/v1";
/// A test report (ours; the predicate is `{"format": "junit", "report": "<xml>"}`).
pub const TEST: &str = "https://gate.example/attestation/test/v1";

/// A coverage report (ours; the predicate is `{"format": "lcov", "report": "<text>"}`).
pub const COVERAGE: &str = "https://gate.example/attestation/coverage/v1";
/// A VEX document in any format (ours; the predicate is the document).
pub const VEX: &str = "https://gate.example/attestation/vex/v1";
/// OpenVEX; versioned forms append `/v0.N.N`.
pub const OPENVEX: &str = "https://openvex.dev/ns";

/// SLSA verification summary: what Gate writes about a decision.
pub const SLSA_VSA: &str = "https://slsa.dev/verification_summary/v1";
/// SLSA provenance 1.x.
pub const SLSA_PROVENANCE_V1: &str = "https://slsa.dev/provenance/v1";
/// in-toto's test result.
pub const TEST_RESULT: &str = "https://in-toto.io/attestation/test-result/v0.1";
/// CycloneDX; versioned forms append `/v1.N`.
pub const CYCLONEDX: &str = "https://cyclonedx.org/bom";
/// cosign's vulnerability predicate, around a scanner's report.
pub const COSIGN_VULN: &str = "https://cosign.sigstore.dev/attestation/vuln/v1";
/// in-toto's vulnerability predicate.
pub const VULNS_V0_1: &str = "https://in-toto.io/attestation/vulns/v0.1";
/// The same in its later version.
pub const VULNS_V0_2: &str = "https://in-toto.io/attestation/vulns/v0.2";
/// cosign's signature: a statement with a subject and nothing else.
pub const COSIGN_SIGN: &str = "https://sigstore.dev/cosign/sign/v1";

/// The kind of evidence that a predicate type stands for; `None` for a type that Gate does not read.
pub fn kind(predicate_type: &str) -> Option<Kind> {
    match predicate_type {
        APPROVAL => Some(Kind::Approval),
        CHANGE => Some(Kind::Change),
        SCAN | COSIGN_VULN | VULNS_V0_1 | VULNS_V0_2 => Some(Kind::Scan),
        ANALYSIS => Some(Kind::Analysis),
        TEST | TEST_RESULT => Some(Kind::Test),
        COVERAGE => Some(Kind::Coverage),
        COSIGN_SIGN => Some(Kind::Signature),
        VEX | OPENVEX => Some(Kind::Vex),
        CYCLONEDX => Some(Kind::Sbom),
        other if other.starts_with("https://cyclonedx.org/bom/v1.") => Some(Kind::Sbom),
        other if other.starts_with("https://openvex.dev/ns/v") => Some(Kind::Vex),
        other => provenance(other).map(|_| Kind::Provenance),
    }
}

/// The version of a provenance predicate, `witness` for a collection of that tool; `None` for what is
/// no provenance.
pub(crate) fn provenance(predicate_type: &str) -> Option<&'static str> {
    match predicate_type {
        "https://slsa.dev/provenance/v0.1" | "https://in-toto.io/Provenance/v0.1" => Some("0.1"),
        "https://slsa.dev/provenance/v0.2" => Some("0.2"),
        SLSA_PROVENANCE_V1
        | "https://slsa.dev/provenance/v1.0"
        | "https://slsa.dev/provenance/v1.1"
        | "https://slsa.dev/provenance/v1?draft"
        | "https://slsa.dev/provenance/v1.0?draft" => Some("1"),
        "https://witness.testifysec.com/attestation-collection/v0.1"
        | "https://witness.dev/attestation-collection/v0.1" => Some("witness"),
        _ => None,
    }
}

/// The name of a provenance's format.
pub(crate) fn provenance_format(predicate_type: &str) -> &'static str {
    match provenance(predicate_type) {
        Some("witness") => "witness-collection",
        _ => "slsa-provenance",
    }
}
