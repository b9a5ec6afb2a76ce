//! One walk over a document along the rules of its format.

use serde::de::DeserializeSeed;
use serde_json::Value;

use super::node::Node;
use super::{Path, Rules, Run, Sink, Type, value};
use crate::verify::failure::Failure;

/// Walks over JSON. What the rules forbid is noted in the run; an error is a document that is no
/// JSON, or one that two readers could read differently.
pub(in super::super) fn check_json<S: Sink>(
    bytes: &[u8],
    rules: &Rules,
    run: &mut Run<'_, S>,
) -> Result<(), Failure> {
    let mut reader = serde_json::Deserializer::from_str(value::read_text(bytes)?);
    Node::root(rules, &Type::Object(rules.root), run)
        .deserialize(&mut reader)
        .and_then(|_| reader.end())
        .map_err(|error| Failure::malformed(error.to_string()))
}

/// Walks over a value that has been read, as the object type of this name.
pub(in super::super) fn check_value<S: Sink>(
    value: &Value,
    name: &str,
    at: &Path<'_>,
    rules: &Rules,
    run: &mut Run<'_, S>,
) -> Result<(), Failure> {
    let object = rules.objects.iter().position(|object| object.name == name);
    let kind = object.map_or(Type::Any, Type::Object);
    Node { path: at, ..Node::root(rules, &kind, run) }
        .deserialize(value)
        .map(|_| ())
        .map_err(|error| Failure::malformed(error.to_string()))
}
