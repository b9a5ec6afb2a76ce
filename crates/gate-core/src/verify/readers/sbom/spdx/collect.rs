//! From the marked values of an SPDX 2 document to components, and the rules that need more than
//! one place of it: identifiers that are there once, references to what is there, digests as long
//! as their algorithm makes them.

use packageurl::PackageUrl;

use super::super::draft::{Draft, Of, print};
use super::super::purl;
use super::super::rules::{Path, Sink};
use crate::Digest;
use crate::facts::{Component, Located};

/// The names under which the table marks what is kept.
pub(super) const CAPTURES: &[&str] = &[
    "alg",
    "annotation",
    "checksum",
    "content",
    "created",
    "creationInfo",
    "creator",
    "describes",
    "documentId",
    "download",
    "externalDocument",
    "externalId",
    "externalRef",
    "file",
    "from",
    "kind",
    "licence",
    "locator",
    "locatorType",
    "name",
    "note",
    "package",
    "ref",
    "relationship",
    "serial",
    "snippet",
    "spdxVersion",
    "supplier",
    "to",
    "type",
    "version",
];

/// Gathers an SBOM.
pub(super) struct Collector {
    draft: Draft,
    within: Vec<&'static str>,
    /// The texts of a small object, as they come.
    texts: [Option<String>; 3],
    /// Elements that the document says it describes.
    described: Vec<String>,
    /// References that must name something that is there.
    references: Vec<Reference>,
    /// Digests that the notes of a package give, by the package's place.
    noted: Vec<(usize, Digest)>,
    faults: Vec<Located>,
    /// Whether the package says where it was fetched from.
    located: bool,
}

/// A reference, kept small: documents have very many.
struct Reference {
    print: u64,
    list: &'static str,
    index: usize,
}

impl Collector {
    pub(super) fn new() -> Self {
        Self {
            draft: Draft::new("spdx"),
            within: vec![],
            texts: [None, None, None],
            described: vec![],
            references: vec![],
            noted: vec![],
            faults: vec![],
            located: false,
        }
    }

    fn wrong(&mut self, at: &Path<'_>, message: impl Into<String>) {
        const KEPT: usize = 60;
        if self.faults.len() < KEPT {
            self.faults.push(Located { place: at.to_string(), message: message.into() });
        }
    }

    /// What several places together show to be wrong.
    pub(super) fn faults(&mut self, notes: Vec<Located>) -> Vec<Located> {
        self.draft.sbom.problems.extend(notes);
        for reference in std::mem::take(&mut self.references) {
            if !self.draft.knows_print(reference.print) {
                let list = Path::Key(&Path::Root, reference.list);
                let place = Path::Index(&list, reference.index);
                self.draft.problem(&place, "names an element that is not in the document");
            }
        }
        std::mem::take(&mut self.faults)
    }

    /// What nobody can read, so far.
    pub(super) fn problems(&mut self) -> &mut Vec<Located> {
        &mut self.draft.sbom.problems
    }

    /// The draft with its main component, and the artifact digests that this names.
    pub(super) fn close(mut self) -> (Draft, Vec<Digest>) {
        let mut names = vec![];
        self.described.sort_unstable();
        self.described.dedup();
        let sbom = &mut self.draft.sbom;
        let described = |it: &(usize, &Component)| {
            it.1.id.as_ref().is_some_and(|id| self.described.binary_search(id).is_ok())
        };
        let mut main = sbom.components.iter().enumerate().filter(described);
        if let (Some((at, component)), None) = (main.next(), main.next()) {
            names.extend(component.hashes.get("sha-256").and_then(|it| Digest::from_hex(it).ok()));
            names.extend(component.version.as_ref().and_then(|it| it.parse::<Digest>().ok()));
            let purl = component.purl.as_ref().and_then(|it| it.parse::<PackageUrl<'_>>().ok());
            names.extend(purl.and_then(|it| it.version()?.parse::<Digest>().ok()));
            names.extend(self.noted.iter().filter(|(of, _)| *of == at).map(|(_, digest)| *digest));
            sbom.main = Some(component.clone());
        }
        (self.draft, names)
    }

    fn package(&mut self) -> Option<&mut Component> {
        let within = self.within.contains(&"package");
        self.draft.sbom.components.last_mut().filter(|_| within)
    }

    fn in_package(&mut self, what: &str, text: &str, at: &Path<'_>) {
        let stated = !matches!(text, "" | "NOASSERTION" | "NONE");
        match what {
            "licence" if stated => self.draft.expression(text, at),
            "note" => {
                let digest = text.strip_prefix("RepoDigest: ").and_then(|it| it.rsplit_once('@'));
                if let Some(Ok(digest)) = digest.map(|(_, digest)| digest.parse()) {
                    self.noted.push((self.draft.sbom.components.len().saturating_sub(1), digest));
                }
            }
            _ => {}
        }
        let Some(component) = self.package().filter(|_| stated) else { return };
        match what {
            "ref" => component.id = Some(text.to_owned()),
            "name" => text.clone_into(&mut component.name),
            "type" => component.r#type = text.to_lowercase().replace('_', "-"),
            "version" => component.version = Some(text.to_owned()),
            "supplier" => {
                let name = text.split_once(':').map_or(text, |(_, name)| name).trim();
                component.supplier = Some(without_address(name).to_owned());
            }
            "licence" if !component.licences.iter().any(|it| it == text) => {
                component.licences.push(text.to_owned());
            }
            _ => {}
        }
    }

    fn checksum(&mut self, algorithm: &str, digest: &str, at: &Path<'_>) {
        let length = match algorithm {
            "MD2" | "MD4" | "MD5" => Some(32),
            "SHA1" => Some(40),
            "SHA224" => Some(56),
            "SHA256" | "SHA3-256" | "BLAKE2b-256" => Some(64),
            "SHA384" | "SHA3-384" | "BLAKE2b-384" => Some(96),
            "SHA512" | "SHA3-512" | "BLAKE2b-512" => Some(128),
            "ADLER32" => Some(8),
            _ => None,
        };
        let whole = digest.bytes().all(|it| it.is_ascii_hexdigit()) && !digest.is_empty();
        if !whole || length.is_some_and(|length| length != digest.len()) {
            self.wrong(at, format!("is no digest of {algorithm}"));
        }
        if self.within.last() == Some(&"package")
            && let Some(component) = self.package()
        {
            component.hashes.insert(algorithm, digest.to_ascii_lowercase());
        }
    }

    fn locator(&mut self, kind: &str, locator: &str, at: &Path<'_>) {
        if kind != "purl" && !kind.ends_with("#purl") {
            return;
        }
        match purl::normalise(locator) {
            Ok(purl) => {
                if let Some(component) = self.package()
                    && component.purl.is_none()
                {
                    component.purl = Some(purl);
                }
            }
            Err(error) if locator.starts_with("pkg:") => {
                self.wrong(at, format!("is no package URL: {error}"));
            }
            Err(error) => self.draft.problem(at, format!("is no package URL: {error}")),
        }
    }

    fn relationship(&mut self, from: &str, kind: &str, to: &str) {
        match kind {
            "DESCRIBES" | "DESCRIBE" if from == "SPDXRef-DOCUMENT" => {
                self.described.push(to.to_owned());
            }
            "DESCRIBED_BY" if to == "SPDXRef-DOCUMENT" => self.described.push(from.to_owned()),
            "DEPENDS_ON" | "CONTAINS" | "HAS_PREREQUISITE" | "DYNAMIC_LINK" | "STATIC_LINK" => {
                self.relation(from, to);
            }
            "DEPENDENCY_OF"
            | "BUILD_DEPENDENCY_OF"
            | "DEV_DEPENDENCY_OF"
            | "CONTAINED_BY"
            | "OPTIONAL_DEPENDENCY_OF"
            | "PREREQUISITE_FOR"
            | "PROVIDED_DEPENDENCY_OF"
            | "RUNTIME_DEPENDENCY_OF"
            | "TEST_DEPENDENCY_OF" => self.relation(to, from),
            _ => {}
        }
    }

    /// What other documents hold is told by their own.
    fn relation(&mut self, of: &str, on: &str) {
        if of.starts_with("SPDXRef-") && on.starts_with("SPDXRef-") {
            self.draft.on(on);
            self.draft.relate(of);
        }
    }

    fn refer(&mut self, list: &'static str, text: &str, at: &Path<'_>) {
        if text.starts_with("SPDXRef-") {
            let index = match at {
                Path::Key(Path::Index(_, index), _) | Path::Index(_, index) => *index,
                _ => 0,
            };
            self.references.push(Reference { print: print(text), list, index });
        }
    }
}

/// A name without the address in parentheses behind it.
fn without_address(name: &str) -> &str {
    name.split_once(" (").map_or(name, |(name, _)| name).trim_end_matches(" ()")
}

impl Sink for Collector {
    fn enter(&mut self, what: &'static str, _: &Path<'_>) -> bool {
        if what == "package" {
            self.located = false;
            let component = Component { r#type: "package".to_owned(), ..Component::default() };
            if !self.draft.add(component) {
                return false;
            }
        }
        self.texts = [None, None, None];
        self.within.push(what);
        true
    }

    fn leave(&mut self, what: &'static str, at: &Path<'_>) {
        self.within.pop();
        let texts = std::mem::take(&mut self.texts);
        match (what, texts) {
            ("package", _) if !self.located => {
                self.draft.problem(at, "`downloadLocation` is missing");
            }
            ("checksum", [Some(algorithm), Some(digest), _]) => {
                self.checksum(&algorithm, &digest, at);
            }
            ("externalRef", [Some(kind), Some(locator), _]) => self.locator(&kind, &locator, at),
            ("relationship", [Some(from), Some(kind), Some(to)]) => {
                if kind == "DESCRIBE" {
                    self.draft.problem(at, "`DESCRIBE`, as an old Trivy wrote it, is DESCRIBES");
                }
                self.relationship(&from, &kind, &to);
            }
            _ => {}
        }
    }

    fn text(&mut self, what: &'static str, text: &str, at: &Path<'_>) {
        let mut keep = |index: usize| self.texts[index] = Some(text.to_owned());
        match what {
            "alg" | "locatorType" | "from" => keep(0),
            "content" | "locator" | "kind" => keep(1),
            "to" => keep(2),
            _ => {}
        }
        match what {
            "from" | "to" => self.refer("relationships", text, at),
            "describes" => {
                self.refer("documentDescribes", text, at);
                self.described.push(text.to_owned());
            }
            "spdxVersion" => {
                let version = text.strip_prefix("SPDX-").unwrap_or(text);
                version.clone_into(&mut self.draft.sbom.version);
            }
            "download" => self.located = true,
            "serial" => self.draft.sbom.serial = Some(text.to_owned()),
            "created" => self.draft.created(text, at),
            "creator" => {
                if let Some(tool) = text.strip_prefix("Tool:") {
                    self.draft.sbom.tools.push(tool.trim().to_owned());
                }
            }
            "documentId" | "ref" => {
                let of = match self.within.last() {
                    Some(&"package") => Of::Component(self.draft.next().saturating_sub(1)),
                    _ => Of::Other,
                };
                if !self.draft.is_new(text, of) {
                    self.wrong(at, format!("the identifier `{text}` stands twice"));
                }
            }
            _ => {}
        }
        if matches!(self.within.last(), Some(&("package" | "annotation"))) {
            self.in_package(what, text, at);
        }
    }
}
