//! Arrays.

use super::{Value, depth};

/// A list of values.
#[derive(Default)]
pub struct Array {
    items: Vec<Value>,
    nesting: u32,
}

impl Array {
    /// An array of these items.
    pub fn new(items: Vec<Value>) -> Self {
        let nesting = depth::around(items.iter());
        Self { items, nesting }
    }

    /// How many items there are.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The items.
    pub fn as_slice(&self) -> &[Value] {
        &self.items
    }

    /// The items in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Value> {
        self.items.iter()
    }

    /// The item at an index; a key that is no index of the array finds nothing.
    pub fn get(&self, key: &Value) -> Option<&Value> {
        let index = key.as_number()?.as_i64()?;
        self.items.get(usize::try_from(index).ok()?)
    }

    pub(super) fn nesting(&self) -> u32 {
        self.nesting
    }
}

impl<'a> IntoIterator for &'a Array {
    type Item = &'a Value;
    type IntoIter = std::slice::Iter<'a, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Drop for Array {
    fn drop(&mut self) {
        if self.nesting > depth::RECURSIVE_DROP {
            depth::release(self.items.drain(..));
        }
    }
}

impl depth::Dismantle for Array {
    fn dismantle(mut self, into: &mut Vec<Value>) {
        into.append(&mut self.items);
    }
}
