//! The nesting of collections, and how deep ones are freed without recursion.

use std::sync::Arc;

use super::Value;

/// Collections nested no deeper than this are freed by plain recursion, which is faster.
pub(super) const RECURSIVE_DROP: u32 = 64;

/// The nesting of a collection of these values.
pub(super) fn around<'a>(values: impl Iterator<Item = &'a Value>) -> u32 {
    1 + values.map(Value::nesting).max().unwrap_or(0)
}

/// A collection that can be taken apart.
pub(super) trait Dismantle {
    /// Moves what it holds into a list, so that freeing the rest does not recurse.
    fn dismantle(self, into: &mut Vec<Value>);
}

/// Frees values of any depth with a list instead of the program's stack.
pub(super) fn release(values: impl Iterator<Item = Value>) {
    let mut pending: Vec<Value> = values.collect();
    while let Some(value) = pending.pop() {
        match value {
            Value::Array(array) => open(array, &mut pending),
            Value::Object(object) => open(object, &mut pending),
            Value::Set(set) => open(set, &mut pending),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}

/// Only the last owner takes a collection apart; others merely let go of it.
fn open<T: Dismantle>(shared: Arc<T>, pending: &mut Vec<Value>) {
    if let Some(collection) = Arc::into_inner(shared) {
        collection.dismantle(pending);
    }
}
