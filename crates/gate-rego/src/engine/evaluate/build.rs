//! An object in the making, filled at paths by the rules of a group.

use std::collections::BTreeMap;

use crate::engine::value::Value;

/// What stands at a place of the object so far.
#[derive(Debug)]
pub(super) enum Tree {
    /// A value that a rule gave.
    Leaf(Value),
    /// A set whose elements rules give.
    Set(Vec<Value>),
    /// What rules give below it.
    Object(BTreeMap<Value, Tree>),
}

/// Two rules give one place different values.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Clash;

impl Tree {
    /// Adds a value, or an element of a set, at a path.
    pub(super) fn add(&mut self, path: &[Value], value: Value, element: bool) -> Result<(), Clash> {
        let Some((first, rest)) = path.split_first() else { return self.put(value, element) };
        match self {
            Self::Object(entries) => {
                if let Some(below) = entries.get_mut(first) {
                    return below.add(rest, value, element);
                }
                entries.insert(first.clone(), Self::of(rest, value, element));
                Ok(())
            }
            // An equal value that was given from above is no clash.
            Self::Leaf(known) => {
                let mut at = Some(&*known);
                for key in path {
                    at = at.and_then(|value| value.get(key));
                }
                if !element && at == Some(&value) { Ok(()) } else { Err(Clash) }
            }
            Self::Set(_) => Err(Clash),
        }
    }

    /// Makes an object at a path, or a set, where nothing is yet: what a head says as it stands is
    /// there, however its rules end.
    pub(super) fn reserve(&mut self, path: &[Value], set: bool) {
        let Self::Object(entries) = self else { return };
        let Some((first, rest)) = path.split_first() else { return };
        let empty = || {
            if set && rest.is_empty() { Self::Set(vec![]) } else { Self::Object(BTreeMap::new()) }
        };
        entries.entry(first.clone()).or_insert_with(empty).reserve(rest, set);
    }

    fn put(&mut self, value: Value, element: bool) -> Result<(), Clash> {
        match (self, element) {
            (Self::Set(items), true) => {
                items.push(value);
                Ok(())
            }
            (Self::Leaf(known), false) if *known == value => Ok(()),
            // An object as a whole beside its parts: all must agree.
            (tree @ Self::Object(_), false) => match &value {
                Value::Object(object) => object.iter().try_for_each(|(key, value)| {
                    tree.add(std::slice::from_ref(key), value.clone(), false)
                }),
                _ => Err(Clash),
            },
            _ => Err(Clash),
        }
    }

    fn of(path: &[Value], value: Value, element: bool) -> Self {
        match path.split_first() {
            Some((first, rest)) => {
                Self::Object(BTreeMap::from([(first.clone(), Self::of(rest, value, element))]))
            }
            None if element => Self::Set(vec![value]),
            None => Self::Leaf(value),
        }
    }

    /// The finished value.
    pub(super) fn finish(self) -> Value {
        match self {
            Self::Leaf(value) => value,
            Self::Set(items) => Value::set(items),
            Self::Object(entries) => {
                Value::object(entries.into_iter().map(|(key, tree)| (key, tree.finish())).collect())
            }
        }
    }
}
