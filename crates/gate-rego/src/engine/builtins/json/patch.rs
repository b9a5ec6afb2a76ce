//! `json.patch`: the operations of RFC 6902 one after another, on any value.

use super::edit::Node;
use super::paths::path;
use crate::engine::builtins::operands::array;
use crate::engine::builtins::{BuiltinError, Context, Outcome};
use crate::engine::value::{NESTING, Object, Value};

pub(super) fn patch(context: &mut Context, operands: &[Value]) -> Outcome {
    let operations = array(&operands[1], 2)?;
    let mut root = Node::Whole(operands[0].clone());
    for operation in operations {
        context.step()?;
        let Some(operation) = operation.as_object() else {
            let what = "must be an array of JSON-Patch objects, but at least one element is not \
                        an object";
            return Err(BuiltinError::evaluation(what));
        };
        apply(context, &mut root, operation)?;
    }
    root.rendered(context)
}

fn attribute<'a>(operation: &'a Object, name: &str) -> Result<&'a Value, BuiltinError> {
    operation
        .field(name)
        .ok_or_else(|| BuiltinError::evaluation(format!("missing required attribute '{name}'")))
}

fn apply(context: &mut Context, root: &mut Node, operation: &Object) -> Result<(), BuiltinError> {
    let pointer = attribute(operation, "path")?;
    let name = attribute(operation, "op")?;
    let Some(name) = name.as_str() else {
        let got = name.type_name();
        let what = format!("attribute 'op' must be a string but found: {got}");
        return Err(BuiltinError::evaluation(what));
    };
    let at = path(context, pointer)?;
    let value = || attribute(operation, "value").cloned();
    match name {
        "add" => insert(context, root, &at, value()?),
        "remove" => delete(context, root, &at),
        "replace" => {
            delete(context, root, &at)?;
            insert(context, root, &at, value()?)
        }
        "move" => {
            let from = path(context, attribute(operation, "from")?)?;
            let moved = read(context, root, &from)?;
            delete(context, root, &from)?;
            insert(context, root, &at, moved)
        }
        "copy" => {
            let from = path(context, attribute(operation, "from")?)?;
            let copied = read(context, root, &from)?;
            insert(context, root, &at, copied)
        }
        "test" => {
            let found = read(context, root, &at)?;
            let expected = value()?;
            if found == expected {
                return Ok(());
            }
            let what = "value from EditTree != patch value.";
            Err(BuiltinError::evaluation(format!(
                "{what}\n\nExpected: {expected}\n\nFound: {found}"
            )))
        }
        other => Err(BuiltinError::evaluation(format!("unrecognized op: '{other}'"))),
    }
}

fn read(context: &mut Context, root: &mut Node, path: &[Value]) -> Result<Value, BuiltinError> {
    let value = root.part(context, path)?.rendered(context)?;
    value.ok_or_else(|| BuiltinError::evaluation("nil value encountered"))
}

fn insert(
    context: &mut Context,
    root: &mut Node,
    path: &[Value],
    value: Value,
) -> Result<(), BuiltinError> {
    // Copies of the whole into itself double its depth.
    let depth = u32::try_from(path.len()).unwrap_or(u32::MAX).saturating_add(value.nesting());
    if depth > NESTING {
        return Err(BuiltinError::limit("patched value is nested too deeply"));
    }
    match path.split_last() {
        None => {
            *root = Node::Whole(value);
            Ok(())
        }
        Some((last, before)) => {
            let parent = root.part(context, before)?;
            parent.insert(context, last, value)
        }
    }
}

fn delete(context: &mut Context, root: &mut Node, path: &[Value]) -> Result<(), BuiltinError> {
    match path.split_last() {
        None if matches!(root, Node::Gone) => {
            Err(BuiltinError::evaluation("deleted node encountered during delete operation"))
        }
        None => {
            *root = Node::Gone;
            Ok(())
        }
        Some((last, before)) => {
            let parent = root.part(context, before)?;
            parent.delete(context, last)
        }
    }
}
