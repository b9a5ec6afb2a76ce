//! One walk over a document: what it found wrong, and who is told what it met.

use super::path::Path;
use crate::facts::Located;

/// Learns of the values that the rules mark, in document order.
pub(in super::super) trait Sink {
    /// An object begins; `false` ends the walk.
    fn enter(&mut self, what: &'static str, at: &Path<'_>) -> bool;
    /// The object that began last ends.
    fn leave(&mut self, what: &'static str, at: &Path<'_>);
    /// Text.
    fn text(&mut self, what: &'static str, text: &str, at: &Path<'_>);
}

/// Nobody is told.
pub(in super::super) struct Nobody;

impl Sink for Nobody {
    fn enter(&mut self, _: &'static str, _: &Path<'_>) -> bool {
        true
    }

    fn leave(&mut self, _: &'static str, _: &Path<'_>) {}

    fn text(&mut self, _: &'static str, _: &str, _: &Path<'_>) {}
}

/// A walk.
pub(in super::super) struct Run<'s, S> {
    pub(in super::super) sink: &'s mut S,
    /// What is wrong; no more than are worth telling.
    pub(in super::super) places: Vec<Located>,
    /// What is against the specification, but not against its schema.
    pub(in super::super) notes: Vec<Located>,
    /// How much is wrong.
    pub(in super::super) count: usize,
    /// The members of the object that was left last.
    pub(super) last: Last,
    /// Whether the value that was left last is `true`.
    pub(super) truth: bool,
}

/// The object that was left last.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Last {
    pub(super) object: Option<usize>,
    pub(super) seen: u64,
}

impl<'s, S: Sink> Run<'s, S> {
    pub(in super::super) fn new(sink: &'s mut S) -> Self {
        Self { sink, places: vec![], notes: vec![], count: 0, last: Last::default(), truth: false }
    }

    /// Notes something that leaves the document valid.
    pub(super) fn note(&mut self, at: &Path<'_>, message: String) {
        const KEPT: usize = 60;
        if self.notes.len() < KEPT {
            self.notes.push(Located { place: at.to_string(), message });
        }
    }

    /// Notes that something is wrong at a place.
    pub(in super::super) fn wrong(&mut self, at: &Path<'_>, message: impl Into<String>) {
        const KEPT: usize = 60;
        self.count += 1;
        if self.places.len() < KEPT {
            self.places.push(Located { place: at.to_string(), message: message.into() });
        }
    }
}
