//! From the marked values of a CycloneDX BOM, of JSON or XML, to components.

use packageurl::PackageUrl;

use super::super::draft::{Draft, Of};
use super::super::rules::{Path, Sink};
use crate::Digest;
use crate::facts::{Component, Located};

/// The names under which the tables mark what is kept.
pub(super) const CAPTURES: &[&str] = &[
    "alg",
    "component",
    "content",
    "created",
    "dependency",
    "expression",
    "group",
    "hash",
    "id",
    "licence",
    "license",
    "list",
    "main",
    "metadata",
    "name",
    "on",
    "property",
    "purl",
    "ref",
    "scope",
    "serial",
    "service",
    "specVersion",
    "supplier",
    "tool",
    "tools",
    "type",
    "value",
    "vendor",
    "version",
];

/// Gathers an SBOM.
pub(super) struct Collector {
    pub(super) draft: Draft,
    /// What the value being read belongs to.
    within: Vec<Within>,
    /// Two texts of one small object: algorithm and digest, name and value, name and version.
    pair: (Option<String>, Option<String>),
    /// The artifact digests that the main component names.
    pub(super) names: Vec<Digest>,
    /// Identifiers that stand twice, where the rules do not know.
    pub(super) faults: Vec<Located>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    Component(usize),
    Main,
    /// A tool, or all of them.
    Tools,
    Tool,
    Service,
    Supplier,
    Hash,
    License,
    Property,
    Dependency,
    /// A dependency within a dependency, as XML writes what it is on.
    DependsOn,
    /// Something whose parts are told apart by their own names.
    Plain,
    /// Components of a tool are none of the subject.
    Ignored,
}

impl Collector {
    pub(super) fn new() -> Self {
        Self {
            draft: Draft::new("cyclonedx"),
            within: vec![],
            pair: (None, None),
            names: vec![],
            faults: vec![],
        }
    }

    /// The component that is being read.
    fn component(&mut self) -> Option<&mut Component> {
        let sbom = &mut self.draft.sbom;
        for within in self.within.iter().rev() {
            match within {
                Within::Component(at) => return sbom.components.get_mut(*at),
                Within::Main => return sbom.main.as_mut(),
                Within::Tools | Within::Tool | Within::Service | Within::Ignored => return None,
                _ => {}
            }
        }
        None
    }

    fn in_tool(&self) -> bool {
        let tool = |it: &Within| matches!(it, Within::Tools | Within::Tool | Within::Ignored);
        self.within.iter().any(tool)
    }

    fn is_main(&self) -> bool {
        let owner = self.within.iter().rev().find(|it| {
            matches!(it, Within::Component(_) | Within::Main | Within::Service)
                || matches!(it, Within::Tools | Within::Tool)
        });
        owner == Some(&Within::Main)
    }

    fn reference(&mut self, text: &str, of: Of, at: &Path<'_>) {
        if !self.draft.is_new(text, of) {
            let message = format!("the identifier `{text}` stands twice");
            self.faults.push(Located { place: at.to_string(), message });
        }
    }

    fn in_component(&mut self, what: &str, text: &str, at: &Path<'_>) {
        let main = self.is_main();
        match what {
            "ref" if main => self.reference(text, Of::Main, at),
            "ref" => {
                let place = self.within.iter().rev().find_map(|it| match it {
                    Within::Component(place) => u32::try_from(*place).ok(),
                    _ => None,
                });
                self.reference(text, place.map_or(Of::Other, Of::Component), at);
            }
            "version" if main => self.names.extend(text.parse::<Digest>().ok()),
            "purl" if main => self.names.extend(digest_of(text)),
            _ => {}
        }
        let purl = if what == "purl" { self.draft.purl(text, at) } else { None };
        let Some(component) = self.component() else { return };
        let some = || (!text.is_empty()).then(|| text.to_owned());
        match what {
            "type" => text.clone_into(&mut component.r#type),
            "name" => text.clone_into(&mut component.name),
            "ref" => component.id = some(),
            "group" => component.group = some(),
            "version" => component.version = some(),
            "scope" => component.scope = some(),
            "purl" => component.purl = purl,
            _ => {}
        }
    }

    fn licence(&mut self, text: String) {
        if let Some(component) = self.component() {
            component.licences.push(text);
        }
    }

    fn hash(&mut self, algorithm: &str, digest: &str) {
        if algorithm == "SHA-256" && self.is_main() {
            self.names.extend(Digest::from_hex(&digest.to_ascii_lowercase()).ok());
        }
        if let Some(component) = self.component() {
            component.hashes.insert(algorithm, digest.to_ascii_lowercase());
        }
    }

    fn property(&mut self, name: &str, value: &str) {
        if name == "aquasecurity:trivy:RepoDigest" && self.is_main() {
            let digest = value.rsplit_once('@').map(|(_, digest)| digest.parse::<Digest>());
            self.names.extend(digest.and_then(Result::ok));
        }
    }
}

/// The digest that is a package URL's version, as Syft and Trivy write it.
fn digest_of(purl: &str) -> Option<Digest> {
    purl.parse::<PackageUrl<'_>>().ok()?.version()?.parse().ok()
}

impl Sink for Collector {
    fn enter(&mut self, what: &'static str, _: &Path<'_>) -> bool {
        let around = self.within.iter().rev().find(|it| **it != Within::Plain).copied();
        let within = match what {
            "component" | "service" if around == Some(Within::Tools) => Within::Tool,
            "component" if self.in_tool() => Within::Ignored,
            "component" => {
                if !self.draft.add(Component::default()) {
                    return false;
                }
                Within::Component(self.draft.sbom.components.len() - 1)
            }
            "main" => {
                self.draft.sbom.main = Some(Component::default());
                Within::Main
            }
            "tools" => Within::Tools,
            "tool" => Within::Tool,
            "service" => Within::Service,
            "supplier" => Within::Supplier,
            "hash" => Within::Hash,
            "license" => Within::License,
            "property" if self.is_main() => Within::Property,
            "property" => Within::Ignored,
            "dependency" if around == Some(Within::Dependency) => Within::DependsOn,
            "dependency" if around == Some(Within::DependsOn) => Within::Ignored,
            "dependency" => Within::Dependency,
            _ => Within::Plain,
        };
        if !matches!(within, Within::Plain | Within::Supplier | Within::DependsOn) {
            self.pair = (None, None);
        }
        self.within.push(within);
        true
    }

    fn leave(&mut self, _: &'static str, _: &Path<'_>) {
        let within = self.within.pop();
        let pair = std::mem::take(&mut self.pair);
        match (within, pair) {
            (Some(Within::Hash), (Some(algorithm), Some(digest))) => self.hash(&algorithm, &digest),
            (Some(Within::License), (id, name)) => {
                if let Some(text) = id.or(name) {
                    self.licence(text);
                }
            }
            (Some(Within::Property), (Some(name), Some(value))) => self.property(&name, &value),
            (Some(Within::Tool | Within::Tools), (Some(name), version)) => {
                let version = version.map(|version| format!(" {version}")).unwrap_or_default();
                self.draft.sbom.tools.push(format!("{name}{version}"));
            }
            (Some(Within::Dependency), (Some(of), _)) => self.draft.relate(&of),
            // Something small within something larger that goes on.
            (_, pair) => self.pair = pair,
        }
    }

    fn text(&mut self, what: &'static str, text: &str, at: &Path<'_>) {
        let first = |it: &mut Self| it.pair.0 = Some(text.to_owned());
        let second = |it: &mut Self| it.pair.1 = Some(text.to_owned());
        match (self.within.last().copied(), what) {
            (None, "specVersion") => text.clone_into(&mut self.draft.sbom.version),
            (None, "serial") => self.draft.sbom.serial = Some(text.to_owned()),
            (Some(Within::Component(_) | Within::Main), _) => self.in_component(what, text, at),
            (Some(Within::Supplier), "name") => {
                if let Some(component) = self.component() {
                    component.supplier = Some(text.to_owned());
                }
            }
            (Some(Within::Hash), "alg")
            | (Some(Within::License), "id")
            | (Some(Within::Dependency), "ref")
            | (Some(Within::Property | Within::Tool | Within::Tools), "name") => first(self),
            (Some(Within::Hash), "content")
            | (Some(Within::License), "name")
            | (Some(Within::Property), "value")
            | (Some(Within::Tool | Within::Tools), "version") => second(self),
            (Some(Within::Service), "ref") => self.reference(text, Of::Other, at),
            (Some(Within::Plain), "expression") => {
                self.draft.expression(text, at);
                self.licence(text.to_owned());
            }
            (Some(Within::Plain), "created") => self.draft.created(text, at),
            (Some(Within::Dependency), "on") | (Some(Within::DependsOn), "ref") => {
                self.draft.on(text);
            }
            _ => {}
        }
    }
}
