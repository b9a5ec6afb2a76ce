//! What producers say of vulnerabilities in what they ship (VEX), and the public feeds that rank
//! vulnerabilities: EPSS and KEV.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Located;
use crate::{Digest, Timestamp};

/// A VEX document that counts: its signer may sign VEX. What it says of a finding stands in the
/// finding's `vex`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Vex {
    /// `openvex`, `csaf` or `cyclonedx-vex`.
    pub format: String,
    /// Version of the format, where the document says.
    pub version: Option<String>,
    /// The document's own id.
    pub id: Option<String>,
    /// Who the document says wrote it. It proves nothing: the signer in `source` is who counts.
    pub author: Option<String>,
    /// When the document was last changed, where it says.
    pub issued_at: Option<Timestamp>,
    /// Statements in it, one a vulnerability and status.
    pub statements: u64,
    /// Findings of which this document has the last word.
    pub decides: u64,
    /// Breaks of its format's rules that no statement depends on.
    pub faults: Vec<Located>,
}

/// A vulnerability's standing in a product.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum VexStatus {
    /// Nothing needs to be done; a justification or an impact statement says why.
    NotAffected,
    /// The product holds a fix.
    Fixed,
    /// Not known yet.
    UnderInvestigation,
    /// The product must be mended.
    Affected,
}

/// The newest statement about a finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FindingVex {
    /// What it says.
    pub status: VexStatus,
    /// Why the product is not affected, in the word of the format.
    pub justification: Option<String>,
    /// Why the product is not affected, in sentences.
    pub impact: Option<String>,
    /// What to do, for affected products.
    pub action: Option<String>,
    /// When it was said.
    pub timestamp: Timestamp,
    /// Digest of the evidence that says it.
    pub evidence: Digest,
    /// Who signed that evidence; `null` where unsigned VEX counts.
    pub signer: Option<String>,
}

/// The chance that a vulnerability is exploited within 30 days, by FIRST's model.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Epss {
    /// The chance, 0 to 1.
    pub score: Fraction,
    /// The share of all vulnerabilities that score no higher, 0 to 1.
    pub percentile: Fraction,
}

/// An entry of CISA's catalogue of known exploited vulnerabilities.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Kev {
    /// When it was listed, as `2026-01-31`.
    pub added: String,
    /// By when federal agencies must have mended it.
    pub due: Option<String>,
    /// Whether ransomware is known to use it.
    pub ransomware: bool,
}

/// The feeds that findings were joined with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Feeds {
    /// EPSS; `null` where none is configured.
    pub epss: Option<FeedState>,
    /// KEV; `null` where none is configured.
    pub kev: Option<FeedState>,
}

/// A configured feed at the time of the decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FeedState {
    /// When it was made, by its own word.
    pub date: Timestamp,
    /// Digest of its file.
    pub digest: Digest,
    /// Whether it is older than its greatest age (or dated after the decision): then it says
    /// nothing of any finding.
    pub stale: bool,
}

/// A number from 0 to 1 of nine decimal places at most: equal and ordered as written, which a
/// floating-point number is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fraction(u32);

const BILLION: u32 = 1_000_000_000;

impl Fraction {
    /// From decimal digits as feeds write them: `0.97224`, `1`, `4.3e-4`.
    pub fn parse(text: &str) -> Option<Self> {
        Self::of(text.trim().parse().ok()?)
    }

    fn of(number: f64) -> Option<Self> {
        let whole = (number * f64::from(BILLION)).round();
        if !(0.0..=f64::from(BILLION)).contains(&whole) {
            return None;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a whole number from 0 to 10^9, as compared above"
        )]
        Some(Self(whole as u32))
    }
}

impl Serialize for Fraction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(self.0) / f64::from(BILLION))
    }
}

impl<'de> Deserialize<'de> for Fraction {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = f64::deserialize(deserializer)?;
        Self::of(number).ok_or_else(|| serde::de::Error::custom("is not between 0 and 1"))
    }
}

impl JsonSchema for Fraction {
    fn schema_name() -> Cow<'static, str> {
        "Fraction".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "number", "minimum": 0, "maximum": 1})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fraction_is_written_as_it_was_read() {
        for text in ["0.97224", "0.00043", "0.0", "1.0", "0.123456789"] {
            let fraction = Fraction::parse(text).unwrap();
            let json = serde_json::to_string(&fraction).unwrap();
            assert_eq!(json, text);
            assert_eq!(serde_json::from_str::<Fraction>(&json).unwrap(), fraction);
        }
        for text in ["", "x", "-0.1", "1.1", "NaN", "inf"] {
            assert_eq!(Fraction::parse(text), None, "{text}");
        }
    }
}
