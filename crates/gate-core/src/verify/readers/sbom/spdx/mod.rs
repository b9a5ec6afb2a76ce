//! From an SPDX document, 2.2 to 3.0, to components.

mod collect;
mod tag_value;
mod three;
mod yaml;

use std::sync::OnceLock;

use serde_json::Value;

use super::super::{Read, Reading};
use super::rules::{Path, Rules, Run, check_json, check_value};
use crate::facts::Located;
use crate::reason::Problem;
use crate::verify::failure::Failure;
use crate::verify::marks::Marks;
use collect::{CAPTURES, Collector};

/// How a document is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::verify) enum Syntax {
    Json,
    TagValue,
    Yaml,
    /// SPDX 3.
    JsonLd,
}

impl Syntax {
    pub(super) fn detect(marks: &Marks<'_>) -> Option<Self> {
        let begins = |text: &str, tag: &str| {
            let mut lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
            lines.any(|line| line.starts_with(tag))
        };
        match marks {
            Marks::Object(_) if three::is_context(marks) => Some(Self::JsonLd),
            Marks::Object(_) => marks.has("spdxVersion").then_some(Self::Json),
            Marks::Text(text) if begins(text, "SPDXVersion:") => Some(Self::TagValue),
            Marks::Text(text) if begins(text, "spdxVersion:") => Some(Self::Yaml),
            _ => None,
        }
    }

    pub(super) fn read(self, bytes: &[u8]) -> Result<Read, Failure> {
        match self {
            Self::Json => read_json(bytes),
            Self::TagValue => read_tag_value(bytes),
            Self::Yaml => read_yaml(bytes),
            Self::JsonLd => three::read(bytes),
        }
    }
}

/// The minor version of `SPDX-2.3`, where it is one that is read.
fn minor(version: &str) -> Result<u8, Failure> {
    match version {
        // 2.2 only added to 2.1.
        "SPDX-2.1" | "SPDX-2.2" => Ok(2),
        "SPDX-2.3" => Ok(3),
        _ => {
            let shown: String = version.chars().take(20).collect();
            Err(Failure::new(
                Problem::EvidenceUnknown,
                format!("`{shown}` is not read: use SPDX-2.2, SPDX-2.3 or SPDX 3.0"),
            ))
        }
    }
}

fn rules(minor: u8) -> Result<&'static Rules, Failure> {
    static RULES: [OnceLock<Option<Rules>>; 2] = [const { OnceLock::new() }; 2];
    let slot = RULES.get(usize::from(minor.saturating_sub(2)));
    let tables = [include_str!("v2.rules")];
    let rules = slot.and_then(|slot| {
        slot.get_or_init(|| Rules::parse(&tables, minor, "document", CAPTURES).ok()).as_ref()
    });
    rules.ok_or_else(|| Failure::malformed("its version has no rules"))
}

/// Reads a document in JSON.
fn read_json(bytes: &[u8]) -> Result<Read, Failure> {
    let marks = Marks::of(bytes)?;
    let version = marks.text("spdxVersion").unwrap_or_default();
    let rules = rules(minor(version)?)?;
    let mut collector = Collector::new();
    let mut run = Run::new(&mut collector);
    let outcome = check_json(bytes, rules, &mut run);
    let (places, notes) = (std::mem::take(&mut run.places), std::mem::take(&mut run.notes));
    collector.finish(outcome, places, notes)
}

/// Reads a document in lines of `Tag: value`.
/// The JSON that `Tag: value` lines stand for, for rules about files.
pub(in crate::verify) fn tag_value_json(text: &str) -> Result<Value, String> {
    let document = tag_value::parse(text).map_err(|failure| failure.detail)?;
    match document.faults.first() {
        Some(fault) => Err(fault.to_string()),
        None => Ok(document.value),
    }
}

fn read_tag_value(bytes: &[u8]) -> Result<Read, Failure> {
    let Marks::Text(text) = Marks::of(bytes)? else {
        return Err(Failure::malformed("is no text"));
    };
    let document = tag_value::parse(text)?;
    let (mut collector, mut places, mut notes) = read_value(&document.value)?;
    places.append(&mut collector.faults(vec![]));
    for place in places.iter_mut().chain(&mut notes).chain(collector.problems()) {
        place.place = document.line_of(&place.place);
    }
    places.splice(0..0, document.faults);
    collector.finish(Ok(()), places, notes)
}

/// Reads a document in YAML.
fn read_yaml(bytes: &[u8]) -> Result<Read, Failure> {
    let (collector, places, notes) = read_value(&yaml::parse(bytes)?)?;
    collector.finish(Ok(()), places, notes)
}

/// A collector with what it gathered, what is wrong, and what is noted.
type Gathered = (Collector, Vec<Located>, Vec<Located>);

fn read_value(value: &Value) -> Result<Gathered, Failure> {
    let version = value.get("spdxVersion").and_then(Value::as_str).unwrap_or_default();
    let rules = rules(minor(version)?)?;
    let mut collector = Collector::new();
    let mut run = Run::new(&mut collector);
    check_value(value, "document", &Path::Root, rules, &mut run)?;
    let (places, notes) = (std::mem::take(&mut run.places), std::mem::take(&mut run.notes));
    Ok((collector, places, notes))
}

/// Finishes what a collector gathered.
impl Collector {
    fn finish(
        mut self,
        outcome: Result<(), Failure>,
        mut places: Vec<Located>,
        notes: Vec<Located>,
    ) -> Result<Read, Failure> {
        places.append(&mut self.faults(notes));
        let (draft, names) = self.close();
        let version = draft.sbom.version.clone();
        let sbom = match (outcome, draft.finish()) {
            // Too many components end the walk: that is the reason then.
            (Ok(()), sbom) | (Err(_), sbom @ Err(_)) => sbom?,
            (Err(failure), Ok(_)) => return Err(failure),
        };
        if !places.is_empty() {
            return Err(Failure::invalid(places));
        }
        Ok(Read { names, version: Some(version), ..Reading::Sbom(sbom).into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_can_be_read_at_every_version() {
        for minor in [2, 3] {
            let rules = Rules::parse(&[include_str!("v2.rules")], minor, "document", CAPTURES);
            assert!(rules.is_ok(), "2.{minor}: {:?}", rules.err());
        }
        let rules = Rules::parse(&[three::TABLE], 0, "document", &[]);
        assert!(rules.is_ok(), "3.0: {:?}", rules.err());
    }
}
