//! From a CVSS vector to its scores.

use std::str::FromStr;

use crate::facts::Severity;

/// The scores of a vector. A group without metrics scores as the group before it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scores {
    /// `2.0`, `3.0`, `3.1` or `4.0`.
    pub version: &'static str,
    /// The base score; of 4.0 the one score that there is.
    pub base: f64,
    /// With the temporal metrics.
    pub temporal: f64,
    /// With the environmental metrics.
    pub environmental: f64,
}

/// A vector that has no score.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CvssError {
    /// It is no vector of a version that there is.
    #[error("`{0}` is no CVSS vector")]
    Vector(String),
    /// A metric that every vector of its version has is missing.
    #[error("the CVSS {version} vector has no `{metric}`")]
    Incomplete {
        /// The version.
        version: &'static str,
        /// The metric.
        metric: &'static str,
    },
}

const V2: [&str; 6] = ["AV", "AC", "Au", "C", "I", "A"];
const V3: [&str; 8] = ["AV", "AC", "PR", "UI", "S", "C", "I", "A"];
const V4: [&str; 11] = ["AV", "AC", "AT", "PR", "UI", "VC", "VI", "VA", "SC", "SI", "SA"];

impl FromStr for Scores {
    type Err = CvssError;

    /// Scores a vector, with or without the parentheses or the prefix `CVSS:2.0/` that some tools
    /// write around vectors of version 2.
    fn from_str(text: &str) -> Result<Self, CvssError> {
        const LONGEST: usize = 400;
        let vector = text.trim().trim_matches(['(', ')', '/']);
        let vector = vector.strip_prefix("CVSS:2.0/").unwrap_or(vector);
        let refused = || CvssError::Vector(text.chars().take(80).collect());
        if vector.len() > LONGEST {
            return Err(refused());
        }
        let parsed = cvss::Cvss::from_str(vector).map_err(|_| refused())?;
        let (version, required): (_, &[&'static str]) = match &parsed {
            cvss::Cvss::CvssV20(_) => ("2.0", &V2),
            cvss::Cvss::CvssV30(_) => ("3.0", &V3),
            cvss::Cvss::CvssV31(_) => ("3.1", &V3),
            cvss::Cvss::CvssV40(_) => ("4.0", &V4),
            _ => return Err(refused()),
        };
        // The crate scores a missing metric as harmless.
        let has = |metric: &str| {
            vector.split('/').any(|part| part.split_once(':').is_some_and(|(key, _)| key == metric))
        };
        if let Some(metric) = required.iter().find(|metric| !has(metric)) {
            return Err(CvssError::Incomplete { version, metric });
        }
        Ok(match parsed {
            cvss::Cvss::CvssV20(vector) => Self {
                version,
                base: vector.score().value(),
                temporal: vector.temporal_score().value(),
                environmental: vector.environmental_score().value(),
            },
            cvss::Cvss::CvssV30(vector) | cvss::Cvss::CvssV31(vector) => Self {
                version,
                base: vector.base_score().value(),
                temporal: vector.temporal_score().value(),
                environmental: vector.environmental_score().value(),
            },
            other => {
                let score = other.score();
                Self { version, base: score, temporal: score, environmental: score }
            }
        })
    }
}

/// The rating of a score by the scale of its version.
pub fn rating(version: &str, score: f64) -> Severity {
    let grave = if version.starts_with('2') { Severity::High } else { Severity::Critical };
    match score {
        score if score >= 9.0 => grave,
        score if score >= 7.0 => Severity::High,
        score if score >= 4.0 => Severity::Medium,
        score if score > 0.0 => Severity::Low,
        0.0 => {
            if version.starts_with('2') {
                Severity::Low
            } else {
                Severity::Negligible
            }
        }
        _ => Severity::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores(vector: &str) -> (&'static str, f64, f64, f64) {
        let Scores { version, base, temporal, environmental } = vector.parse().unwrap();
        (version, base, temporal, environmental)
    }

    #[test]
    fn the_worked_examples_of_the_specifications_hold() {
        for (vector, expected) in [
            ("AV:N/AC:L/Au:N/C:N/I:N/A:C", ("2.0", 7.8, 7.8, 7.8)),
            ("AV:N/AC:L/Au:N/C:N/I:N/A:C/E:F/RL:OF/RC:C", ("2.0", 7.8, 6.4, 6.4)),
            (
                "(AV:N/AC:L/Au:N/C:N/I:N/A:C/E:F/RL:OF/RC:C/CDP:H/TD:H/CR:M/IR:M/AR:H)",
                ("2.0", 7.8, 6.4, 9.2),
            ),
            ("CVSS:2.0/AV:L/AC:H/Au:N/C:C/I:C/A:C", ("2.0", 6.2, 6.2, 6.2)),
            ("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", ("3.0", 9.8, 9.8, 9.8)),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:U/RL:O/RC:U", ("3.1", 9.8, 7.8, 7.8)),
            (
                "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
                ("4.0", 9.3, 9.3, 9.3),
            ),
        ] {
            assert_eq!(scores(vector), expected, "{vector}");
        }
    }

    #[test]
    fn what_is_no_whole_vector_has_no_score() {
        for text in [
            "",
            "9.8",
            "CVSS:3.1",
            "CVSS:3.2/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            "CVSS:3.1/AV:N/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        ] {
            assert!(matches!(text.parse::<Scores>(), Err(CvssError::Vector(_))), "{text}");
        }
        for (text, missing) in [
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H", "A"),
            ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N", "SA"),
        ] {
            let error = text.parse::<Scores>().unwrap_err();
            assert!(
                matches!(error, CvssError::Incomplete { metric, .. } if metric == missing)
                    || matches!(error, CvssError::Vector(_)),
                "{text}: {error}"
            );
        }
    }

    #[test]
    fn ratings_are_those_of_the_version() {
        let names = |version| {
            [0.0, 0.1, 3.9, 4.0, 6.9, 7.0, 8.9, 9.0, 10.0]
                .map(|score| rating(version, score).name())
        };
        assert_eq!(
            names("3.1"),
            [
                "negligible",
                "low",
                "low",
                "medium",
                "medium",
                "high",
                "high",
                "critical",
                "critical"
            ]
        );
        assert_eq!(names("2.0")[0], "low");
        assert_eq!(names("2.0")[8], "high");
        assert_eq!(rating("3.1", f64::NAN), Severity::Unknown);
    }
}
