//! From JSON values of the loose types that tools write to text, numbers, lists and instants.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::{Digest, Timestamp};

/// The text of a value that tools write as text, number or truth value; none of null, of an empty
/// text and of what has no text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Text(Option<String>);

impl Text {
    pub(super) fn get(self) -> Option<String> {
        self.0
    }

    pub(super) fn or_empty(self) -> String {
        self.0.unwrap_or_default()
    }

    /// This text, or the other where there is none.
    pub(super) fn or(self, other: Self) -> Self {
        Self(self.0.or(other.0))
    }

    pub(super) fn as_str(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }

    /// The same as an instant.
    pub(super) fn instant(&self) -> Option<Timestamp> {
        instant(self.as_str())
    }

    /// The same as a number.
    pub(super) fn number(&self) -> Option<f64> {
        self.0.as_deref()?.trim().parse().ok().filter(|number: &f64| number.is_finite())
    }

    /// The same as a whole number.
    pub(super) fn whole(&self) -> Option<u64> {
        self.0.as_deref()?.trim().parse().ok()
    }

    /// Whether it is the truth value `true`, however it is written.
    pub(super) fn is_true(&self) -> bool {
        self.0.as_deref().is_some_and(|text| text.eq_ignore_ascii_case("true"))
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(Some(text.to_owned()).filter(|text| !text.is_empty()))
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text, a number or a truth value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Text, E> {
        Ok(Text::from(text))
    }

    fn visit_string<E>(self, text: String) -> Result<Text, E> {
        Ok(Text(Some(text).filter(|text| !text.is_empty())))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Text, E> {
        Ok(Text(Some(value.to_string())))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Text, E> {
        Ok(Text(Some(number.to_string())))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Text, E> {
        Ok(Text(Some(number.to_string())))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Text, E> {
        Ok(Text(Some(number.to_string())))
    }

    fn visit_unit<E>(self) -> Result<Text, E> {
        Ok(Text(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Text, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Text(None))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Text, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Text(None))
    }
}

/// A list; null is an empty one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct List<T>(pub(super) Vec<T>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(vec![])
    }
}

impl<T> IntoIterator for List<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::<Vec<T>>::deserialize(deserializer).map(|list| Self(list.unwrap_or_default()))
    }
}

/// The members of an object in order of their keys; null and an empty array are an empty one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Members<T>(pub(super) BTreeMap<String, T>);

impl<T> Default for Members<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Members<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for MembersVisitor<T> {
            type Value = Members<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_unit<E>(self) -> Result<Members<T>, E> {
                Ok(Members::default())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Members<T>, A::Error> {
                match items.next_element::<IgnoredAny>()? {
                    None => Ok(Members::default()),
                    Some(_) => Err(serde::de::Error::custom("an array where an object is due")),
                }
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Members<T>, A::Error> {
                let mut map = BTreeMap::new();
                while let Some((key, value)) = members.next_entry()? {
                    map.insert(key, value);
                }
                Ok(Members(map))
            }
        }

        deserializer.deserialize_any(MembersVisitor(PhantomData))
    }
}

/// One value or a list of them, read as it comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OneOrMany<T>(pub(super) Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrManyVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for OneOrManyVisitor<T> {
            type Value = OneOrMany<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object or an array of objects")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<OneOrMany<T>, A::Error> {
                let mut list = vec![];
                while let Some(item) = items.next_element()? {
                    list.push(item);
                }
                Ok(OneOrMany(list))
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<OneOrMany<T>, A::Error> {
                let one = T::deserialize(MapAccessDeserializer::new(members))?;
                Ok(OneOrMany(vec![one]))
            }
        }

        deserializer.deserialize_any(OneOrManyVisitor(PhantomData))
    }
}

/// Whether a JSON document is an array.
pub(super) fn is_array(bytes: &[u8]) -> bool {
    bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[')
}

/// An instant in the spellings of tools: RFC 3339, without a zone (then UTC), with a blank for the
/// `T`, with `+0000`. The zero time of Go is none.
pub(super) fn instant(text: &str) -> Option<Timestamp> {
    const LONGEST: usize = 40;
    let text = text.trim();
    if text.is_empty() || text.len() > LONGEST || !text.is_ascii() || text.starts_with("0001-01-01")
    {
        return None;
    }
    let text = text.trim_end_matches(" UTC").replacen(' ', "T", 1);
    if let Ok(time) = text.parse() {
        return Some(time);
    }
    let zone = text.rfind(['+', '-']).filter(|at| *at > 10);
    let spelled = match zone {
        Some(at) if text.len() == at + 5 => format!("{}:{}", &text[..at + 3], &text[at + 3..]),
        None => format!("{text}Z"),
        Some(_) => return None,
    };
    spelled.parse().ok()
}

/// The digest that an image reference pins: what follows the `@`.
pub(super) fn pinned(reference: &str) -> Option<Digest> {
    reference.rsplit_once('@')?.1.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn text(value: serde_json::Value) -> Option<String> {
        serde_json::from_value::<Text>(value).unwrap().get()
    }

    #[test]
    fn text_is_read_from_what_has_text() {
        assert_eq!(text(json!("a")), Some("a".to_owned()));
        assert_eq!(text(json!(7)), Some("7".to_owned()));
        assert_eq!(text(json!(7.5)), Some("7.5".to_owned()));
        assert_eq!(text(json!(true)), Some("true".to_owned()));
        for none in [json!(null), json!(""), json!([1]), json!({"a": 1})] {
            assert_eq!(text(none), None);
        }
    }

    #[test]
    fn null_is_an_empty_list_and_a_text_is_none() {
        let list = |value| serde_json::from_value::<List<Text>>(value).map(|list| list.0.len());
        assert_eq!((list(json!(null)).unwrap(), list(json!(["a", 1])).unwrap()), (0, 2));
        assert!(list(json!("a")).is_err() && list(json!({"a": 1})).is_err());
        let members = |value| serde_json::from_value::<Members<Text>>(value).map(|it| it.0.len());
        assert_eq!((members(json!([])).unwrap(), members(json!({"a": 1})).unwrap()), (0, 1));
        assert!(members(json!(["a"])).is_err());
        let many = |value| serde_json::from_value::<OneOrMany<Members<Text>>>(value);
        assert_eq!(many(json!([{}, {}])).unwrap().0.len(), 2);
        assert_eq!(many(json!({"a": 1})).unwrap().0[0].0.len(), 1);
        assert!(many(json!("a")).is_err() && is_array(b" [") && !is_array(b"{[") && !is_array(b""));
    }

    #[test]
    fn instants_are_read_in_the_spellings_of_tools() {
        for (text, time) in [
            ("2026-11-23T09:00:00+01:00", "2026-11-23T08:00:00Z"),
            ("2026-11-23T08:00:00", "2026-11-23T08:00:00Z"),
            ("2026-11-23 08:00:00.25", "2026-11-23T08:00:00.25Z"),
            ("2026-11-23T09:00:00+0100", "2026-11-23T08:00:00Z"),
            ("2026-11-23T03:00:00-0500", "2026-11-23T08:00:00Z"),
        ] {
            assert_eq!(instant(text).unwrap().to_string(), time, "{text}");
        }
        for none in ["", "0001-01-01T00:00:00Z", "yesterday", "2026-11-23", "12:00.0", "é"] {
            assert_eq!(instant(none), None, "{none}");
        }
    }
}
