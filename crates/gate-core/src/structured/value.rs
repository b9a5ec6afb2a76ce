//! Values from any deserializer, counted and bounded in depth.

use std::cell::Cell;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::limits;
use crate::verify::json::check;

/// Reads JSON. What two readers could read differently is refused.
pub(super) fn json(text: &str) -> Result<Value, String> {
    check(text.as_bytes()).map_err(|failure| failure.detail)?;
    let mut reader = serde_json::Deserializer::from_str(text);
    bounded(&mut reader).map_err(|error| error.to_string())
}

/// How the keys of objects are read that are no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keys {
    /// As they are written: `on` stays `on`.
    Written,
    /// As the value that they are: `on` is `true`.
    Typed,
}

impl Keys {
    /// The next key. A function of its own: its frames are not there while values nest.
    fn next<'de, A: MapAccess<'de>>(self, members: &mut A) -> Result<Option<String>, A::Error> {
        match self {
            Self::Written => Ok(members.next_key()?.map(|Key(key)| key)),
            Self::Typed => members.next_key_seed(Scalar),
        }
    }
}

/// Reads any value within the limits.
pub(super) fn bounded<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
    let left = Cell::new(limits::DOCUMENT_VALUES);
    Within { left: &left, depth: 0, keys: Keys::Written }.deserialize(deserializer)
}

/// A whole document, for readers that take a type.
pub(super) struct Document(pub(super) Value);

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        bounded(deserializer).map(Self)
    }
}

/// The same with keys as the values that they are, as Kubernetes' own reader has them.
pub(super) struct TypedDocument(pub(super) Value);

impl<'de> Deserialize<'de> for TypedDocument {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let left = Cell::new(limits::DOCUMENT_VALUES);
        Within { left: &left, depth: 0, keys: Keys::Typed }.deserialize(deserializer).map(Self)
    }
}

#[derive(Clone, Copy)]
struct Within<'a> {
    left: &'a Cell<usize>,
    depth: usize,
    keys: Keys,
}

impl Within<'_> {
    fn inside<E: Error>(self) -> Result<Self, E> {
        if self.depth == limits::NESTING {
            return Err(E::custom(format!("nested more than {} deep", limits::NESTING)));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Within<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        let left = self.left.get().checked_sub(1).ok_or_else(|| {
            D::Error::custom(format!("holds more than {} values", limits::DOCUMENT_VALUES))
        })?;
        self.left.set(left);
        deserializer.deserialize_any(self)
    }
}

fn float<E: Error>(number: f64) -> Result<Value, E> {
    Number::from_f64(number)
        .map(Value::Number)
        .ok_or_else(|| E::custom("holds a number that is none"))
}

impl<'de> Visitor<'de> for Within<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, it: bool) -> Result<Value, E> {
        Ok(it.into())
    }

    fn visit_i64<E>(self, it: i64) -> Result<Value, E> {
        Ok(it.into())
    }

    fn visit_u64<E>(self, it: u64) -> Result<Value, E> {
        Ok(it.into())
    }

    #[expect(clippy::cast_precision_loss, reason = "as every reader of JSON takes such a number")]
    fn visit_i128<E: Error>(self, it: i128) -> Result<Value, E> {
        float(it as f64)
    }

    #[expect(clippy::cast_precision_loss, reason = "as every reader of JSON takes such a number")]
    fn visit_u128<E: Error>(self, it: u128) -> Result<Value, E> {
        float(it as f64)
    }

    fn visit_f64<E: Error>(self, it: f64) -> Result<Value, E> {
        float(it)
    }

    fn visit_str<E>(self, it: &str) -> Result<Value, E> {
        Ok(it.into())
    }

    fn visit_string<E>(self, it: String) -> Result<Value, E> {
        Ok(it.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inside = self.inside()?;
        let mut list = vec![];
        while let Some(item) = items.next_element_seed(inside)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inside = self.inside()?;
        let mut map = Map::new();
        while let Some(key) = self.keys.next(&mut members)? {
            let value = members.next_value_seed(inside)?;
            if map.insert(key, value).is_some() {
                return Err(A::Error::custom("a key stands twice in one object"));
            }
        }
        Ok(Value::Object(map))
    }
}

/// A key as it is written: YAML's may be numbers and booleans, and `on` is a key of many files.
struct Key(String);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self)
    }
}

/// A key that is a boolean or number, written as JSON writes that.
struct Scalar;

impl<'de> DeserializeSeed<'de> for Scalar {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Visitor<'_> for Scalar {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_bool<E>(self, it: bool) -> Result<String, E> {
        Ok(it.to_string())
    }

    fn visit_i64<E>(self, it: i64) -> Result<String, E> {
        Ok(it.to_string())
    }

    fn visit_u64<E>(self, it: u64) -> Result<String, E> {
        Ok(it.to_string())
    }

    fn visit_f64<E>(self, it: f64) -> Result<String, E> {
        Ok(it.to_string())
    }

    fn visit_str<E>(self, it: &str) -> Result<String, E> {
        Ok(it.to_owned())
    }

    fn visit_unit<E>(self) -> Result<String, E> {
        Ok("null".to_owned())
    }
}
