//! Paths into values, and `json.filter` and `json.remove`, which take many of them.

use std::collections::BTreeMap;

use crate::engine::builtins::operands::{object, wrong_type};
use crate::engine::builtins::{BuiltinError, Context, Outcome};
use crate::engine::value::{NESTING, Value};

/// The keys of a path: a JSON pointer, whose first slashes may be missing, or an array.
pub(super) fn path(context: &mut Context, value: &Value) -> Result<Vec<Value>, BuiltinError> {
    match value {
        Value::String(text) if text.is_empty() => Ok(Vec::new()),
        Value::String(text) => {
            context.work(text.len())?;
            let parts = text.trim_start_matches('/').split('/');
            let mut keys = Vec::new();
            for part in parts {
                context.allocate_values(2)?;
                keys.push(Value::from(part.replace("~1", "/").replace("~0", "~")));
            }
            Ok(keys)
        }
        Value::Array(keys) => {
            context.allocate_values(keys.len())?;
            Ok(keys.as_slice().to_vec())
        }
        other => {
            let got = other.type_name();
            let what = "must be one of {set, array} containing string paths or array of path \
                        segments but got";
            Err(BuiltinError::operand(2, format_args!("{what} {got}")))
        }
    }
}

/// Many paths as a tree; a path's end takes all that is below it.
enum Tree {
    End,
    Keys(BTreeMap<Value, Tree>),
}

impl Tree {
    fn of(context: &mut Context, operand: &Value) -> Result<Self, BuiltinError> {
        let paths = match operand {
            Value::Array(paths) => paths.as_slice(),
            Value::Set(paths) => paths.as_slice(),
            other => return Err(wrong_type(2, other, &["set", "array"])),
        };
        let mut root = BTreeMap::new();
        for value in paths {
            context.step()?;
            let keys = path(context, value)?;
            context.allocate_values(keys.len().saturating_mul(8))?;
            insert(&mut root, &keys);
        }
        Ok(Self::Keys(root))
    }

    fn get(&self, key: &Value) -> Option<&Self> {
        match self {
            Self::End => None,
            Self::Keys(keys) => keys.get(key),
        }
    }
}

fn insert(mut node: &mut BTreeMap<Value, Tree>, keys: &[Value]) {
    // No value is nested deeper, so what is longer is cut to a path that ends nowhere.
    let depth = keys.len().min(NESTING as usize + 1);
    let Some((last, before)) = keys[..depth].split_last() else { return };
    for key in before {
        let child = node.entry(key.clone()).or_insert_with(|| Tree::Keys(BTreeMap::new()));
        match child {
            // A shorter path has taken all of it.
            Tree::End => return,
            Tree::Keys(keys) => node = keys,
        }
    }
    if depth == keys.len() {
        node.insert(last.clone(), Tree::End);
    }
}

pub(super) fn filter(context: &mut Context, operands: &[Value]) -> Outcome {
    object(&operands[0], 1)?;
    let tree = Tree::of(context, &operands[1])?;
    filtered(context, &operands[0], &tree).map(Some)
}

/// What the paths lead to.
fn filtered(context: &mut Context, value: &Value, tree: &Tree) -> Result<Value, BuiltinError> {
    let Tree::Keys(keys) = tree else { return Ok(value.clone()) };
    context.step()?;
    match value {
        Value::Array(items) => {
            let mut kept = Vec::new();
            for (at, item) in items.iter().enumerate() {
                if let Some(tree) = keys.get(&Value::from(at.to_string())) {
                    kept.push(filtered(context, item, tree)?);
                    context.allocate_values(1)?;
                }
                context.step()?;
            }
            Ok(Value::array(kept))
        }
        Value::Set(items) => {
            let mut kept = Vec::new();
            for (key, tree) in keys {
                if let Some(item) = items.get(key) {
                    kept.push(filtered(context, item, tree)?);
                    context.allocate_values(1)?;
                }
            }
            Ok(Value::set(kept))
        }
        Value::Object(entries) => {
            let mut kept = Vec::new();
            for (key, tree) in keys {
                if let Some(value) = entries.get(key) {
                    kept.push((key.clone(), filtered(context, value, tree)?));
                    context.allocate_values(2)?;
                }
            }
            Ok(Value::object(kept))
        }
        scalar => Ok(scalar.clone()),
    }
}

pub(super) fn remove(context: &mut Context, operands: &[Value]) -> Outcome {
    object(&operands[0], 1)?;
    let tree = Tree::of(context, &operands[1])?;
    removed(context, &operands[0], Some(&tree))
}

/// What is left without what the paths lead to; `None` where nothing is.
fn removed(
    context: &mut Context,
    value: &Value,
    tree: Option<&Tree>,
) -> Result<Option<Value>, BuiltinError> {
    context.step()?;
    let tree = match tree {
        None => return Ok(Some(value.clone())),
        Some(Tree::End) => return Ok(None),
        Some(tree) => tree,
    };
    let left = match value {
        Value::Array(items) => {
            let mut left = Vec::new();
            context.allocate_values(items.len())?;
            for (at, item) in items.iter().enumerate() {
                left.extend(removed(context, item, tree.get(&Value::from(at.to_string())))?);
            }
            Value::array(left)
        }
        Value::Set(items) => {
            let mut left = Vec::new();
            context.allocate_values(items.len())?;
            for item in items.iter() {
                left.extend(removed(context, item, tree.get(item))?);
            }
            Value::set(left)
        }
        Value::Object(entries) => {
            let mut left = Vec::new();
            context.allocate_values(entries.len().saturating_mul(2))?;
            for (key, value) in entries.iter() {
                let value = removed(context, value, tree.get(key))?;
                left.extend(value.map(|value| (key.clone(), value)));
            }
            Value::object(left)
        }
        scalar => scalar.clone(),
    };
    Ok(Some(left))
}
