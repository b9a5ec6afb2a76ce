//! From bytes to the marks by which formats are told apart: outermost keys, a root element, a first line.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use quick_xml::events::Event;
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::failure::Failure;
use super::json;

/// Outermost keys that are kept: formats have far fewer.
const KEYS: usize = 1_000;

/// What a document shows at its outermost level. Neither file names nor media types are among it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Marks<'a> {
    /// A JSON object.
    Object(Fields),
    /// A JSON array; the fields are those of its first element, none where that is no object.
    Array(Fields),
    /// XML.
    Xml(Root),
    /// Other UTF-8 text.
    Text(&'a str),
}

/// The keys of an object, each with what is told of its value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Fields(BTreeMap<String, Mark>);

/// What is told of a value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum Mark {
    /// A number, a truth value, null or a long text.
    #[default]
    Other,
    /// Short text.
    Text(String),
    /// An object, with its first keys.
    Object(BTreeSet<String>),
    /// An array, with the first keys of its first element where that is an object.
    List(BTreeSet<String>),
}

/// The root element of an XML document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Root {
    /// Its local name.
    pub(super) name: String,
    /// Its namespace; empty where it has none.
    pub(super) namespace: String,
}

impl<'a> Marks<'a> {
    /// Reads the marks of bytes without a byte order mark. JSON is checked to be read alike by
    /// everybody, but for CycloneDX, which is large and whose reader checks while it reads; XML and
    /// text are checked no further.
    pub(super) fn of(bytes: &'a [u8]) -> Result<Self, Failure> {
        let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
        match first {
            None => Err(Failure::malformed("is empty")),
            Some(b'{') => {
                if let Some(head) = sbom_head(bytes) {
                    return Ok(Self::Object(head));
                }
                json::check(bytes)?;
                Ok(Self::Object(fields(bytes)?))
            }
            Some(b'[') => match json::check(bytes) {
                Ok(()) => Ok(Self::Array(fields(bytes)?)),
                // `[section]` begins as an array does.
                Err(failure) => {
                    text(bytes).ok().filter(|text| is_section(text)).map(Marks::Text).ok_or(failure)
                }
            },
            Some(b'<') => Ok(Self::Xml(root(text(bytes)?)?)),
            Some(_) => text(bytes).map(Self::Text),
        }
    }

    /// Whether this is a JSON object with this key.
    pub(super) fn has(&self, key: &str) -> bool {
        matches!(self, Self::Object(fields) if fields.has(key))
    }

    /// Whether this is a JSON object without any other keys.
    pub(super) fn only(&self, keys: &[&str]) -> bool {
        matches!(self, Self::Object(fields) if fields.keys().all(|key| keys.contains(&key)))
    }

    /// The text of this key of a JSON object.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.object()?.text(key)
    }

    /// The fields of a JSON object.
    pub(super) fn object(&self) -> Option<&Fields> {
        match self {
            Self::Object(fields) => Some(fields),
            _ => None,
        }
    }

    /// The fields of the first element of a JSON array.
    pub(super) fn first(&self) -> Option<&Fields> {
        match self {
            Self::Array(fields) => Some(fields),
            _ => None,
        }
    }
}

impl Fields {
    /// Whether the key is there.
    pub(super) fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// The key's value, where it is short text.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        match self.0.get(key)? {
            Mark::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The keys.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether the key's value is an object.
    pub(super) fn is_object(&self, key: &str) -> bool {
        matches!(self.0.get(key), Some(Mark::Object(_)))
    }

    /// Whether the key's value is an array.
    pub(super) fn is_list(&self, key: &str) -> bool {
        matches!(self.0.get(key), Some(Mark::List(_)))
    }

    /// Whether the key's value is an array without a first element that is an object.
    pub(super) fn is_bare_list(&self, key: &str) -> bool {
        matches!(self.0.get(key), Some(Mark::List(keys)) if keys.is_empty())
    }

    /// Whether the key's value is an object with this key among its first, or an array whose first
    /// element is.
    pub(super) fn has_in(&self, key: &str, inner: &str) -> bool {
        matches!(self.0.get(key), Some(Mark::Object(keys) | Mark::List(keys)) if keys.contains(inner))
    }
}

fn text(bytes: &[u8]) -> Result<&str, Failure> {
    std::str::from_utf8(bytes).map_err(|error| {
        Failure::malformed(format!("is not UTF-8 from byte {}", error.valid_up_to()))
    })
}

fn is_section(text: &str) -> bool {
    let line = text.trim_start().lines().next().unwrap_or_default().trim_end();
    // A name stands in it: nested arrays without end are no section.
    let named = line.contains(|letter: char| letter.is_ascii_alphabetic());
    named && line.starts_with('[') && line.ends_with(']') && !line.contains(['{', '"'])
}

/// The first keys of a document that says there that it is CycloneDX, and of which version: a walk
/// over all of a large one would cost as much as reading it. What else such a document may hold at
/// its outermost level is its reader's business.
fn sbom_head(bytes: &[u8]) -> Option<Fields> {
    const LOOKED_AT: usize = 4 << 10;
    let mut head = Fields::default();
    let mut reader = serde_json::Deserializer::from_slice(&bytes[..bytes.len().min(LOOKED_AT)]);
    // The walk ends within the document, or where no more is looked at: never well.
    let _ = reader.deserialize_map(Head(&mut head));
    (head.text("bomFormat") == Some("CycloneDX") && head.has("specVersion")).then_some(head)
}

/// Reads outermost keys until those of CycloneDX have been met.
struct Head<'h>(&'h mut Fields);

impl<'de> Visitor<'de> for Head<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while !(self.0.has("bomFormat") && self.0.has("specVersion")) {
            let Some(key) = members.next_key::<String>()? else { break };
            let mark = members.next_value()?;
            self.0.0.insert(key, mark);
        }
        Ok(())
    }
}

fn fields(bytes: &[u8]) -> Result<Fields, Failure> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    reader
        .deserialize_any(Outermost { nested: false })
        .map_err(|error| Failure::malformed(error.to_string()))
}

/// The first element before the first content, with its namespace resolved.
fn root(text: &str) -> Result<Root, Failure> {
    let mut reader = NsReader::from_str(text);
    loop {
        let (namespace, event) = reader
            .read_resolved_event()
            .map_err(|error| Failure::malformed(format!("is no XML: {error}")))?;
        let namespace = match namespace {
            ResolveResult::Bound(namespace) => namespace.0.to_string(),
            _ => String::new(),
        };
        match event {
            Event::Start(start) | Event::Empty(start) => {
                let name = start.local_name().as_ref().to_string();
                return Ok(Root { name, namespace });
            }
            Event::Eof => return Err(Failure::malformed("is XML without an element")),
            _ => {}
        }
    }
}

/// Reads the outermost keys, and one level further only where the outermost value is an array.
struct Outermost {
    nested: bool,
}

impl<'de> Visitor<'de> for Outermost {
    type Value = Fields;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Fields, A::Error> {
        let mut fields = BTreeMap::new();
        while let Some(key) = members.next_key::<String>()? {
            let mark = members.next_value()?;
            if fields.len() < KEYS {
                fields.insert(key, mark);
            }
        }
        Ok(Fields(fields))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Fields, A::Error> {
        let first =
            if self.nested { None } else { items.next_element_seed(Self { nested: true })? };
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(first.unwrap_or_default())
    }

    fn visit_unit<E>(self) -> Result<Fields, E> {
        Ok(Fields::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Fields, E> {
        Ok(Fields::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Fields, E> {
        Ok(Fields::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Fields, E> {
        Ok(Fields::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Fields, E> {
        Ok(Fields::default())
    }

    fn visit_str<E>(self, _: &str) -> Result<Fields, E> {
        Ok(Fields::default())
    }
}

impl<'de> serde::de::DeserializeSeed<'de> for Outermost {
    type Value = Fields;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Fields, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> serde::Deserialize<'de> for Mark {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MarkVisitor { listed: false })
    }
}

/// Reads what is told of a value; of an array's first element its keys alone.
struct MarkVisitor {
    listed: bool,
}

impl<'de> serde::de::DeserializeSeed<'de> for MarkVisitor {
    type Value = Mark;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Mark, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for MarkVisitor {
    type Value = Mark;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_str<E>(self, text: &str) -> Result<Mark, E> {
        const LONGEST: usize = 300;
        Ok(if text.len() <= LONGEST { Mark::Text(text.to_owned()) } else { Mark::Other })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Mark, A::Error> {
        const KEPT: usize = 100;
        let mut keys = BTreeSet::new();
        while keys.len() < KEPT {
            let Some((key, _)) = members.next_entry::<String, IgnoredAny>()? else { break };
            keys.insert(key);
        }
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Mark::Object(keys))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Mark, A::Error> {
        let first =
            if self.listed { None } else { items.next_element_seed(Self { listed: true })? };
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Mark::List(match first {
            Some(Mark::Object(keys)) => keys,
            _ => BTreeSet::new(),
        }))
    }

    fn visit_unit<E>(self) -> Result<Mark, E> {
        Ok(Mark::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Mark, E> {
        Ok(Mark::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Mark, E> {
        Ok(Mark::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Mark, E> {
        Ok(Mark::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Mark, E> {
        Ok(Mark::Other)
    }
}

#[cfg(test)]
mod tests;
