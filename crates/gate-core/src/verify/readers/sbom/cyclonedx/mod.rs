//! From a CycloneDX BOM, 1.2 to 1.7, JSON or XML, to components.

mod collect;

use std::sync::OnceLock;

use super::super::{Read, Reading};
use super::rules::{Rules, Run, check_json, read_text};
use super::xml::{Elements, check_xml};
use crate::facts::Located;
use crate::reason::Problem;
use crate::verify::failure::Failure;
use crate::verify::marks::Marks;
use collect::{CAPTURES, Collector};

/// The rules of CycloneDX's JSON.
const TABLES: [&str; 7] = [
    include_str!("tables/document.rules"),
    include_str!("tables/component.rules"),
    include_str!("tables/vulnerability.rules"),
    include_str!("tables/formulation.rules"),
    include_str!("tables/model.rules"),
    include_str!("tables/crypto.rules"),
    include_str!("tables/declarations.rules"),
];

/// The rules of CycloneDX's XML.
const XML_TABLES: [&str; 7] = [
    include_str!("tables/xml-document.rules"),
    include_str!("tables/xml-component.rules"),
    include_str!("tables/xml-vulnerability.rules"),
    include_str!("tables/xml-formulation.rules"),
    include_str!("tables/xml-model.rules"),
    include_str!("tables/xml-crypto.rules"),
    include_str!("tables/xml-declarations.rules"),
];

/// What the namespace of each version begins with.
pub(super) const NAMESPACE: &str = "http://cyclonedx.org/schema/bom/";

/// The versions that are read: `1.2` to `1.7`.
const VERSIONS: std::ops::RangeInclusive<u8> = 2..=7;

/// The minor version of `1.6`, where it is one that is read.
fn minor(version: &str) -> Result<u8, Failure> {
    let minor = version.strip_prefix("1.").and_then(|minor| minor.parse().ok());
    // 1.2 only added to 1.1.
    let minor = minor.map(|minor: u8| if minor == 1 { 2 } else { minor });
    minor.filter(|minor| VERSIONS.contains(minor)).ok_or_else(|| {
        let shown: String = version.chars().take(20).collect();
        Failure::new(
            Problem::EvidenceUnknown,
            format!("CycloneDX `{shown}` is not read: use 1.2 to 1.7"),
        )
    })
}

fn rules(minor: u8) -> Result<&'static Rules, Failure> {
    static RULES: [OnceLock<Option<Rules>>; 6] = [const { OnceLock::new() }; 6];
    let slot = RULES.get(usize::from(minor.saturating_sub(2)));
    let rules = slot.and_then(|slot| {
        slot.get_or_init(|| Rules::parse(&TABLES, minor, "bom", CAPTURES).ok()).as_ref()
    });
    rules.ok_or_else(|| Failure::malformed("its version has no rules"))
}

/// Reads a BOM in JSON.
pub(super) fn read_json(bytes: &[u8], version: &str) -> Result<Read, Failure> {
    let rules = rules(minor(version)?)?;
    let mut collector = Collector::new();
    collector.draft.expect(bytes.len());
    let mut run = Run::new(&mut collector);
    let outcome = check_json(bytes, rules, &mut run);
    let mut places = std::mem::take(&mut run.places);
    places.append(&mut collector.faults);
    finish(collector, outcome, places, version)
}

fn elements(minor: u8) -> Result<&'static Elements, Failure> {
    static ELEMENTS: [OnceLock<Option<Elements>>; 6] = [const { OnceLock::new() }; 6];
    let slot = ELEMENTS.get(usize::from(minor.saturating_sub(2)));
    let elements = slot.and_then(|slot| {
        slot.get_or_init(|| Elements::parse(&XML_TABLES, minor, "bom", CAPTURES).ok()).as_ref()
    });
    elements.ok_or_else(|| Failure::malformed("its version has no rules"))
}

/// Reads a BOM in XML.
pub(super) fn read_xml(bytes: &[u8]) -> Result<Read, Failure> {
    let Marks::Xml(root) = Marks::of(bytes)? else {
        return Err(Failure::malformed("is no XML"));
    };
    let Some(version) = root.namespace.strip_prefix(NAMESPACE) else {
        let shown: String = root.namespace.chars().take(100).collect();
        return Err(Failure::invalid(vec![Located {
            place: String::new(),
            message: format!("the namespace `{shown}` of the root is none of CycloneDX"),
        }]));
    };
    let elements = elements(minor(version)?)?;
    let mut collector = Collector::new();
    version.clone_into(&mut collector.draft.sbom.version);
    let mut run = Run::new(&mut collector);
    let outcome = check_xml(read_text(bytes)?, &root.namespace, elements, &mut run);
    let places = std::mem::take(&mut run.places);
    finish(collector, outcome, places, version)
}

fn finish(
    collector: Collector,
    outcome: Result<(), Failure>,
    places: Vec<Located>,
    version: &str,
) -> Result<Read, Failure> {
    let Collector { draft, names, .. } = collector;
    // Too many components end the walk: that is the reason then.
    let sbom = match (outcome, draft.finish()) {
        (Ok(()), sbom) | (Err(_), sbom @ Err(_)) => sbom?,
        (Err(failure), Ok(_)) => return Err(failure),
    };
    if !places.is_empty() {
        return Err(Failure::invalid(places));
    }
    let version = Some(version.to_owned());
    Ok(Read { names, version, ..Reading::Sbom(sbom).into() })
}

/// The version that a BOM in JSON says it is.
pub(super) fn version_of(bytes: &[u8]) -> Result<String, Failure> {
    let marks = Marks::of(bytes)?;
    match (marks.text("bomFormat"), marks.text("specVersion")) {
        (Some("CycloneDX"), Some(version)) => Ok(version.to_owned()),
        (Some("CycloneDX"), None) => Err(Failure::malformed("`specVersion` is missing")),
        _ => Err(Failure::malformed("`bomFormat` is not CycloneDX")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_can_be_read_at_every_version() {
        for minor in VERSIONS {
            let rules = Rules::parse(&TABLES, minor, "bom", CAPTURES);
            assert!(rules.is_ok(), "1.{minor}: {:?}", rules.err());
            let elements = Elements::parse(&XML_TABLES, minor, "bom", CAPTURES);
            assert!(elements.is_ok(), "1.{minor}: {:?}", elements.err());
        }
    }
}
