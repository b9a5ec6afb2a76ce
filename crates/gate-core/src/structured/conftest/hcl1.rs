//! HCL in the shape of version 1: every object is a list of objects, and labels are keys.

use ::hcl::structure::Structure;
use ::hcl::{Body, Expression};
use serde_json::{Map, Value, json};

use super::super::{hcl, value};

/// Reads a file.
pub(super) fn read(text: &str) -> Result<Value, String> {
    let parsed = ::hcl::parse(text)
        .map_err(|error| error.to_string().split_whitespace().collect::<Vec<_>>().join(" "))?;
    let value = Value::Object(body(parsed)?);
    value::bounded(value).map_err(|error| error.to_string())
}

fn body(body: Body) -> Result<Map<String, Value>, String> {
    let mut map = Map::new();
    for structure in body {
        let (key, value) = match structure {
            Structure::Attribute(attribute) => {
                (attribute.key.to_string(), expression(attribute.expr)?)
            }
            Structure::Block(block) => {
                let inner = Value::Object(self::body(block.body)?);
                let labels = block.labels.iter().rev();
                let value =
                    labels.fold(json!([inner]), |value, label| json!([{label.as_str(): value}]));
                (block.identifier.to_string(), value)
            }
        };
        match (map.get_mut(&key), value) {
            (Some(Value::Array(list)), Value::Array(more)) => list.extend(more),
            (_, value) => {
                map.insert(key, value);
            }
        }
    }
    Ok(map)
}

/// Objects are lists here too.
fn expression(it: Expression) -> Result<Value, String> {
    fn listed(value: Value) -> Value {
        match value {
            Value::Object(members) => {
                let members = members.into_iter().map(|(key, value)| (key, listed(value)));
                json!([members.collect::<Map<_, _>>()])
            }
            Value::Array(items) => items.into_iter().map(listed).collect(),
            other => other,
        }
    }
    hcl::expression(it).map(listed)
}
