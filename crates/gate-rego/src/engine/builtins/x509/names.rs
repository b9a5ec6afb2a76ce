//! The names of issuers and subjects.

use super::der::{OBJECT_ID, Reader, SEQUENCE, SET, object_id};
use super::shape;
use crate::engine::value::Value;

/// Attributes in order: what each is, and its text.
pub(super) struct Name(Vec<(Vec<u64>, String)>);

impl Name {
    /// The name of a whole element.
    pub(super) fn read(whole: &[u8]) -> Option<Self> {
        let mut attributes = Vec::new();
        let mut sets = Reader(whole).sequence()?;
        while !sets.is_empty() {
            let mut set = Reader(sets.take(SET)?);
            while !set.is_empty() {
                let mut attribute = Reader(set.take(SEQUENCE)?);
                let kind = object_id(attribute.take(OBJECT_ID)?)?;
                let value = attribute.next()?;
                attributes.push((kind, text(value.tag, value.content)?));
            }
        }
        Some(Self(attributes))
    }

    fn of(&self, number: u64) -> impl Iterator<Item = &str> {
        let kind = [2, 5, 4, number];
        self.0.iter().filter(move |(found, _)| *found == kind).map(|(_, text)| text.as_str())
    }

    pub(super) fn value(&self) -> Value {
        let texts = |number| shape::list(self.of(number).map(Value::from).collect());
        let last = |number| Value::from(self.of(number).last().unwrap_or_default());
        let names = self.0.iter().map(|(kind, text)| {
            let value = Value::from(text.as_str());
            shape::object([("Type", shape::object_id(kind)), ("Value", value)])
        });
        shape::object([
            ("CommonName", last(3)),
            ("Country", texts(6)),
            ("ExtraNames", Value::Null),
            ("Locality", texts(7)),
            ("Names", shape::list(names.collect())),
            ("Organization", texts(10)),
            ("OrganizationalUnit", texts(11)),
            ("PostalCode", texts(17)),
            ("Province", texts(8)),
            ("SerialNumber", last(5)),
            ("StreetAddress", texts(9)),
        ])
    }
}

/// A text of one of the forms that names may have.
pub(super) fn text(tag: u8, content: &[u8]) -> Option<String> {
    let ascii = |allowed: fn(u8) -> bool| {
        content
            .iter()
            .all(|byte| allowed(*byte))
            .then(|| content.iter().map(|b| *b as char).collect())
    };
    match tag {
        0x0c => String::from_utf8(content.to_vec()).ok(),
        0x12 => ascii(|byte| byte.is_ascii_digit() || byte == b' '),
        // Printable by the letter, and what is in use.
        0x13 => ascii(|byte| byte.is_ascii_alphanumeric() || b" '()+,-./:=?*&".contains(&byte)),
        // T.61, which is taken for Latin-1.
        0x14 => ascii(|_| true),
        0x16 => ascii(|byte| byte.is_ascii()),
        0x1e => {
            let (pairs, rest) = content.as_chunks::<2>();
            let units: Vec<u16> = pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
            let units = units.strip_suffix(&[0]).unwrap_or(&units);
            rest.is_empty().then(|| String::from_utf16(units).ok()).flatten()
        }
        _ => None,
    }
}
