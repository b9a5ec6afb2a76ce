//! What a look into a value of a type finds.

use super::{Maybe, Type, or};
use crate::engine::value::Value;

impl Type {
    /// What stands under a known key.
    pub(crate) fn select(&self, key: &Value) -> Maybe {
        match self {
            Self::Array(array) => {
                let Value::Number(number) = key else { return None };
                let at = usize::try_from(number.as_i64()?).ok()?;
                array.items.get(at).cloned().unwrap_or_else(|| array.rest.clone())
            }
            Self::Object(object) => {
                if let Ok(at) = object.fields.binary_search_by(|(field, _)| field.cmp(key)) {
                    return object.fields[at].1.clone();
                }
                let (of, value) = object.rest.as_ref()?;
                if of.as_ref()?.contains(&Self::of_key(key)) { value.clone() } else { None }
            }
            Self::Set(set) => {
                let (of, wanted) = (set.of.as_ref()?, Self::of_key(key));
                of.contains(&wanted).then_some(wanted)
            }
            Self::Anything => Some(Self::Anything),
            Self::OneOf(several) => {
                several.iter().fold(None, |found, one| or(one.select(key), found))
            }
            _ => None,
        }
    }

    /// The type of all keys; nothing where there can be none.
    pub(crate) fn keys(&self) -> Maybe {
        match self {
            Self::Array(_) => Some(Self::Number),
            Self::Object(object) => {
                let fields = object.fields.iter();
                let known = fields.fold(None, |all, (key, _)| or(all, Some(Self::of_key(key))));
                or(known, object.rest.as_ref().and_then(|(key, _)| key.clone()))
            }
            Self::Set(set) => set.of.clone(),
            Self::Anything => Some(Self::Anything),
            Self::OneOf(several) => several.iter().fold(None, |all, one| or(one.keys(), all)),
            _ => None,
        }
    }

    /// The type of all values; nothing where there can be none.
    pub(crate) fn values(&self) -> Maybe {
        match self {
            Self::Array(array) => {
                let known = array.items.iter().fold(None, |all, item| or(all, item.clone()));
                or(known, array.rest.clone())
            }
            Self::Object(object) => {
                let fields = object.fields.iter();
                let known = fields.fold(None, |all, (_, value)| or(all, value.clone()));
                or(known, object.rest.as_ref().and_then(|(_, value)| value.clone()))
            }
            Self::Set(set) => set.of.clone(),
            Self::Anything => Some(Self::Anything),
            Self::OneOf(several) => several.iter().fold(None, |all, one| or(one.values(), all)),
            _ => None,
        }
    }

    /// The keys that objects of the type are known to have, for messages.
    pub(crate) fn known_keys(&self) -> Vec<Value> {
        let mut keys = match self {
            Self::Object(object) => object.fields.iter().map(|(key, _)| key.clone()).collect(),
            Self::OneOf(several) => several.iter().flat_map(Self::known_keys).collect(),
            _ => Vec::new(),
        };
        keys.sort();
        keys.dedup();
        keys
    }
}
