//! Values as Rego has them: immutable, cheap to clone, in one total order.

use std::sync::Arc;

use super::number::Number;

mod array;
mod depth;
mod deserialize;
mod display;
mod json;
mod object;
mod order;
mod quote;
mod read;
mod serialize;
mod set;

pub use array::Array;
pub use object::Object;
pub(crate) use quote::quote;
pub use read::JsonError;
pub use serialize::{ValueError, from};
pub use set::Set;

/// The deepest nesting of a value: everything that walks values recurses, so it is bounded.
pub(crate) const NESTING: u32 = 1_000;

/// A value. Undefined is no value: what may be undefined is an `Option<Value>`.
#[derive(Clone)]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number of any size.
    Number(Number),
    /// A text.
    String(Arc<str>),
    /// A list.
    Array(Arc<Array>),
    /// A map from values to values.
    Object(Arc<Object>),
    /// A set of values.
    Set(Arc<Set>),
}

impl Value {
    /// An array of these items.
    pub fn array(items: Vec<Self>) -> Self {
        Self::Array(Arc::new(Array::new(items)))
    }

    /// The set of these items.
    pub fn set(items: Vec<Self>) -> Self {
        Self::Set(Arc::new(Set::new(items)))
    }

    /// An object of these entries; of equal keys the last one counts.
    pub fn object(entries: Vec<(Self, Self)>) -> Self {
        Self::Object(Arc::new(Object::new(entries)))
    }

    /// The name of the value's type, as `type_name` says it.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Number(_) => "number",
            Self::String(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
            Self::Set(_) => "set",
        }
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    /// The number, if it is one.
    pub fn as_number(&self) -> Option<&Number> {
        if let Self::Number(number) = self { Some(number) } else { None }
    }

    /// The array, if it is one.
    pub fn as_array(&self) -> Option<&Array> {
        if let Self::Array(array) = self { Some(array) } else { None }
    }

    /// The object, if it is one.
    pub fn as_object(&self) -> Option<&Object> {
        if let Self::Object(object) = self { Some(object) } else { None }
    }

    /// The set, if it is one.
    pub fn as_set(&self) -> Option<&Set> {
        if let Self::Set(set) = self { Some(set) } else { None }
    }

    /// What stands under a key: an array's item, an object's value, a set's own element.
    pub fn get(&self, key: &Self) -> Option<&Self> {
        match self {
            Self::Array(array) => array.get(key),
            Self::Object(object) => object.get(key),
            Self::Set(set) => set.get(key),
            _ => None,
        }
    }

    /// What stands under a text key of an object.
    pub fn field(&self, name: &str) -> Option<&Self> {
        self.as_object()?.field(name)
    }

    /// How deep the value is nested: 0 for what is no collection, 1 for a flat one.
    pub fn nesting(&self) -> u32 {
        match self {
            Self::Array(array) => array.nesting(),
            Self::Object(object) => object.nesting(),
            Self::Set(set) => set.nesting(),
            _ => 0,
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Number(Number::from(value))
    }
}

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Self::Number(Number::from(value))
    }
}

impl From<usize> for Value {
    fn from(value: usize) -> Self {
        Self::Number(Number::from(value as u64))
    }
}

impl From<Number> for Value {
    fn from(value: Number) -> Self {
        Self::Number(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::String(Arc::from(value))
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::String(Arc::from(value))
    }
}

impl From<Arc<str>> for Value {
    fn from(value: Arc<str>) -> Self {
        Self::String(value)
    }
}

#[cfg(test)]
mod tests;
