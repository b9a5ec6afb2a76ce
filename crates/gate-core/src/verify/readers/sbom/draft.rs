//! An SBOM while it is read, from whichever format: limits, identifiers, relations, problems.

use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use super::licence::Licences;
use super::purl;
use super::rules::Path;
use crate::facts::{Component, Dependency, Located, Sbom};
use crate::limits;
use crate::reason::Problem;
use crate::verify::failure::Failure;

/// What has been read so far.
pub(super) struct Draft {
    pub(super) sbom: Sbom,
    /// Relations by identifier, in document order: `of`, `on`.
    relations: Vec<(Span, Span)>,
    /// Those whose `of` is not known yet.
    pending: Vec<Span>,
    /// The identifiers of relations, one behind the other.
    names: String,
    /// Prints of the identifiers so far.
    ids: HashSet<u64, FixedState>,
    licences: Licences,
    more: usize,
    too_many: bool,
}

/// A part of `Draft::names`.
type Span = (u32, u32);

impl Draft {
    pub(super) fn new(format: &str) -> Self {
        let sbom = Sbom {
            format: format.to_owned(),
            version: String::new(),
            serial: None,
            created_at: None,
            tools: vec![],
            main: None,
            components: vec![],
            dependencies: vec![],
            problems: vec![],
        };
        Self {
            sbom,
            relations: vec![],
            pending: vec![],
            names: String::new(),
            ids: HashSet::default(),
            licences: Licences::default(),
            more: 0,
            too_many: false,
        }
    }

    /// Adds a component; `false` where there are too many.
    pub(super) fn add(&mut self, component: Component) -> bool {
        self.too_many |= self.sbom.components.len() == limits::COMPONENTS;
        if !self.too_many {
            self.sbom.components.push(component);
        }
        !self.too_many
    }

    /// Whether this identifier is new.
    pub(super) fn is_new(&mut self, id: &str) -> bool {
        let print = FixedState::with_seed(11).hash_one(id);
        self.ids.insert(print)
    }

    /// Whether something has this identifier.
    pub(super) fn knows(&self, id: &str) -> bool {
        self.knows_print(FixedState::with_seed(11).hash_one(id))
    }

    /// The same by the print of the identifier.
    pub(super) fn knows_print(&self, print: u64) -> bool {
        self.ids.contains(&print)
    }

    /// Notes something that nobody can read, which does not make the document invalid.
    pub(super) fn problem(&mut self, at: &Path<'_>, message: impl Into<String>) {
        const KEPT: usize = 100;
        match self.sbom.problems.len() {
            KEPT.. => self.more += 1,
            _ => {
                let place = at.to_string();
                self.sbom.problems.push(Located { place, message: message.into() });
            }
        }
    }

    /// A package URL, in its one spelling where it has one.
    pub(super) fn purl(&mut self, text: &str, at: &Path<'_>) -> Option<String> {
        if text.is_empty() {
            return None;
        }
        Some(purl::normalise(text).unwrap_or_else(|error| {
            self.problem(at, format!("is no package URL: {error}"));
            text.to_owned()
        }))
    }

    /// Notes a licence expression that cannot be read.
    pub(super) fn expression(&mut self, text: &str, at: &Path<'_>) {
        if let Err(error) = self.licences.check(text) {
            self.problem(at, format!("is no licence expression: {error}"));
        }
    }

    /// Notes a time; one without a zone is no instant.
    pub(super) fn created(&mut self, text: &str, at: &Path<'_>) {
        match text.parse() {
            Ok(time) => self.sbom.created_at = Some(time),
            Err(_) => self.problem(at, "is no instant: it has no zone"),
        }
    }

    /// Notes an identifier that something depends on or contains; `relate` says what.
    pub(super) fn on(&mut self, on: &str) {
        let span = self.span(on);
        self.pending.extend(span);
    }

    /// Says what the identifiers noted since the last time belong to.
    pub(super) fn relate(&mut self, of: &str) {
        if let Some(of) = (!self.pending.is_empty()).then(|| self.span(of)).flatten() {
            self.relations.extend(self.pending.drain(..).map(|on| (of, on)));
        }
        self.pending.clear();
    }

    fn name(&self, (from, to): Span) -> &str {
        self.names.get(from as usize..to as usize).unwrap_or_default()
    }

    fn span(&mut self, name: &str) -> Option<Span> {
        let from = u32::try_from(self.names.len()).ok()?;
        self.names.push_str(name);
        Some((from, u32::try_from(self.names.len()).ok()?))
    }

    /// Resolves relations and closes the SBOM.
    pub(super) fn finish(mut self) -> Result<Sbom, Failure> {
        if self.too_many {
            return Err(Failure::new(
                Problem::EvidenceTooLarge,
                format!("the SBOM has more than {} components", limits::COMPONENTS),
            ));
        }
        let (dependencies, missing) = self.resolved();
        for name in missing.iter().take(20) {
            self.problem(&Path::Root, format!("depends on `{name}`, which is not in the document"));
        }
        self.sbom.dependencies = dependencies;
        if self.more > 0 {
            let message = format!("and {} more problems", self.more);
            self.sbom.problems.push(Located { place: String::new(), message });
        }
        Ok(self.sbom)
    }

    fn resolved(&self) -> (Vec<Dependency>, Vec<String>) {
        if self.relations.is_empty() {
            return (vec![], vec![]);
        }
        let places = (0_u32..).zip(&self.sbom.components);
        let mut places: HashMap<&str, Option<u32>, FixedState> =
            places.filter_map(|(at, it)| Some((it.id.as_deref()?, Some(at)))).collect();
        if let Some(id) = self.sbom.main.as_ref().and_then(|main| main.id.as_deref()) {
            places.entry(id).or_insert(None);
        }
        let mut lists: Vec<Dependency> = vec![];
        let mut known: HashMap<Option<u32>, usize, FixedState> = HashMap::default();
        let mut missing = vec![];
        for &(of, on) in &self.relations {
            let (of, on) = (self.name(of), self.name(on));
            if let Some(name) = [of, on].into_iter().find(|name| !self.knows(name)) {
                missing.push(name.to_owned());
            }
            // A service or a file is no component.
            let (Some(&of), Some(&Some(on))) = (places.get(of), places.get(on)) else { continue };
            let list = *known.entry(of).or_insert_with(|| {
                lists.push(Dependency { of, on: vec![] });
                lists.len() - 1
            });
            if !lists[list].on.contains(&on) {
                lists[list].on.push(on);
            }
        }
        missing.dedup();
        (lists, missing)
    }
}
