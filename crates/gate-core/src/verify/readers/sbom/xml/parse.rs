//! From tables to the rules of one version.

use std::collections::HashMap;

use super::super::rules::{TableError, Type, Vocabulary, capture, wrong};
use super::{Attribute, Child, ElementType, Elements, Kind, Particle, What};

impl Elements {
    /// Reads tables for one version.
    pub(in super::super) fn parse(
        tables: &[&str],
        version: u8,
        root: &str,
        captures: &[&'static str],
    ) -> Result<Self, TableError> {
        let mut words = Vocabulary::new(version);
        let mut drafts: Vec<Draft<'_>> = vec![];
        for line in tables.iter().flat_map(|text| text.lines()) {
            let mut line_words: Vec<&str> = line.split_whitespace().collect();
            if words.takes(line, &line_words)? {
                continue;
            }
            match (line.starts_with(' '), line_words.as_slice(), drafts.last_mut()) {
                (false, ["element", name, rest @ ..], _) => {
                    let says = |what| rest.iter().any(|it| it.starts_with(what) && words.holds(it));
                    let (open, mixed) = (says("open"), says("mixed"));
                    drafts.push(Draft { name, open, mixed, lines: vec![] });
                }
                (true, _, Some(draft)) => {
                    if words.strip_versions(&mut line_words) {
                        draft.lines.push(line_words);
                    }
                }
                _ => return wrong(line),
            }
        }
        words.close();
        let names = drafts.iter().enumerate().map(|(at, draft)| (draft.name, at)).collect();
        let scope = Scope { words: &words, names, captures };
        let types: Result<Vec<_>, _> = drafts.iter().map(|draft| scope.element(draft)).collect();
        match scope.names.get(root) {
            Some(&at) => {
                let root_name = root.to_owned();
                Ok(Self { types: types?, root: Kind::Element(at), root_name })
            }
            None => wrong("no root"),
        }
    }
}

struct Draft<'t> {
    name: &'t str,
    open: bool,
    mixed: bool,
    lines: Vec<Vec<&'t str>>,
}

struct Scope<'s> {
    words: &'s Vocabulary<'s>,
    names: HashMap<&'s str, usize>,
    captures: &'s [&'static str],
}

impl Scope<'_> {
    fn element(&self, draft: &Draft<'_>) -> Result<ElementType, TableError> {
        let mut element =
            ElementType { open: draft.open, mixed: draft.mixed, ..ElementType::default() };
        let mut lines = vec![];
        for words in &draft.lines {
            match words.as_slice() {
                ["=", kind, rest @ ..] => {
                    element.text = Some((self.scalar(kind)?, capture(rest, self.captures)?));
                }
                [name, kind, rest @ ..] if name.starts_with('@') => {
                    let name = &name[1..];
                    let plain = name.strip_suffix('!').unwrap_or(name);
                    element.attributes.push(Attribute {
                        name: plain.to_owned(),
                        kind: self.scalar(kind)?,
                        required: plain.len() < name.len(),
                        capture: capture(rest, self.captures)?,
                    });
                }
                words => lines.push(words),
            }
        }
        let mut lines = lines.into_iter();
        element.content = self.particles(&mut lines)?;
        match lines.next() {
            None => Ok(element),
            Some(_) => wrong(format!("{} closes too much", draft.name)),
        }
    }

    fn scalar(&self, word: &str) -> Result<Type, TableError> {
        match self.words.scalar(word)? {
            Some(kind) => Ok(kind),
            None => wrong(format!("no type {word}")),
        }
    }

    /// The particles up to the next closing brace.
    fn particles<'w>(
        &self,
        lines: &mut dyn Iterator<Item = &'w [&'w str]>,
    ) -> Result<Vec<Particle>, TableError> {
        let mut particles = vec![];
        while let Some(words) = lines.next() {
            let [first, rest @ ..] = words else { continue };
            if *first == "}" {
                break;
            }
            let (name, optional, repeated) = match first.as_bytes() {
                [.., b'?'] => (&first[..first.len() - 1], true, false),
                [.., b'*'] => (&first[..first.len() - 1], true, true),
                [.., b'+'] => (&first[..first.len() - 1], false, true),
                _ => (*first, false, false),
            };
            let what = match (name, rest) {
                ("sequence", ["{"]) => What::Sequence(self.particles(lines)?),
                ("choice", ["{"]) => What::Choice(self.particles(lines)?),
                ("any", []) => What::Other,
                (name, [kind, rest @ ..]) => What::Child(Child {
                    name: name.to_owned(),
                    kind: self.kind(kind)?,
                    capture: capture(rest, self.captures)?,
                }),
                _ => return wrong(words.join(" ")),
            };
            particles.push(Particle { what, optional, repeated });
        }
        Ok(particles)
    }

    fn kind(&self, word: &str) -> Result<Kind, TableError> {
        match (word, self.names.get(word)) {
            ("any", _) => Ok(Kind::Any),
            (_, Some(&index)) => Ok(Kind::Element(index)),
            _ => self.scalar(word).map(Kind::Text),
        }
    }
}
