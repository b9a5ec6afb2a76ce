//! Objects: entries sorted by key.

use std::cmp::Ordering;

use super::{Value, depth};

/// A map from values to values, in the order of its keys.
#[derive(Default)]
pub struct Object {
    entries: Vec<(Value, Value)>,
    nesting: u32,
}

/// Two entries that claim one key for different values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The key.
    pub key: Value,
}

impl Object {
    /// An object of these entries; of equal keys the last one counts.
    pub fn new(mut entries: Vec<(Value, Value)>) -> Self {
        if !in_order(&entries) {
            // The sort is stable: equal keys stay in the order they came in.
            entries.sort_by(|left, right| left.0.cmp(&right.0));
            entries.dedup_by(|later, earlier| {
                let same = later.0 == earlier.0;
                if same {
                    std::mem::swap(&mut later.1, &mut earlier.1);
                }
                same
            });
        }
        Self::sorted(entries)
    }

    /// An object of these entries; equal keys must have equal values.
    pub fn without_conflict(mut entries: Vec<(Value, Value)>) -> Result<Self, Conflict> {
        if !in_order(&entries) {
            entries.sort_by(|left, right| left.0.cmp(&right.0));
            let clash = entries.windows(2).find(
                |pair| matches!(pair, [left, right] if left.0 == right.0 && left.1 != right.1),
            );
            if let Some([first, ..]) = clash {
                return Err(Conflict { key: first.0.clone() });
            }
            entries.dedup_by(|later, earlier| later.0 == earlier.0);
        }
        Ok(Self::sorted(entries))
    }

    fn sorted(entries: Vec<(Value, Value)>) -> Self {
        let nesting = depth::around(entries.iter().flat_map(|(key, value)| [key, value]));
        Self { entries, nesting }
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entries in order of their keys.
    pub fn as_slice(&self) -> &[(Value, Value)] {
        &self.entries
    }

    /// The entries in order of their keys.
    pub fn iter(&self) -> std::slice::Iter<'_, (Value, Value)> {
        self.entries.iter()
    }

    /// The keys in order.
    pub fn keys(&self) -> impl Iterator<Item = &Value> {
        self.entries.iter().map(|(key, _)| key)
    }

    /// The values in order of their keys.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.entries.iter().map(|(_, value)| value)
    }

    /// The value of a key.
    pub fn get(&self, key: &Value) -> Option<&Value> {
        let at = self.entries.binary_search_by(|entry| entry.0.cmp(key)).ok()?;
        Some(&self.entries[at].1)
    }

    /// The value of a text key.
    pub fn field(&self, name: &str) -> Option<&Value> {
        let at = self.entries.binary_search_by(|entry| compare_to_text(&entry.0, name)).ok()?;
        Some(&self.entries[at].1)
    }

    pub(super) fn nesting(&self) -> u32 {
        self.nesting
    }
}

fn in_order(entries: &[(Value, Value)]) -> bool {
    entries.is_sorted_by(|left, right| left.0 < right.0)
}

/// A key beside a text, without making a value of the text.
fn compare_to_text(key: &Value, text: &str) -> Ordering {
    match key {
        Value::String(key) => (**key).cmp(text),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ordering::Less,
        Value::Array(_) | Value::Object(_) | Value::Set(_) => Ordering::Greater,
    }
}

impl<'a> IntoIterator for &'a Object {
    type Item = &'a (Value, Value);
    type IntoIter = std::slice::Iter<'a, (Value, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Drop for Object {
    fn drop(&mut self) {
        if self.nesting > depth::RECURSIVE_DROP {
            depth::release(self.entries.drain(..).flat_map(|(key, value)| [key, value]));
        }
    }
}

impl depth::Dismantle for Object {
    fn dismantle(mut self, into: &mut Vec<Value>) {
        into.extend(self.entries.drain(..).flat_map(|(key, value)| [key, value]));
    }
}
