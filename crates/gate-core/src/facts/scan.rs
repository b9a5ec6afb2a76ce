//! What scanners found in a subject.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Epss, Fact, FindingVex, Kev};
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
    /// `trivy`.
    pub format: String,
    /// Scanner's version, where the report says.
    pub scanner_version: Option<String>,
    /// When it ran, where the report says.
    pub scanned_at: Option<Timestamp>,
    /// What it scanned, in its own words.
    pub target: String,
    /// Findings in it.
    pub findings: u64,
}

/// One vulnerability in one package.
#[derive(
    Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct Vulnerability {
    /// CVE or the scanner's id.
    pub id: String,
    /// Package name.
    pub package: String,
    /// Package URL.
    pub purl: Option<String>,
    /// Installed version.
    pub installed: String,
    /// Versions that mend it; empty where there is no fix.
    pub fixed: Vec<String>,
    /// `critical`, `high`, `medium`, `low`, `negligible` or `unknown`.
    pub severity: String,
    /// Title.
    pub title: Option<String>,
    /// Where it lies, in the scanner's words.
    pub location: Option<String>,
    /// Digests of the scans that found it.
    pub scans: Vec<Digest>,
    /// The newest trusted VEX statement about it; `null` where there is none.
    pub vex: Option<FindingVex>,
    /// Its EPSS; `null` where no current feed has it.
    pub epss: Option<Epss>,
    /// Its entry in KEV; `null` where no current feed has it.
    pub kev: Option<Kev>,
}
