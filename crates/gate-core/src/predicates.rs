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

/// SLSA verification summary: what Gate writes about a decision.
pub const SLSA_VSA: &str = "https://slsa.dev/verification_summary/v1";
/// SLSA provenance 1.x.
pub const SLSA_PROVENANCE_V1: &str = "https://slsa.dev/provenance/v1";
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
        TEST => Some(Kind::Test),
        SLSA_PROVENANCE_V1 => Some(Kind::Provenance),
        COSIGN_SIGN => Some(Kind::Signature),
        CYCLONEDX => Some(Kind::Sbom),
        other if other.starts_with("https://cyclonedx.org/bom/v1.") => Some(Kind::Sbom),
        _ => None,
    }
}
