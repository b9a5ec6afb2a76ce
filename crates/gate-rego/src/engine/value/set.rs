//! Sets: sorted and free of duplicates.

use super::{Value, depth};

/// A set of values, in order.
#[derive(Default)]
pub struct Set {
    items: Vec<Value>,
    nesting: u32,
}

impl Set {
    /// The set of these items.
    pub fn new(mut items: Vec<Value>) -> Self {
        // Most sets arrive in order; then sorting, which moves each item, is not needed.
        if !items.is_sorted_by(|left, right| left < right) {
            items.sort();
            items.dedup();
        }
        Self::sorted(items)
    }

    /// The set of items that are in order and differ.
    fn sorted(items: Vec<Value>) -> Self {
        let nesting = depth::around(items.iter());
        Self { items, nesting }
    }

    /// How many elements there are.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The elements in order.
    pub fn as_slice(&self) -> &[Value] {
        &self.items
    }

    /// The elements in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Value> {
        self.items.iter()
    }

    /// Whether a value is an element.
    pub fn contains(&self, value: &Value) -> bool {
        self.items.binary_search(value).is_ok()
    }

    /// The element that equals a value.
    pub fn get(&self, value: &Value) -> Option<&Value> {
        self.items.binary_search(value).ok().map(|at| &self.items[at])
    }

    /// The elements of either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let items = self.iter().chain(other).cloned().collect();
        Self::new(items)
    }

    /// The elements of both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self::sorted(self.iter().filter(|item| other.contains(item)).cloned().collect())
    }

    /// The elements that the other does not have.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        Self::sorted(self.iter().filter(|item| !other.contains(item)).cloned().collect())
    }

    pub(super) fn nesting(&self) -> u32 {
        self.nesting
    }
}

impl<'a> IntoIterator for &'a Set {
    type Item = &'a Value;
    type IntoIter = std::slice::Iter<'a, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Drop for Set {
    fn drop(&mut self) {
        if self.nesting > depth::RECURSIVE_DROP {
            depth::release(self.items.drain(..));
        }
    }
}

impl depth::Dismantle for Set {
    fn dismantle(mut self, into: &mut Vec<Value>) {
        into.append(&mut self.items);
    }
}
