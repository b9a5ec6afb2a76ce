//! Whether the demands of a branch are met.

use super::Session;
use super::document::stored;
use crate::engine::program::{Branch, Guard, Place, Want, split};
use crate::engine::value::Value;

impl Session<'_> {
    /// Whether a branch's body may hold at all. `keys` says whether collections are asked for keys.
    pub(super) fn admits(&self, branch: &Branch, arguments: &[Value], keys: bool) -> bool {
        // What is told names the expression that does not hold, so the body is tried.
        if self.watch.is_some() {
            return true;
        }
        branch.guards.iter().all(|guard| match guard {
            Guard::Place(place, wants) => self
                .at_place(place, arguments)
                .is_some_and(|value| wants.iter().any(|want| meets(value, want))),
            Guard::Key(key, collection) if keys => {
                let Some(key) = self.at_place(key, arguments) else { return false };
                match self.at_place(collection, arguments) {
                    Some(Value::Object(object)) => object.get(key).is_some(),
                    Some(Value::Set(set)) => set.contains(key),
                    Some(_) => true,
                    None => false,
                }
            }
            Guard::Key(..) => true,
        })
    }

    fn at_place<'v>(&'v self, place: &Place, arguments: &'v [Value]) -> Option<&'v Value> {
        match place {
            Place::Argument(at) => arguments.get(*at),
            Place::Input(path) => {
                path.iter().try_fold(self.scope.input.as_ref()?, |value, key| value.get(key))
            }
            Place::Data(path) => path.iter().try_fold(&self.scope.data, stored),
        }
    }
}

fn meets(value: &Value, want: &Want) -> bool {
    match want {
        Want::Defined => true,
        Want::Equal(wanted) => value == wanted,
        Want::Items(items) => match value {
            Value::Array(array) => {
                array.len() == items.len()
                    && array
                        .iter()
                        .zip(items)
                        .all(|(item, wanted)| wanted.as_ref().is_none_or(|wanted| wanted == item))
            }
            _ => false,
        },
        Want::Parts { delimiters, parts } => match value {
            Value::String(text) => {
                let found = split(text, delimiters);
                found.len() == parts.len()
                    && found
                        .iter()
                        .zip(parts)
                        .all(|(part, wanted)| wanted.as_ref().is_none_or(|it| **it == **part))
            }
            Value::Array(array) => {
                array.len() == parts.len()
                    && array.iter().zip(parts).all(|(item, wanted)| {
                        wanted.as_ref().is_none_or(|it| item.as_str() == Some(&**it))
                    })
            }
            _ => false,
        },
        Want::Holds(wanted) => any_item(value, |item| item == wanted),
        Want::Starts(base) => any_text(value, |text| text.starts_with(&**base)),
        Want::Ends(base) => any_text(value, |text| text.ends_with(&**base)),
    }
}

fn any_text(value: &Value, fits: impl Fn(&str) -> bool) -> bool {
    match value {
        Value::String(text) => fits(text),
        other => any_item(other, |item| item.as_str().is_some_and(&fits)),
    }
}

fn any_item(value: &Value, fits: impl Fn(&Value) -> bool) -> bool {
    match value {
        Value::Array(items) => items.iter().any(fits),
        Value::Set(items) => items.iter().any(fits),
        Value::Object(object) => object.iter().any(|(_, item)| fits(item)),
        _ => false,
    }
}
