//! What scanners found in a subject.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Epss, Fact, FindingVex, Kev, Severity};
use crate::{Digest, Timestamp};

/// Everything that scanners said.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Vulnerabilities {
    /// One entry a scan, findings or none: a clean scan is not an absent scan.
    pub scans: Vec<Fact<Scan>>,
    /// One entry a vulnerability and package, over all scans.
    pub findings: Vec<Vulnerability>,
}

/// A scanner's run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Scan {
    /// The report's format: `trivy`, `grype`, `snyk`, `osv-scanner`, ...
    pub format: String,
    /// Scanner's version, where the report says.
    pub scanner_version: Option<String>,
    /// When it ran, where the report says. Rules hold it against `input.now`.
    pub scanned_at: Option<Timestamp>,
    /// What it scanned, in its own words.
    pub target: String,
    /// Findings in it, each as often as the report lists it.
    pub findings: u64,
}

/// One vulnerability in one package, from every scan that names it by any of its ids.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Vulnerability {
    /// The CVE where there is exactly one, else the scanner's id.
    pub id: String,
    /// Its other ids (CVE, GHSA, RUSTSEC, SNYK, ...), sorted.
    pub aliases: Vec<String>,
    /// Package name; empty where the scanner names none.
    pub package: String,
    /// Package URL, normalised.
    pub purl: Option<String>,
    /// Installed version; empty where the scanner names none.
    pub installed: String,
    /// Versions that mend it, sorted; empty where there is no fix.
    pub fixed: Vec<String>,
    /// The gravest that a scan says.
    pub severity: Severity,
    /// Who says so: a source of the scanner (`nvd`, `debian`, `ghsa`), the scanner's format where it
    /// names none, or `cvss` where it is taken from the gravest vector.
    pub severity_source: Option<String>,
    /// CVSS vectors, each scored by Gate.
    pub cvss: Vec<Cvss>,
    /// How it stands.
    pub status: FindingStatus,
    /// Why it stands so, where the scanner says.
    pub status_reason: Option<String>,
    /// Title.
    pub title: Option<String>,
    /// Where it lies, in the scanners' words: files, layers, targets; sorted, the first hundred of each
    /// scan.
    pub locations: Vec<String>,
    /// Probability of exploitation as the report carries it. The scanner's word: see the feeds for
    /// Gate's own.
    pub reported_epss: Option<ReportedEpss>,
    /// Known exploitation as the report carries it. The scanner's word: see the feeds for Gate's own.
    pub reported_kev: Option<ReportedKev>,
    /// Digests of the scans that found it.
    pub scans: Vec<Digest>,
    /// The newest trusted VEX statement about it; `null` where there is none.
    pub vex: Option<FindingVex>,
    /// Its EPSS; `null` where no current feed has it.
    pub epss: Option<Epss>,
    /// Its entry in KEV; `null` where no current feed has it.
    pub kev: Option<Kev>,
}

/// A CVSS vector with its score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cvss {
    /// `2.0`, `3.0`, `3.1` or `4.0`.
    pub version: String,
    /// The vector as the report has it; `null` where it has a score alone.
    pub vector: Option<String>,
    /// Base score (4.0: with the threat and environmental metrics of the vector) computed from the
    /// vector; the report's own where it has no vector.
    pub score: f64,
    /// The rating of the score by the scale of its version.
    pub severity: Severity,
    /// Who gave the vector: `nvd`, `redhat`, ...
    pub source: Option<String>,
}

/// How a finding stands. The order is that in which one wins over another where scans differ: what
/// one scan leaves open, no other settles.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum FindingStatus {
    /// The scanner's platform says that it is gone.
    Resolved,
    /// The scanner, or a statement that it read, says that the package is not affected.
    NotAffected,
    /// The scanner's user set it aside: an ignore rule, a dismissed alert, an accepted risk.
    Ignored,
    /// The vendor has not judged it yet.
    UnderInvestigation,
    /// The release that the package belongs to is mended no more.
    EndOfLife,
    /// The vendor mends it later.
    FixDeferred,
    /// The vendor does not mend it.
    WillNotFix,
    /// The package is affected, and no version is known to mend it.
    #[default]
    Affected,
    /// The package is affected, and a version mends it.
    Fixed,
}

/// Probability of exploitation, as a report carries it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportedEpss {
    /// Probability of exploitation within 30 days, 0 to 1.
    pub score: f64,
    /// Share of vulnerabilities with this score or less, 0 to 1.
    pub percentile: Option<f64>,
    /// The day of the score, as the report writes it.
    pub date: Option<String>,
}

/// Known exploitation, as a report carries it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportedKev {
    /// The day by which agencies must mend it, as the report writes it.
    pub due_date: Option<String>,
    /// Whether ransomware is known to use it.
    pub ransomware: Option<bool>,
}
