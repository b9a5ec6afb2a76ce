//! From bytes to JSON that every reader reads alike: UTF-8, one document, bounded depth, no key twice.

use std::borrow::Cow;
use std::fmt;

use serde::de::{
    Deserialize, DeserializeOwned, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess,
    Visitor,
};

use super::failure::Failure;
use crate::limits;

/// Reads a document that passed [`check`] or is checked here.
pub(super) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    check(bytes)?;
    parse(bytes)
}

/// Reads a document that was checked before.
pub(super) fn parse<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Failure> {
    serde_json::from_slice(bytes).map_err(|error| Failure::malformed(error.to_string()))
}

/// Refuses a document that two readers could read differently: with a key twice in one object (some
/// take the first, some the last, so that one thing is signed and another is read), nested beyond
/// the limit, followed by more, or not in UTF-8.
pub(crate) fn check(bytes: &[u8]) -> Result<(), Failure> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        Failure::malformed(format!("is not UTF-8 from byte {}", error.valid_up_to()))
    })?;
    let mut reader = serde_json::Deserializer::from_str(text);
    Strict { depth: 0 }
        .deserialize(&mut reader)
        .and_then(|()| reader.end())
        .map_err(|error| Failure::malformed(error.to_string()))
}

/// A walk over a document that keeps nothing but the keys of the objects it is in.
#[derive(Clone, Copy)]
struct Strict {
    depth: usize,
}

impl Strict {
    fn inside<E: Error>(self) -> Result<Self, E> {
        if self.depth == limits::NESTING {
            return Err(E::custom(format!("nested more than {} deep", limits::NESTING)));
        }
        Ok(Self { depth: self.depth + 1 })
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let inside = self.inside()?;
        while items.next_element_seed(inside)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let inside = self.inside()?;
        let mut keys: Vec<Cow<'de, str>> = vec![];
        while let Some(Key(key)) = members.next_key()? {
            keys.push(key);
            members.next_value_seed(inside)?;
        }
        keys.sort_unstable();
        match keys.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => {
                let key: String = pair[0].chars().take(80).collect();
                Err(A::Error::custom(format!("the key {key:?} stands twice in one object")))
            }
            None => Ok(()),
        }
    }
}

/// A key, borrowed where it has no escapes.
struct Key<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;

        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(key)))
            }

            fn visit_str<E>(self, key: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(key.to_owned())))
            }
        }

        deserializer.deserialize_str(KeyVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_stands_twice_is_refused_however_it_is_escaped() {
        for text in [r#"{"a":1,"a":2}"#, r#"[{"x":{"a":1,"b":0,"\u0061":2}}]"#] {
            let failure = check(text.as_bytes()).unwrap_err();
            assert!(failure.detail.contains(r#""a" stands twice"#), "{failure:?}");
        }
        assert_eq!(check(br#"{"a":{"a":1},"b":[{"a":1},{"a":2}]}"#), Ok(()));
    }

    #[test]
    fn depth_is_bounded_and_never_overflows_the_stack() {
        let nested = |depth: usize| [vec![b'['; depth], vec![b']'; depth]].concat();
        assert_eq!(check(&nested(100)), Ok(()));
        assert!(check(&nested(101)).is_err());
        assert!(check(&nested(10_000)).is_err());
        assert!(check(&br#"{"a":"#.repeat(10_000)).is_err());
    }

    #[test]
    fn what_is_no_single_document_is_refused() {
        for text in [&b""[..], b" ", b"{", b"{}{}", b"{} x", b"\xff", b"\"\xc3\"", b"nul", b"1e999"]
        {
            assert!(check(text).is_err(), "{text:?}");
        }
    }
}
