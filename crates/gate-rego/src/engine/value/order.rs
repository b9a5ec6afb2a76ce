//! The total order of values: null, booleans, numbers, strings, arrays, objects, sets.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::{Array, Object, Set, Value};

impl Value {
    fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Bool(_) => 1,
            Self::Number(_) => 2,
            Self::String(_) => 3,
            Self::Array(_) => 4,
            Self::Object(_) => 5,
            Self::Set(_) => 6,
        }
    }
}

impl Ord for Value {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Bool(left), Self::Bool(right)) => left.cmp(right),
            (Self::Number(left), Self::Number(right)) => left.cmp(right),
            // Bytes of UTF-8 order as their characters do.
            (Self::String(left), Self::String(right)) => left.cmp(right),
            (Self::Array(left), Self::Array(right)) => shared(left, right, Array::as_slice),
            (Self::Object(left), Self::Object(right)) => shared(left, right, Object::as_slice),
            (Self::Set(left), Self::Set(right)) => shared(left, right, Set::as_slice),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

fn shared<T, I: Ord>(left: &Arc<T>, right: &Arc<T>, items: fn(&T) -> &[I]) -> Ordering {
    if Arc::ptr_eq(left, right) { Ordering::Equal } else { items(left).cmp(items(right)) }
}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(left), Self::Bool(right)) => left == right,
            (Self::Number(left), Self::Number(right)) => left == right,
            (Self::String(left), Self::String(right)) => left == right,
            (Self::Array(left), Self::Array(right)) => same(left, right, Array::as_slice),
            (Self::Object(left), Self::Object(right)) => same(left, right, Object::as_slice),
            (Self::Set(left), Self::Set(right)) => same(left, right, Set::as_slice),
            _ => false,
        }
    }
}

fn same<T, I: Eq>(left: &Arc<T>, right: &Arc<T>, items: fn(&T) -> &[I]) -> bool {
    Arc::ptr_eq(left, right) || items(left) == items(right)
}

impl Eq for Value {}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.rank().hash(state);
        match self {
            Self::Null => {}
            Self::Bool(value) => value.hash(state),
            Self::Number(number) => number.hash(state),
            Self::String(text) => text.hash(state),
            Self::Array(array) => array.as_slice().hash(state),
            Self::Object(object) => object.as_slice().hash(state),
            Self::Set(set) => set.as_slice().hash(state),
        }
    }
}
