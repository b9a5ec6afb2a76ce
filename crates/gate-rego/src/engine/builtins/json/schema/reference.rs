//! A schema with what is referred to within it.

use std::collections::BTreeMap;

use super::{Draft, failed};
use crate::engine::builtins::{BuiltinError, Context};
use crate::engine::value::{Object, Value};

/// A whole schema.
pub(super) struct Root {
    pub(super) schema: Value,
    pub(super) draft: Draft,
    /// The schemas that have names of their own.
    names: BTreeMap<String, Value>,
}

impl Root {
    pub(super) fn new(context: &mut Context, schema: Value) -> Result<Self, BuiltinError> {
        let draft = match schema {
            Value::Bool(_) => Draft::Hybrid,
            Value::Object(_) => draft(&schema)?,
            _ => return Err(failed("schema is invalid")),
        };
        let mut names = BTreeMap::new();
        collect(context, &schema, "", &mut names)?;
        if names.is_empty() {
            return Ok(Self { schema, draft, names });
        }
        // A reference is seen from the name around it.
        let schema = absolute(context, &schema, "")?;
        names.clear();
        collect(context, &schema, "", &mut names)?;
        Ok(Self { schema, draft, names })
    }

    /// The schema that a reference means.
    pub(super) fn resolve(&self, reference: &str) -> Result<&Value, BuiltinError> {
        if let Some(schema) = self.names.get(reference) {
            return Ok(schema);
        }
        let (base, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let document = if base.is_empty() { Some(&self.schema) } else { self.names.get(base) };
        match document {
            Some(document) => pointed(document, fragment),
            None if base.contains("://") => {
                Err(failed(format!("remote reference loading disabled: {reference}")))
            }
            None => {
                let slash = if base.starts_with('/') { "" } else { "/" };
                Err(failed(format!("Reference {slash}{reference} must be canonical")))
            }
        }
    }
}

fn draft(schema: &Value) -> Result<Draft, BuiltinError> {
    let Some(named) = schema.field("$schema") else { return Ok(Draft::Hybrid) };
    let named = named.as_str().ok_or_else(|| failed("$schema must be of type string"))?;
    Ok(match named.strip_suffix('#').unwrap_or(named) {
        "http://json-schema.org/draft-04/schema" => Draft::Four,
        "http://json-schema.org/draft-06/schema" => Draft::Six,
        "http://json-schema.org/draft-07/schema" => Draft::Seven,
        _ => Draft::Hybrid,
    })
}

/// Collects the names within a schema, each by itself and seen from the name around it.
fn collect(
    context: &mut Context,
    value: &Value,
    base: &str,
    names: &mut BTreeMap<String, Value>,
) -> Result<(), BuiltinError> {
    context.step()?;
    match value {
        Value::Array(items) => {
            items.iter().try_for_each(|item| collect(context, item, base, names))
        }
        Value::Object(object) => {
            let name = value.field("id").or_else(|| value.field("$id")).and_then(Value::as_str);
            let name = name.map(|name| name.strip_suffix('#').unwrap_or(name));
            let base = name.map_or_else(|| base.to_owned(), |name| joined(base, name));
            if let Some(name) = name.filter(|name| !name.is_empty()) {
                context.allocate(name.len().saturating_add(base.len()))?;
                if names.insert(base.clone(), value.clone()).is_some() {
                    return Err(failed(format!("Reference already exists: \"{base}\"")));
                }
                names.entry(name.to_owned()).or_insert_with(|| value.clone());
            }
            for (key, item) in object.iter() {
                match key.as_str() {
                    // What stands there is taken as it is.
                    Some("const" | "enum") => {}
                    Some("properties" | "dependencies" | "patternProperties") => {
                        for item in item.as_object().into_iter().flat_map(Object::values) {
                            collect(context, item, &base, names)?;
                        }
                    }
                    _ => collect(context, item, &base, names)?,
                }
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// The schema with its references as seen from the names around them.
fn absolute(context: &mut Context, value: &Value, base: &str) -> Result<Value, BuiltinError> {
    context.step()?;
    match value {
        Value::Array(items) => {
            context.allocate_values(items.len())?;
            let items = items.iter().map(|item| absolute(context, item, base));
            Ok(Value::array(items.collect::<Result<_, _>>()?))
        }
        Value::Object(object) => {
            let name = value.field("id").or_else(|| value.field("$id")).and_then(Value::as_str);
            let name = name.map(|name| name.strip_suffix('#').unwrap_or(name));
            let base = name.map_or_else(|| base.to_owned(), |name| joined(base, name));
            context.allocate_values(object.len().saturating_mul(2))?;
            let mut entries = Vec::with_capacity(object.len());
            for (key, item) in object.iter() {
                let item = match (key.as_str(), item) {
                    (Some("const" | "enum"), item) => item.clone(),
                    (Some("$ref"), Value::String(reference)) => {
                        Value::from(joined(&base, reference))
                    }
                    (
                        Some("properties" | "dependencies" | "patternProperties"),
                        Value::Object(named),
                    ) => {
                        let named = named.iter().map(|(name, item)| {
                            Ok::<_, BuiltinError>((name.clone(), absolute(context, item, &base)?))
                        });
                        Value::object(named.collect::<Result<_, _>>()?)
                    }
                    (_, item) => absolute(context, item, &base)?,
                };
                entries.push((key.clone(), item));
            }
            Ok(Value::object(entries))
        }
        other => Ok(other.clone()),
    }
}

/// A name as seen from another one.
fn joined(base: &str, name: &str) -> String {
    let document = base.split('#').next().unwrap_or_default();
    if name.starts_with('#') {
        return format!("{document}{name}");
    }
    match document.rsplit_once('/') {
        Some((folder, _)) if !name.contains("://") && !name.starts_with('/') => {
            format!("{folder}/{name}")
        }
        _ => name.to_owned(),
    }
}

fn pointed<'a>(document: &'a Value, fragment: &str) -> Result<&'a Value, BuiltinError> {
    if fragment.is_empty() {
        return Ok(document);
    }
    let pointer = unescaped(fragment);
    let Some(path) = pointer.strip_prefix('/') else {
        return Err(failed("JSON pointer must be empty or start with a \"/\""));
    };
    let mut found = document;
    for token in path.split('/') {
        let token = token.replace("~1", "/").replace("~0", "~");
        found = match found {
            Value::Object(object) => object
                .field(&token)
                .ok_or_else(|| failed(format!("Object has no key '{token}'")))?,
            Value::Array(array) => {
                let at: usize =
                    token.parse().map_err(|_| failed(format!("Invalid array index '{token}'")))?;
                array.as_slice().get(at).ok_or_else(|| {
                    failed(format!("Out of bound array[0,{}] index '{at}'", array.len()))
                })?
            }
            _ => return Err(failed(format!("Invalid token reference '{token}'"))),
        };
    }
    Ok(found)
}

/// The fragment without its percent signs; what is no UTF-8 then stays as it was.
fn unescaped(fragment: &str) -> String {
    let mut bytes = Vec::with_capacity(fragment.len());
    let mut rest = fragment.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let digits = behind.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.map(|digits| u8::from_str_radix(digits, 16)) {
            Some(Ok(byte)) if *first == b'%' => {
                bytes.push(byte);
                rest = &behind[2..];
            }
            _ => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| fragment.to_owned())
}
