//! An SBOM while it is read, from whichever format: limits, identifiers, relations, problems.

use std::collections::HashMap;
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
    /// Relations, in document order.
    relations: Vec<(End, End)>,
    /// Those whose `of` is not known yet.
    pending: Vec<End>,
    /// Identifiers of relations that were met before what they name, one behind the other.
    names: String,
    /// What each identifier is of, by its print: a document has very many.
    ids: HashMap<u64, Of, FixedState>,
    licences: Licences,
    more: usize,
    too_many: bool,
}

/// What an identifier is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Component(u32),
    Main,
    /// A service, a file.
    Other,
}

/// An end of a relation: known, or a part of `Draft::names`.
#[derive(Debug, Clone, Copy)]
enum End {
    Known(Of),
    Named(u32, u32),
}

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
            ids: HashMap::default(),
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

    /// The place that the next component will have.
    pub(super) fn next(&self) -> u32 {
        u32::try_from(self.sbom.components.len()).unwrap_or(u32::MAX)
    }

    /// Keeps an identifier; `false` where it is there already.
    pub(super) fn is_new(&mut self, id: &str, of: Of) -> bool {
        self.ids.insert(print(id), of).is_none()
    }

    /// Whether something has this identifier.
    pub(super) fn knows(&self, id: &str) -> bool {
        self.knows_print(print(id))
    }

    /// The same by the print of the identifier.
    pub(super) fn knows_print(&self, print: u64) -> bool {
        self.ids.contains_key(&print)
    }

    /// Notes something that nobody can read, which does not make the document invalid.
    pub(super) fn problem(&mut self, at: &Path<'_>, message: impl Into<String>) {
        const KEPT: usize = 100;
        if self.sbom.problems.len() >= KEPT {
            self.more += 1;
            return;
        }
        let place = at.to_string();
        self.sbom.problems.push(Located { place, message: message.into() });
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
        let end = self.end(on);
        self.pending.extend(end);
    }

    /// Says what the identifiers noted since the last time belong to.
    pub(super) fn relate(&mut self, of: &str) {
        if let Some(of) = (!self.pending.is_empty()).then(|| self.next_end(of)).flatten() {
            self.relations.extend(self.pending.drain(..).map(|on| (of, on)));
        }
        self.pending.clear();
    }

    /// The same as `end`; tools write relations in the order of their components, so the one behind
    /// the last is looked at first.
    fn next_end(&mut self, name: &str) -> Option<End> {
        let last = self.relations.last().map(|(of, _)| *of);
        let next = match last {
            Some(End::Known(Of::Component(at))) => at.saturating_add(1),
            _ => 0,
        };
        let component = self.sbom.components.get(next as usize);
        if component.is_some_and(|component| component.id.as_deref() == Some(name)) {
            return Some(End::Known(Of::Component(next)));
        }
        self.end(name)
    }

    /// Makes room for the components of a document of this size.
    pub(super) fn expect(&mut self, bytes: usize) {
        const USUAL: usize = 512;
        self.sbom.components.reserve_exact((bytes / USUAL).min(limits::COMPONENTS));
    }

    fn end(&mut self, name: &str) -> Option<End> {
        if let Some(of) = self.ids.get(&print(name)) {
            return Some(End::Known(*of));
        }
        let from = u32::try_from(self.names.len()).ok()?;
        self.names.push_str(name);
        Some(End::Named(from, u32::try_from(self.names.len()).ok()?))
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
        self.sbom.components.shrink_to_fit();
        if self.more > 0 {
            let message = format!("and {} more problems", self.more);
            self.sbom.problems.push(Located { place: String::new(), message });
        }
        Ok(self.sbom)
    }

    fn resolved(&self) -> (Vec<Dependency>, Vec<String>) {
        let mut missing = vec![];
        let mut lists: Vec<Dependency> = vec![];
        // One place for each component's list, and the last for that of the main one.
        let count = self.sbom.components.len();
        let mut places: Vec<u32> = match self.relations.len() {
            0 => vec![],
            _ => vec![u32::MAX; count + 1],
        };
        for (of, on) in &self.relations {
            let ends = [of, on].map(|end| self.of(*end).map_err(|name| missing.push(name)));
            let [Ok(of), Ok(Of::Component(on))] = ends else { continue };
            let (slot, of) = match of {
                Of::Component(at) => (at as usize, Some(at)),
                Of::Main => (count, None),
                Of::Other => continue,
            };
            let Some(place) = places.get_mut(slot) else { continue };
            if *place == u32::MAX {
                *place = u32::try_from(lists.len()).unwrap_or(u32::MAX);
                lists.push(Dependency { of, on: vec![] });
            }
            if let Some(list) = lists.get_mut(*place as usize)
                && !(list.on.len() < 50 && list.on.contains(&on))
            {
                list.on.push(on);
            }
        }
        missing.dedup();
        (lists, missing)
    }

    /// What an end is of; else the name that nothing has.
    fn of(&self, end: End) -> Result<Of, String> {
        match end {
            End::Known(of) => Ok(of),
            End::Named(from, to) => {
                let name = self.names.get(from as usize..to as usize).unwrap_or_default();
                self.ids.get(&print(name)).copied().ok_or_else(|| name.to_owned())
            }
        }
    }
}

/// A number for an identifier. Two that share one make a document that seems to repeat itself, or
/// to relate the wrong components of its own: nobody else is harmed by what it says of itself.
pub(super) fn print(id: &str) -> u64 {
    FixedState::with_seed(11).hash_one(id)
}
