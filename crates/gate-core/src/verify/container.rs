//! From a file that holds several statements to each of them: JSON Lines, npm's and GitHub's answers,
//! and what `gcloud` prints of an image.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::detect::{Form, detect};
use super::failure::Failure;
use super::json;
use super::marks::Marks;
use crate::limits;
use crate::reason::Problem;

/// What holds several statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Container {
    /// One bundle, envelope or statement a line (in-toto's bundle, cosign's download).
    Lines,
    /// `attestations`, each with its `bundle`: npm's registry and GitHub's API.
    Attestations,
    /// `provenance_summary` of Google's Artifact Registry. What it says beside the envelopes is not
    /// signed and is not read.
    ArtifactRegistry,
}

impl Container {
    /// The container whose marks these are.
    pub(super) fn detect(marks: &Marks<'_>) -> Option<Self> {
        if marks.has("provenance_summary") {
            return Some(Self::ArtifactRegistry);
        }
        (marks.has("attestations") && marks.text("_type").is_none()).then_some(Self::Attestations)
    }

    /// Whether these bytes, which are no single document, are JSON Lines: an object in every line.
    pub(super) fn is_lines(bytes: &[u8]) -> bool {
        let is_object = |line: &[u8]| line.first() == Some(&b'{') && json::check(line).is_ok();
        lines(bytes).nth(1).is_some() && lines(bytes).all(is_object)
    }

    /// Its name in `gate evidence inspect`.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Lines => "json-lines",
            Self::Attestations => "attestations",
            Self::ArtifactRegistry => "artifact-registry-provenance",
        }
    }

    /// The statements in it, in order. Lines that are no statements are left out, as in-toto asks for.
    pub(super) fn parts(self, bytes: &[u8]) -> Result<Vec<&[u8]>, Failure> {
        let parts: Vec<_> = match self {
            Self::Lines => lines(bytes).filter(|line| is_part(line)).collect(),
            Self::Attestations => {
                let all: Attestations<'_> = json::parse(bytes)?;
                all.attestations.iter().map(|it| it.bundle.get().as_bytes()).collect()
            }
            Self::ArtifactRegistry => {
                let all: Described<'_> = json::parse(bytes)?;
                all.provenance_summary
                    .provenance
                    .iter()
                    .map(|it| it.envelope.get().as_bytes())
                    .collect()
            }
        };
        if parts.is_empty() {
            return Err(Failure::new(
                Problem::EvidenceUnknown,
                "holds no statement that Gate reads",
            ));
        }
        if parts.len() > limits::EVIDENCE_COUNT {
            return Err(Failure::new(
                Problem::EvidenceTooLarge,
                format!("holds more than {} statements", limits::EVIDENCE_COUNT),
            ));
        }
        Ok(parts)
    }
}

#[derive(Deserialize)]
struct Attestations<'a> {
    #[serde(borrow)]
    attestations: Vec<Attestation<'a>>,
}

#[derive(Deserialize)]
struct Attestation<'a> {
    #[serde(borrow)]
    bundle: &'a RawValue,
}

#[derive(Deserialize)]
struct Described<'a> {
    #[serde(borrow)]
    provenance_summary: Summary<'a>,
}

#[derive(Deserialize)]
struct Summary<'a> {
    #[serde(borrow)]
    provenance: Vec<Occurrence<'a>>,
}

#[derive(Deserialize)]
struct Occurrence<'a> {
    #[serde(borrow)]
    envelope: &'a RawValue,
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty())
}

fn is_part(line: &[u8]) -> bool {
    matches!(detect(line), Ok((Form::Bundle | Form::Envelope | Form::Statement, _)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Result<(Container, Vec<String>), Failure> {
        match detect(text.as_bytes())? {
            (Form::Several(container), bytes) => {
                let parts = container.parts(bytes)?;
                let text = |part: &[u8]| String::from_utf8_lossy(part).into_owned();
                Ok((container, parts.into_iter().map(text).collect()))
            }
            (form, _) => panic!("{form:?}"),
        }
    }

    const ONE: &str = r#"{"payloadType":"t","payload":"","signatures":[]}"#;

    #[test]
    fn each_statement_is_found() {
        let one = vec![ONE.to_owned()];
        let (container, found) = parts(&format!("{ONE}\n\n{{\"note\":1}}\n{ONE}\n")).unwrap();
        assert_eq!((container, found), (Container::Lines, vec![ONE.to_owned(); 2]));
        let (container, found) =
            parts(&format!(r#"{{"attestations":[{{"predicateType":"t","bundle":{ONE}}}]}}"#))
                .unwrap();
        assert_eq!((container, found), (Container::Attestations, one.clone()));
        let text = format!(
            r#"{{"image_summary":{{}},"provenance_summary":{{"provenance":[{{"build":{{}},"envelope":{ONE}}}]}}}}"#
        );
        assert_eq!(parts(&text).unwrap(), (Container::ArtifactRegistry, one));
    }

    #[test]
    fn a_container_of_nothing_or_of_something_else_is_refused() {
        for text in [
            r#"{"attestations":[]}"#,
            r#"{"attestations":[{"url":"x"}]}"#,
            r#"{"provenance_summary":{"provenance":[]}}"#,
            "{\"a\":1}\n{\"b\":2}\n",
        ] {
            assert!(parts(text).is_err(), "{text}");
        }
        // Broken JSON is no JSON Lines, and one line is a document.
        for broken in ["{\"a\": 1,\n\"b\": }\n", "{}\n{\n", "{}\n[1]\n"] {
            assert!(detect(broken.as_bytes()).is_err(), "{broken}");
        }
        assert!(matches!(detect(ONE.as_bytes()), Ok((Form::Envelope, _))));
    }
}
