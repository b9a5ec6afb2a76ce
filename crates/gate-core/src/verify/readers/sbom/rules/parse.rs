//! From a table in the rule language to the rules of one version.
//!
//! ```text
//! pattern NAME REGEX
//! enum NAME
//!   VALUE VALUE@4- ...                a `~` is a space
//! object NAME [closed[@VERSIONS] | closed~] [is KIND] [abstract]     `~`: but for `@x` and `x:y`
//!   FIELD[!] TYPE [>CAPTURE] [@VERSIONS]      `!`: must be there
//!   * one A B+C | some A B | not A B | only A if B [@VERSIONS]
//! ```
//!
//! Types: `any`, `bool`, `int`, `num`, `text` (with `+minN`, `+maxN`), a format's name, `pat:NAME`,
//! `enum:NAME`, `const:WORD`, `kind:NAME`, an object's name, `[TYPE]` (with `+unique`, `+minN`,
//! `+maxN`, `+alone:FIELD`), `one(T|T)`, `any(T|T)`. A `~` before a type of text: a fault is noted,
//! the document stays valid. Versions: `@2`, `@2-4`, `@5-`, `@2,6-`; without
//! them a line holds for all.

use std::collections::HashMap;

use super::vocabulary::{Vocabulary, capture, wrong};
use super::{Field, List, Object, Rules, TableError, Together, Type, key};

impl Rules {
    /// Reads tables for one version. `captures` are the names that a sink knows.
    pub(in super::super) fn parse(
        tables: &[&str],
        version: u8,
        root: &str,
        captures: &[&'static str],
    ) -> Result<Self, TableError> {
        let words = Vocabulary::new(version);
        let mut table = Table { words, captures, objects: vec![] };
        tables.iter().flat_map(|text| text.lines()).try_for_each(|line| table.line(line))?;
        table.finish(root)
    }
}

/// The lines that hold for the version, by what they belong to.
struct Table<'t> {
    words: Vocabulary<'t>,
    captures: &'t [&'static str],
    objects: Vec<Draft<'t>>,
}

/// An object whose lines are not resolved yet.
#[derive(Default)]
struct Draft<'t> {
    name: &'t str,
    closed: bool,
    extensible: bool,
    abstract_: bool,
    parent: Option<&'t str>,
    lines: Vec<Vec<&'t str>>,
}

impl<'t> Table<'t> {
    fn line(&mut self, line: &'t str) -> Result<(), TableError> {
        let mut words: Vec<&str> = line.split_whitespace().collect();
        if self.words.takes(line, &words)? {
            return Ok(());
        }
        if let (false, ["object", name, rest @ ..]) = (line.starts_with(' '), words.as_slice()) {
            let mut draft = Draft { name, ..Draft::default() };
            let mut rest = rest.iter();
            while let Some(word) = rest.next() {
                match *word {
                    "abstract" => draft.abstract_ = true,
                    "is" => draft.parent = rest.next().copied(),
                    "closed~" => (draft.closed, draft.extensible) = (true, true),
                    word => draft.closed = word.starts_with("closed") && self.words.holds(word),
                }
            }
            self.objects.push(draft);
            return Ok(());
        }
        match self.objects.last_mut() {
            Some(draft) if line.starts_with(' ') => {
                if self.words.strip_versions(&mut words) {
                    draft.lines.push(words);
                }
                Ok(())
            }
            _ => wrong(line),
        }
    }

    fn finish(mut self, root: &str) -> Result<Rules, TableError> {
        self.words.close();
        let objects = self.objects.iter().enumerate().map(|(at, draft)| (draft.name, at));
        let scope =
            Scope { words: &self.words, objects: objects.collect(), captures: self.captures };
        let objects: Result<Vec<_>, _> =
            self.objects.iter().map(|draft| scope.object(draft, &self.objects)).collect();
        let Some(&root) = scope.objects.get(root) else { return wrong("no root") };
        Ok(Rules { objects: objects?, root })
    }
}

/// What names in a table mean.
struct Scope<'s> {
    words: &'s Vocabulary<'s>,
    objects: HashMap<&'s str, usize>,
    captures: &'s [&'static str],
}

impl Scope<'_> {
    fn object(&self, draft: &Draft<'_>, drafts: &[Draft<'_>]) -> Result<Object, TableError> {
        let mut object = Object {
            name: draft.name.to_owned(),
            closed: draft.closed,
            extensible: draft.extensible,
            abstract_: draft.abstract_,
            ..Object::default()
        };
        for draft in lineage(draft, drafts)? {
            object.kinds.push(draft.name.to_owned());
            for words in &draft.lines {
                if words[0] != "*" {
                    self.field(words, &mut object)?;
                }
            }
            for words in &draft.lines {
                if let ["*", rule @ ..] = words.as_slice() {
                    object.together.push(together(rule, &object)?);
                }
            }
        }
        match object.fields.len() {
            0..64 => Ok(object),
            _ => wrong(format!("{} has too many fields", object.name)),
        }
    }

    fn field(&self, words: &[&str], object: &mut Object) -> Result<(), TableError> {
        let [name, kind, rest @ ..] = words else { return wrong(words.join(" ")) };
        let capture = capture(rest, self.captures)?;
        let plain = name.strip_suffix('!').unwrap_or(name);
        let field =
            Field { name: plain.to_owned(), key: key(plain), kind: self.kind(kind)?, capture };
        // A kind may narrow what the kind above it allows.
        let known = object.fields.iter().position(|it| it.name == plain);
        let at = known.unwrap_or(object.fields.len());
        if known.is_some() {
            object.fields[at] = field;
        } else {
            object.fields.push(field);
        }
        if plain.len() < name.len() {
            object.required |= 1 << at;
        }
        Ok(())
    }

    fn kind(&self, text: &str) -> Result<Type, TableError> {
        for (prefix, exactly_one) in [("one(", true), ("any(", false)] {
            if let Some(inner) = text.strip_prefix(prefix).and_then(|it| it.strip_suffix(')')) {
                let of: Result<_, _> = split(inner).into_iter().map(|it| self.kind(it)).collect();
                return Ok(Type::Choice { exactly_one, of: of? });
            }
        }
        if let Some((item, options)) = text.strip_prefix('[').and_then(|it| it.rsplit_once(']')) {
            return self.list(item, options);
        }
        if let Some(kind) = self.words.scalar(text)? {
            return Ok(kind);
        }
        Ok(match (text.split_once(':').unwrap_or((text, "")), self.objects.get(text)) {
            (("any", _), _) => Type::Any,
            (("bool", _), _) => Type::Bool,
            (("kind", name), _) => Type::Kind(name.to_owned()),
            (_, Some(&index)) => Type::Object(index),
            _ => return wrong(format!("no type {text}")),
        })
    }

    fn list(&self, item: &str, options: &str) -> Result<Type, TableError> {
        let mut list =
            List { item: self.kind(item)?, unique: false, least: 0, most: usize::MAX, alone: None };
        for option in options.split('+').filter(|option| !option.is_empty()) {
            let size = |prefix: &str| option.strip_prefix(prefix).and_then(|it| it.parse().ok());
            match (size("min"), size("max"), option.strip_prefix("alone:")) {
                (Some(least), _, _) => list.least = least,
                (_, Some(most), _) => list.most = most,
                (_, _, Some(field)) => list.alone = Some(field.to_owned()),
                _ if option == "unique" => list.unique = true,
                _ => return wrong(format!("no list option {option}")),
            }
        }
        Ok(Type::List(Box::new(list)))
    }
}

/// A draft and those that it extends, the furthest first.
fn lineage<'d, 't>(
    draft: &'d Draft<'t>,
    drafts: &'d [Draft<'t>],
) -> Result<Vec<&'d Draft<'t>>, TableError> {
    const DEEPEST: usize = 10;
    let mut line = vec![draft];
    while let Some(parent) = line.last().and_then(|draft| draft.parent) {
        match drafts.iter().find(|draft| draft.name == parent) {
            Some(parent) if line.len() < DEEPEST => line.push(parent),
            _ => return wrong(format!("{} extends no {parent}", draft.name)),
        }
    }
    line.reverse();
    Ok(line)
}

/// Splits alternatives at the outermost bars.
fn split(text: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    text.split(move |letter| {
        match letter {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        letter == '|' && depth == 0
    })
    .collect()
}

fn together(words: &[&str], object: &Object) -> Result<Together, TableError> {
    let bits = |names: &str| {
        names.split('+').try_fold(0, |bits, name| match object.find(name, 0) {
            Some(at) => Ok(bits | 1 << at),
            None => wrong(format!("{} has no {name}", object.name)),
        })
    };
    let all = |names: &[&str]| names.iter().map(|names| bits(names)).collect::<Result<Vec<_>, _>>();
    match words {
        ["one", names @ ..] => Ok(Together::One(all(names)?)),
        ["some", names @ ..] => Ok(Together::Some(all(names)?)),
        ["not", names @ ..] => Ok(Together::Not(all(names)?.into_iter().fold(0, |a, b| a | b))),
        ["only", name, "if", other] => Ok(Together::OnlyIf(bits(name)?, bits(other)?)),
        _ => wrong(words.join(" ")),
    }
}
