//! Merges objects: later ones win, and where both have an object, these are merged.

use crate::engine::builtins::{BuiltinError, Context};
use crate::engine::value::Value;

/// The union of objects; a value that is none merges with nothing and stands for all before it.
pub(super) fn merged(context: &mut Context, objects: &[Value]) -> Result<Value, BuiltinError> {
    let mut entries: Vec<&(Value, Value)> = Vec::new();
    for object in objects.iter().filter_map(Value::as_object) {
        context.allocate_values(object.len().saturating_mul(3))?;
        context.work(object.len().saturating_mul(16))?;
        entries.extend(object);
    }
    // The sort is stable: of equal keys, the later object's stands later.
    entries.sort_by(|left, right| left.0.cmp(&right.0));
    let mut union = Vec::new();
    for group in entries.chunk_by(|left, right| left.0 == right.0) {
        context.step()?;
        let Some((key, last)) = group.last() else { continue };
        let alone = group.len() == 1 || last.as_object().is_none();
        let value = if alone { last.clone() } else { nested(context, group)? };
        union.push((key.clone(), value));
    }
    Ok(Value::object(union))
}

fn nested(context: &mut Context, group: &[&(Value, Value)]) -> Result<Value, BuiltinError> {
    let objects = group.iter().rev().take_while(|(_, value)| value.as_object().is_some()).count();
    let mut values = Vec::with_capacity(objects);
    values.extend(group[group.len() - objects..].iter().map(|(_, value)| value.clone()));
    merged(context, &values)
}
