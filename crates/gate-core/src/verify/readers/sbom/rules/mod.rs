//! The rules of one version of a format: which members an object may have, must have and may not
//! have together, and what their values are.
//!
//! The tables beside each format are written in the small language that `parse` reads; `check` walks
//! a document along them once, and hands what is marked with `>name` to a [`Sink`] on the way.

mod check;
mod choice;
mod met;
mod node;
mod parse;
mod path;
mod run;
mod text;
mod value;
mod vocabulary;

use regex::Regex;

pub(super) use check::{check_json, check_value};
pub(super) use path::Path;
pub(super) use run::{Nobody, Run, Sink};
use text::Format;
pub(super) use value::{read as read_value, read_text};
pub(super) use vocabulary::{TableError, Vocabulary, capture, wrong};

/// The rules of one version of one format.
#[derive(Debug)]
pub(super) struct Rules {
    objects: Vec<Object>,
    /// The document itself; index into `objects`.
    root: usize,
}

/// An object type.
#[derive(Debug, Default)]
struct Object {
    name: String,
    fields: Vec<Field>,
    /// Whether members that are not among the fields are forbidden.
    closed: bool,
    /// Unless their names are keywords of JSON-LD or have a namespace of their own.
    extensible: bool,
    /// The fields that must be there, as bits.
    required: u64,
    together: Vec<Together>,
    /// The kinds that it is, where objects are told apart by a member.
    kinds: Vec<String>,
    /// Whether only its sub-kinds may stand in a document.
    abstract_: bool,
}

/// A member.
#[derive(Debug, Clone)]
struct Field {
    name: String,
    /// Its length and first bytes: most names differ there.
    key: u64,
    kind: Type,
    /// The name under which a sink learns of it.
    capture: Option<&'static str>,
}

/// Which members may or must stand together; each alternative is a set of bits.
#[derive(Debug, Clone)]
enum Together {
    /// Exactly one alternative is complete.
    One(Vec<u64>),
    /// At least one is complete.
    Some(Vec<u64>),
    /// Not all of these.
    Not(u64),
    /// The first only where the second is `true`.
    OnlyIf(u64, u64),
}

/// What a value is.
#[derive(Debug, Clone)]
pub(super) enum Type {
    Any,
    Text(Text),
    Bool,
    Number {
        whole: bool,
        least: Option<f64>,
        most: Option<f64>,
    },
    List(Box<List>),
    /// Index into the objects.
    Object(usize),
    /// One of several: of exactly one, or of at least one.
    Choice {
        exactly_one: bool,
        of: Vec<Type>,
    },
    /// An object whose type its own `type` member names, as far as it is of this kind.
    Kind(String),
}

/// Text.
#[derive(Debug, Clone)]
pub(super) struct Text {
    rule: Rule,
    least: usize,
    most: usize,
    /// Whether a fault is noted only: the schema is silent, the specification is not.
    lenient: bool,
}

/// What text must look like.
#[derive(Debug, Clone)]
enum Rule {
    Free,
    /// One of these, sorted.
    Enum(std::sync::Arc<[String]>),
    Pattern(Regex),
    Format(Format),
    /// A number, as XML writes it.
    Number {
        whole: bool,
        least: Option<f64>,
        most: Option<f64>,
    },
}

/// A list.
#[derive(Debug, Clone)]
pub(super) struct List {
    item: Type,
    unique: bool,
    least: usize,
    most: usize,
    /// An item that has this member must be the only one.
    alone: Option<String>,
}

/// A number that two names of fewer than eight bytes share only where they are the same.
fn key(name: &str) -> u64 {
    let first = name.bytes().take(7).fold(0, |key, byte| key << 8 | u64::from(byte));
    first | (name.len() as u64) << 56
}

impl Object {
    /// The field of this name. Tools write members in the order of their format, so the search
    /// begins behind the field that was found last.
    fn find(&self, name: &str, from: usize) -> Option<usize> {
        let count = self.fields.len();
        let (before, behind) = self.fields.split_at(from.min(count));
        let key = key(name);
        let is = |field: &Field| field.key == key && (name.len() < 8 || field.name == name);
        let at = |fields: &[Field]| fields.iter().position(is);
        at(behind).map(|index| index + before.len()).or_else(|| at(before))
    }

    /// Whether a member that is not among the fields is forbidden.
    fn forbids(&self, name: &str) -> bool {
        self.closed && !(self.extensible && (name.starts_with('@') || name.contains(':')))
    }

    fn names_of(&self, bits: u64) -> String {
        let names = self.fields.iter().enumerate();
        let names = names.filter(|(at, _)| bits & (1 << at) != 0).map(|(_, field)| &*field.name);
        let names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
        names.join(" and ")
    }
}
