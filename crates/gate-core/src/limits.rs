//! The caps on everything that comes from outside; what exceeds one is refused with its own code.

/// The greatest size of one piece of evidence that is not an SBOM.
pub const EVIDENCE_BYTES: usize = 16 << 20;
/// The greatest size of an SBOM.
pub const SBOM_BYTES: usize = 128 << 20;
/// The greatest size of an image manifest or index.
pub const MANIFEST_BYTES: usize = 4 << 20;
/// The greatest size of a sigstore bundle or DSSE envelope around something other than an SBOM.
pub const BUNDLE_BYTES: usize = 16 << 20;
/// Pieces of evidence considered for one subject.
pub const EVIDENCE_COUNT: usize = 1_000;
/// Transparency log entries in one bundle.
pub const LOG_ENTRIES: usize = 8;
/// RFC 3161 timestamps in one bundle.
pub const TIMESTAMPS: usize = 8;
/// Certificates in one bundle's chain.
pub const CHAIN_CERTIFICATES: usize = 8;
/// Signatures of one DSSE envelope.
pub const ENVELOPE_SIGNATURES: usize = 16;
/// Subjects of one in-toto statement.
pub const STATEMENT_SUBJECTS: usize = 1_000;
/// Nesting of JSON and XML from outside.
pub const NESTING: usize = 100;
/// Components of one SBOM.
pub const COMPONENTS: usize = 500_000;
/// Findings of one scan.
pub const SCAN_FINDINGS: usize = 500_000;
/// Materials of one provenance.
pub const MATERIALS: usize = 100_000;
/// Statements of one VEX document.
pub const VEX_STATEMENTS: usize = 100_000;
/// Products that the statements of one VEX document name together.
pub const VEX_PRODUCTS: usize = 1_000_000;
/// The greatest size of a feed, unpacked.
pub const FEED_BYTES: usize = 64 << 20;
/// Entries of one feed.
pub const FEED_ENTRIES: usize = 2_000_000;
/// Test cases of one report.
pub const TEST_CASES: usize = 1_000_000;
/// Bytes of a subject that is read as a configuration file.
pub const DOCUMENT_BYTES: usize = 32 << 20;
/// Values in a configuration file.
pub const DOCUMENT_VALUES: usize = 2_000_000;
/// Findings that the rules of one decision may return.
pub const RULE_FINDINGS: usize = 10_000;
/// Bytes of uploaded evidence that the server keeps for one subject.
pub const UPLOAD_BYTES_PER_SUBJECT: usize = 256 << 20;
/// Pieces of uploaded evidence that the server keeps for one subject.
pub const UPLOADS_PER_SUBJECT: usize = 200;
/// The greatest size of one policy module.
pub const MODULE_BYTES: usize = 1 << 20;
/// The greatest size of a policy bundle, rule data included.
pub const POLICY_BYTES: usize = 64 << 20;
/// Modules of one policy bundle.
pub const MODULES: usize = 2_000;
/// Image references of one Kubernetes object: each distinct digest among them is a decision.
pub const POD_IMAGES: usize = 200;
/// Rounds of questions that rules ask of registries, each with the answers to the last one.
pub const INQUIRY_ROUNDS: usize = 8;
