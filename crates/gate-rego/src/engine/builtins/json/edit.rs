//! A value that is being edited: only what an edit passes through is taken apart.

use std::collections::BTreeMap;

use crate::engine::builtins::{BuiltinError, Context};
use crate::engine::value::{NESTING, Value};

/// A value or its parts.
pub(super) enum Node {
    /// As it was given.
    Whole(Value),
    Array(Vec<Node>),
    Object(BTreeMap<Value, Node>),
    /// The parts of a set by what they were.
    Set(BTreeMap<Value, Node>),
    /// What was removed at the root.
    Gone,
}

fn failed(message: impl Into<String>) -> BuiltinError {
    BuiltinError::evaluation(message)
}

impl Node {
    /// The value as it is now.
    pub(super) fn rendered(&self, context: &mut Context) -> Result<Option<Value>, BuiltinError> {
        context.step()?;
        let mut parts = |nodes: &mut dyn Iterator<Item = &Self>| {
            let mut values = Vec::new();
            for node in nodes {
                context.allocate_values(1)?;
                values.extend(node.rendered(context)?);
            }
            Ok::<_, BuiltinError>(values)
        };
        Ok(Some(match self {
            Self::Gone => return Ok(None),
            Self::Whole(value) => value.clone(),
            Self::Array(items) => Value::array(parts(&mut items.iter())?),
            Self::Set(items) => Value::set(parts(&mut items.values())?),
            Self::Object(entries) => {
                let values = parts(&mut entries.values())?;
                Value::object(entries.keys().cloned().zip(values).collect())
            }
        }))
    }

    /// Takes the value apart, if it has parts.
    fn open(&mut self, context: &mut Context) -> Result<(), BuiltinError> {
        let whole = |value: &Value| Self::Whole(value.clone());
        if matches!(self, Self::Set(_)) {
            // An element may have become another one since.
            let value = self.rendered(context)?;
            *self = value.map_or(Self::Gone, Self::Whole);
        }
        let opened = match self {
            Self::Whole(Value::Array(items)) => {
                context.allocate_values(items.len().saturating_mul(3))?;
                Self::Array(items.iter().map(whole).collect())
            }
            Self::Whole(Value::Object(entries)) => {
                context.allocate_values(entries.len().saturating_mul(6))?;
                let parts = entries.iter().map(|(key, value)| (key.clone(), whole(value)));
                Self::Object(parts.collect())
            }
            Self::Whole(Value::Set(items)) => {
                context.allocate_values(items.len().saturating_mul(6))?;
                Self::Set(items.iter().map(|item| (item.clone(), whole(item))).collect())
            }
            _ => return Ok(()),
        };
        *self = opened;
        Ok(())
    }

    /// The part at a path.
    pub(super) fn part(
        &mut self,
        context: &mut Context,
        path: &[Value],
    ) -> Result<&mut Self, BuiltinError> {
        // The parts of a value cannot be deeper than values are, so no longer path leads anywhere.
        let mut node = self;
        for key in path.iter().take(NESTING as usize + 1) {
            context.step()?;
            node.open(context)?;
            node = match node {
                Self::Gone => {
                    let what = "nil value encountered where composite value was expected";
                    return Err(failed(what));
                }
                Self::Array(items) => {
                    let at = index(items.len(), key)?;
                    let at = usize::try_from(at).unwrap_or(usize::MAX);
                    let part = items.get_mut(at);
                    part.ok_or_else(|| failed(format!("path {at} does not exist in array term")))?
                }
                Self::Object(entries) => entries
                    .get_mut(key)
                    .ok_or_else(|| failed(format!("path {key} does not exist in object term")))?,
                Self::Set(items) => items
                    .get_mut(key)
                    .ok_or_else(|| failed(format!("path {key} does not exist in set term")))?,
                Self::Whole(value) => {
                    let found = found(value);
                    let what = format!("expected composite type for path {key}, found {found}");
                    return Err(failed(what));
                }
            };
        }
        Ok(node)
    }

    /// Puts a value at a key: before the item that is there in an array, in its place otherwise.
    pub(super) fn insert(
        &mut self,
        context: &mut Context,
        key: &Value,
        value: Value,
    ) -> Result<(), BuiltinError> {
        self.open(context)?;
        context.allocate_values(4)?;
        match self {
            Self::Gone => Err(failed("deleted node encountered during insert operation")),
            Self::Array(items) => {
                let at = index(items.len(), key)?;
                let at = usize::try_from(at).ok().filter(|at| *at <= items.len());
                let at = at.ok_or_else(|| failed("index for array insertion out of bounds"))?;
                context.work((items.len() - at).saturating_mul(8))?;
                items.insert(at, Self::Whole(value));
                Ok(())
            }
            Self::Object(entries) => {
                entries.insert(key.clone(), Self::Whole(value));
                Ok(())
            }
            Self::Set(items) => {
                if *key != value {
                    let what = format!("set key {key} does not equal value to be inserted {value}");
                    return Err(failed(what));
                }
                items.insert(key.clone(), Self::Whole(value));
                Ok(())
            }
            Self::Whole(value) => {
                Err(failed(format!("expected composite type, found {}", found(value))))
            }
        }
    }

    /// Takes what is at a key away.
    pub(super) fn delete(
        &mut self,
        context: &mut Context,
        key: &Value,
    ) -> Result<(), BuiltinError> {
        self.open(context)?;
        let missing = || failed(format!("cannot delete child key {key} that does not exist"));
        match self {
            Self::Gone => Err(failed("deleted node encountered during delete operation")),
            Self::Array(items) => {
                let at = index(items.len(), key)?;
                let at = usize::try_from(at).ok().filter(|at| *at < items.len());
                let at = at.ok_or_else(|| failed("index for array delete out of bounds"))?;
                context.work((items.len() - at).saturating_mul(8))?;
                items.remove(at);
                Ok(())
            }
            Self::Object(entries) | Self::Set(entries) => {
                entries.remove(key).map(|_| ()).ok_or_else(missing)
            }
            Self::Whole(value) => {
                Err(failed(format!("expected composite type, found {}", found(value))))
            }
        }
    }
}

fn found(value: &Value) -> String {
    let kind = match value {
        Value::Null => "Null",
        Value::Bool(_) => "Boolean",
        Value::Number(_) => "Number",
        _ => "String",
    };
    format!("value: {value} (type: ast.{kind})")
}

/// The index that a key of an array means; `-` is the one behind the last.
fn index(length: usize, key: &Value) -> Result<i64, BuiltinError> {
    match key {
        Value::Number(number) => {
            number.as_i64().ok_or_else(|| failed("invalid number type for indexing"))
        }
        Value::String(text) if &**text == "-" => Ok(i64::try_from(length).unwrap_or(i64::MAX)),
        Value::String(text) => {
            let number = crate::engine::number::Number::parse(text.trim_start_matches('0')).ok();
            let zeros = text.starts_with('0') && &**text != "0";
            match number.and_then(|number| number.as_i64()) {
                Some(_) if zeros => Err(failed("leading zeros are not allowed in JSON paths")),
                Some(index) => Ok(index),
                None if &**text == "0" => Ok(0),
                None => Err(failed("invalid string for indexing")),
            }
        }
        _ => Err(failed("invalid type for indexing")),
    }
}
