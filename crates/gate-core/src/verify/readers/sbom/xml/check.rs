//! One walk over XML along the rules of its format. Document types and entities of one's own are
//! refused: they are how XML reads files and grows without end.

use std::collections::HashSet;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

use super::super::rules::{Path, Run, Sink, Type};
use super::content::{self, Met};
use super::{Attribute, ElementType, Elements, Kind};
use crate::limits;
use crate::verify::failure::Failure;

/// Walks over XML whose root must be of this namespace.
pub(in super::super) fn check_xml<S: Sink>(
    text: &str,
    namespace: &str,
    elements: &Elements,
    run: &mut Run<'_, S>,
) -> Result<(), Failure> {
    let reader = NsReader::from_str(text);
    let mut walk = Walk {
        reader,
        text,
        seen: 0,
        line: 1,
        namespace,
        elements,
        run,
        ids: HashSet::new(),
        next: None,
    };
    walk.document()
}

struct Walk<'w, 's, S> {
    reader: NsReader<&'w [u8]>,
    text: &'w str,
    /// The bytes whose lines have been counted.
    seen: usize,
    line: usize,
    namespace: &'w str,
    elements: &'w Elements,
    run: &'w mut Run<'s, S>,
    /// The values of `bom-ref` so far.
    ids: HashSet<String>,
    /// What was met behind text.
    next: Option<Next<'w>>,
}

/// An element that begins.
struct Open<'w> {
    start: BytesStart<'w>,
    /// Whether it is of the format's namespace.
    own: bool,
    /// Whether it ends where it begins.
    empty: bool,
    line: usize,
}

/// What comes next.
enum Next<'w> {
    Open(Open<'w>),
    Close,
    Text(String),
    End,
}

/// How an element is walked.
#[derive(Clone, Copy)]
struct Place {
    depth: usize,
    capture: Option<&'static str>,
    live: bool,
}

impl<'w, S: Sink> Walk<'w, '_, S> {
    fn document(&mut self) -> Result<(), Failure> {
        let mut rooted = false;
        loop {
            match self.next()? {
                Next::Open(open) => {
                    let local = open.start.local_name();
                    let name: &str = local.as_ref();
                    if rooted {
                        return Err(Failure::malformed("has more than one root element"));
                    }
                    if !open.own || name != self.elements.root_name {
                        self.wrong(
                            open.line,
                            "the root is no element of the format in its namespace",
                        );
                    }
                    rooted = true;
                    let place = Place { depth: 1, capture: None, live: true };
                    self.element(&open, &self.elements.root, place)?;
                }
                Next::Text(text) if !text.trim().is_empty() => {
                    return Err(Failure::malformed("has text outside its root element"));
                }
                Next::End if !rooted => return Err(Failure::malformed("has no element")),
                Next::End => return Ok(()),
                Next::Close | Next::Text(_) => {}
            }
        }
    }

    fn next(&mut self) -> Result<Next<'w>, Failure> {
        if let Some(next) = self.next.take() {
            return Ok(next);
        }
        let mut text = String::new();
        loop {
            let from = usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX);
            let (namespace, event) = self
                .reader
                .read_resolved_event()
                .map_err(|error| Failure::malformed(format!("is no XML: {error}")))?;
            let own = matches!(namespace, ResolveResult::Bound(it) if *it.0 == *self.namespace);
            let line = self.line_at(from);
            let next = match event {
                Event::Start(start) => Next::Open(Open { start, own, empty: false, line }),
                Event::Empty(start) => Next::Open(Open { start, own, empty: true, line }),
                Event::End(_) => Next::Close,
                Event::Eof => Next::End,
                Event::Text(part) => {
                    text.push_str(&part);
                    continue;
                }
                Event::CData(part) => {
                    text.push_str(&part);
                    continue;
                }
                Event::GeneralRef(reference) => {
                    text.push(character(&reference)?);
                    continue;
                }
                Event::DocType(_) => {
                    return Err(Failure::malformed("has a document type, which is not read"));
                }
                Event::Comment(_) | Event::PI(_) | Event::Decl(_) => continue,
            };
            if text.is_empty() {
                return Ok(next);
            }
            self.next = Some(next);
            return Ok(Next::Text(text));
        }
    }

    /// The line of a place, from 1; places only ever grow.
    fn line_at(&mut self, at: usize) -> usize {
        let bytes = self.text.as_bytes();
        let passed = bytes.get(self.seen..at).unwrap_or_default();
        self.line += passed.split(|byte| *byte == b'\n').count() - 1;
        self.seen = self.seen.max(at.min(bytes.len()));
        self.line
    }

    fn wrong(&mut self, line: usize, message: impl Into<String>) {
        self.run.wrong(&Path::Line(line), message);
    }

    fn element(&mut self, open: &Open<'w>, kind: &'w Kind, place: Place) -> Result<(), Failure> {
        if place.depth > limits::NESTING {
            return Err(Failure::malformed(format!("nested more than {} deep", limits::NESTING)));
        }
        match kind {
            Kind::Element(index) => self.typed(open, &self.elements.types[*index], place),
            Kind::Text(kind) => {
                self.attributes(open, &[], false, false)?;
                let text = self.text_of(open, place)?;
                self.scalar(kind, &text, place.capture.filter(|_| place.live), open.line);
                Ok(())
            }
            Kind::Any => self.skip(open, place.depth),
        }
    }

    fn typed(
        &mut self,
        open: &Open<'w>,
        kind: &'w ElementType,
        place: Place,
    ) -> Result<(), Failure> {
        let captured = place.capture.filter(|_| place.live);
        let live = captured.is_some() || place.depth == 1;
        if let Some(capture) = captured
            && !self.run.sink.enter(capture, &Path::Line(open.line))
        {
            return Err(Failure::malformed("too much"));
        }
        self.attributes(open, &kind.attributes, kind.open, live)?;
        if let Some((scalar, capture)) = &kind.text {
            let text = self.text_of(open, place)?;
            self.scalar(scalar, &text, capture.filter(|_| live), open.line);
        } else {
            self.children(open, kind, Place { live, ..place })?;
        }
        if let Some(capture) = captured {
            self.run.sink.leave(capture, &Path::Line(open.line));
        }
        Ok(())
    }

    fn children(
        &mut self,
        open: &Open<'w>,
        kind: &'w ElementType,
        place: Place,
    ) -> Result<(), Failure> {
        let mut met: Vec<Met<'w>> = vec![];
        if open.empty {
            self.stands(open, kind, &[]);
            return Ok(());
        }
        loop {
            let child = match self.next()? {
                Next::Close => break,
                Next::End => return Err(Failure::malformed("ends within an element")),
                Next::Text(text) => {
                    if !text.trim().is_empty() && !kind.mixed {
                        self.wrong(self.line, "has text where the format has elements alone");
                    }
                    continue;
                }
                Next::Open(child) => child,
            };
            let depth = place.depth + 1;
            let line = child.line;
            if !child.own {
                met.push(Met { name: None, line });
                self.skip(&child, depth)?;
                continue;
            }
            let local = child.start.local_name();
            let name: &str = local.as_ref();
            let Some(known) = content::child(&kind.content, name) else {
                let name: String = name.chars().take(80).collect();
                self.wrong(line, format!("`{name}` is no element that the format has here"));
                self.skip(&child, depth)?;
                continue;
            };
            met.push(Met { name: Some(&known.name), line });
            let place = Place { depth, capture: known.capture, live: place.live };
            self.element(&child, &known.kind, place)?;
        }
        self.stands(open, kind, &met);
        Ok(())
    }

    /// Whether the children stand as their parent's type wants them.
    fn stands(&mut self, open: &Open<'w>, kind: &ElementType, met: &[Met<'_>]) {
        if let Err(stray) = content::compare(&kind.content, met) {
            let child = met.get(stray.at);
            let line = child.map_or(open.line, |child| child.line);
            let found = child.map(|child| child.name.unwrap_or("of another namespace"));
            self.wrong(
                line,
                match (stray.missing, found) {
                    (Some(missing), Some(found)) => {
                        format!("{missing} is missing before `{found}`")
                    }
                    (Some(missing), None) => format!("{missing} is missing"),
                    (None, Some(found)) => format!("`{found}` may not stand here"),
                    (None, None) => "an element is missing".to_owned(),
                },
            );
        }
    }

    /// An element of which nothing is known.
    fn skip(&mut self, open: &Open<'w>, depth: usize) -> Result<(), Failure> {
        let mut inside = usize::from(!open.empty);
        while inside > 0 {
            match self.next()? {
                Next::Open(child) if !child.empty => inside += 1,
                Next::Close => inside -= 1,
                Next::End => return Err(Failure::malformed("ends within an element")),
                Next::Open(_) | Next::Text(_) => {}
            }
            if depth + inside > limits::NESTING {
                let words = format!("nested more than {} deep", limits::NESTING);
                return Err(Failure::malformed(words));
            }
        }
        Ok(())
    }

    /// The text of an element that holds nothing else.
    fn text_of(&mut self, open: &Open<'w>, place: Place) -> Result<String, Failure> {
        let mut whole = String::new();
        if open.empty {
            return Ok(whole);
        }
        loop {
            match self.next()? {
                Next::Close => break,
                Next::Text(text) if whole.is_empty() => whole = text,
                Next::Text(text) => whole.push_str(&text),
                Next::Open(child) => {
                    self.wrong(child.line, "an element stands where the format has text alone");
                    self.skip(&child, place.depth + 1)?;
                }
                Next::End => return Err(Failure::malformed("ends within an element")),
            }
        }
        Ok(whole)
    }

    fn scalar(&mut self, kind: &Type, text: &str, capture: Option<&'static str>, line: usize) {
        let trimmed = text.trim();
        if let Type::Text(rule) = kind
            && let Some(fault) = rule.fault(trimmed)
        {
            self.wrong(line, fault);
        }
        if let Some(capture) = capture {
            self.run.sink.text(capture, trimmed, &Path::Line(line));
        }
    }

    fn attributes(
        &mut self,
        open: &Open<'w>,
        known: &'w [Attribute],
        others: bool,
        live: bool,
    ) -> Result<(), Failure> {
        let at = open.line;
        let mut seen = vec![false; known.len()];
        for attribute in open.start.attributes() {
            let malformed = |error: &dyn std::fmt::Display| {
                Failure::malformed(format!("an attribute cannot be read: {error}"))
            };
            let attribute = attribute.map_err(|error| malformed(&error))?;
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|error| malformed(&error))?;
            let key: &str = attribute.key.as_ref();
            match known.iter().position(|it| it.name == key) {
                Some(place) => {
                    seen[place] = true;
                    let capture = known[place].capture.filter(|_| live);
                    self.scalar(&known[place].kind, &value, capture, at);
                    if key == "bom-ref" && !self.ids.insert(value.trim().to_owned()) {
                        self.wrong(at, format!("the identifier `{}` stands twice", value.trim()));
                    }
                }
                None if others || key == "xmlns" || key.contains(':') => {}
                None => {
                    let key: String = key.chars().take(80).collect();
                    self.wrong(at, format!("`{key}` is no attribute that the format has here"));
                }
            }
        }
        for (attribute, seen) in known.iter().zip(seen) {
            if attribute.required && !seen {
                self.wrong(at, format!("the attribute `{}` is missing", attribute.name));
            }
        }
        Ok(())
    }
}

/// The character that a reference stands for.
fn character(reference: &BytesRef<'_>) -> Result<char, Failure> {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return Ok(character);
    }
    let name: &str = reference;
    match name {
        "amp" => Ok('&'),
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        _ => Err(Failure::malformed("uses an entity of its own")),
    }
}
