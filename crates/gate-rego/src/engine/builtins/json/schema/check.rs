//! Whether a schema is one, in the order in which OPA looks at its keywords.

use std::collections::BTreeSet;

use super::formats::compiles;
use super::keywords::{counts, invalid_type, list, map, must_be, required, text, types, values};
use super::{DEPTH, Draft, Root, failed};
use crate::engine::builtins::{BuiltinError, Context};
use crate::engine::value::Value;

type Checked = Result<(), BuiltinError>;

const BOOLEAN_OR_SCHEMA: &str = "boolean/Valid Schema";
const SCHEMAS: &str = "Valid Schema/Array Of Schemas";

/// The schema, if it is one.
pub(super) fn checked(context: &mut Context, schema: Value) -> Result<Root, BuiltinError> {
    let root = Root::new(context, schema)?;
    Checker { context, root: &root, referred: BTreeSet::new(), depth: 0 }.schema(&root.schema)?;
    Ok(root)
}

struct Checker<'a> {
    context: &'a mut Context,
    root: &'a Root,
    /// The references that were followed.
    referred: BTreeSet<&'a str>,
    depth: u32,
}

fn is_schema(value: &Value) -> bool {
    matches!(value, Value::Bool(_) | Value::Object(_))
}

impl<'a> Checker<'a> {
    fn schema(&mut self, schema: &'a Value) -> Checked {
        self.context.step()?;
        if self.depth >= DEPTH {
            return Err(BuiltinError::limit("schema is nested too deeply"));
        }
        if matches!(schema, Value::Bool(_)) && self.root.draft >= Draft::Six {
            return Ok(());
        }
        if !matches!(schema, Value::Object(_)) {
            return Err(failed("Expected: Valid Schema, given: Invalid JSON"));
        }
        self.depth += 1;
        let checked = self.keywords(schema);
        self.depth -= 1;
        checked
    }

    fn keywords(&mut self, schema: &'a Value) -> Checked {
        let id = match self.root.draft {
            Draft::Four => "id",
            Draft::Hybrid if schema.field("id").is_some() => "id",
            _ => "$id",
        };
        text(schema, id)?;
        self.definitions(schema)?;
        text(schema, "title")?;
        text(schema, "description")?;
        if let Some(reference) = text(schema, "$ref")? {
            return self.reference(reference);
        }
        types(schema)?;
        self.object(schema)?;
        self.items(schema)?;
        self.limits(schema)?;
        self.counts_and_texts(schema)?;
        self.parts(schema)
    }

    fn definitions(&mut self, schema: &'a Value) -> Checked {
        let wrong = || invalid_type("Array Of Schemas", "definitions");
        match schema.field("definitions") {
            None => Ok(()),
            Some(Value::Object(fields)) => fields.values().try_for_each(|value| {
                if is_schema(value) { self.schema(value) } else { Err(wrong()) }
            }),
            Some(_) => Err(wrong()),
        }
    }

    fn reference(&mut self, reference: &'a str) -> Checked {
        if !self.referred.insert(reference) {
            return Ok(());
        }
        let target = self.root.resolve(reference)?;
        if !is_schema(target) {
            return Err(must_be("Valid Schema", "object"));
        }
        self.schema(target)
    }

    fn object(&mut self, schema: &'a Value) -> Checked {
        match schema.field("properties") {
            None => {}
            Some(Value::Object(fields)) => {
                fields.values().try_for_each(|value| self.schema(value))?;
            }
            Some(_) => return Err(must_be("Properties", "object")),
        }
        self.boolean_or_schema(schema, "additionalProperties")?;
        for (pattern, value) in map(schema, "patternProperties")?.into_iter().flat_map(|f| f.iter())
        {
            let pattern = pattern.as_str().unwrap_or_default();
            if !compiles(self.context, pattern)? {
                return Err(failed(format!("Invalid regex pattern '{pattern}'")));
            }
            self.schema(value)?;
        }
        match schema.field("propertyNames").filter(|_| self.root.draft >= Draft::Six) {
            Some(value) if is_schema(value) => self.schema(value)?,
            Some(_) => return Err(invalid_type("Valid Schema", "patternProperties")),
            None => {}
        }
        self.dependencies(schema)
    }

    fn dependencies(&mut self, schema: &'a Value) -> Checked {
        let wrong = || must_be("Dependency", "Schema Or Array Of Strings");
        let fields = match schema.field("dependencies") {
            None => return Ok(()),
            Some(Value::Object(fields)) => fields,
            Some(_) => return Err(must_be("dependencies", "object")),
        };
        fields.values().try_for_each(|value| match value {
            Value::Array(names) if names.iter().all(|name| name.as_str().is_some()) => Ok(()),
            value if is_schema(value) => self.schema(value),
            _ => Err(wrong()),
        })
    }

    fn boolean_or_schema(&mut self, schema: &'a Value, key: &str) -> Checked {
        match schema.field(key) {
            None | Some(Value::Bool(_)) => Ok(()),
            Some(value @ Value::Object(_)) => self.schema(value),
            Some(_) => Err(invalid_type(BOOLEAN_OR_SCHEMA, key)),
        }
    }

    fn items(&mut self, schema: &'a Value) -> Checked {
        match schema.field("items") {
            None => {}
            Some(Value::Array(items)) => items.iter().try_for_each(|item| {
                if is_schema(item) {
                    self.schema(item)
                } else {
                    Err(invalid_type(SCHEMAS, "items"))
                }
            })?,
            Some(value) if is_schema(value) => self.schema(value)?,
            Some(_) => return Err(invalid_type(SCHEMAS, "items")),
        }
        self.boolean_or_schema(schema, "additionalItems")
    }

    fn limits(&self, schema: &Value) -> Checked {
        match schema.field("multipleOf") {
            Some(Value::Number(number))
                if number.is_zero() || number.to_string().starts_with('-') =>
            {
                return Err(failed("multipleOf must be strictly greater than 0"));
            }
            None | Some(Value::Number(_)) => {}
            Some(_) => return Err(invalid_type("Number", "multipleOf")),
        }
        for (key, exclusive) in [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")] {
            if schema.field(key).is_some_and(|value| value.as_number().is_none()) {
                return Err(failed(format!("{key} must be of a Number")));
            }
            let Some(limit) = schema.field(exclusive) else { continue };
            let expected = match (self.root.draft, limit) {
                (Draft::Four | Draft::Hybrid, Value::Bool(_)) => {
                    if schema.field(key).is_none() {
                        return Err(failed(format!("{exclusive} cannot be used without {key}")));
                    }
                    continue;
                }
                (Draft::Four, _) => "boolean",
                (_, Value::Number(_)) => continue,
                (Draft::Hybrid, _) => "boolean/number",
                _ => "number",
            };
            return Err(invalid_type(expected, exclusive));
        }
        Ok(())
    }

    fn counts_and_texts(&mut self, schema: &'a Value) -> Checked {
        if !counts(schema, ["minLength", "maxLength"])? {
            return Err(failed("minLength cannot be greater than maxLength"));
        }
        if let Some(pattern) = text(schema, "pattern")?
            && !compiles(self.context, pattern)?
        {
            return Err(failed("pattern must be a valid regex"));
        }
        text(schema, "format")?;
        if !counts(schema, ["minProperties", "maxProperties"])? {
            return Err(failed("minProperties cannot be greater than maxProperties"));
        }
        required(schema)?;
        // OPA does not compare these two.
        counts(schema, ["minItems", "maxItems"])?;
        match schema.field("uniqueItems") {
            None | Some(Value::Bool(_)) => Ok(()),
            Some(_) => Err(failed("uniqueItems must be of a boolean")),
        }
    }

    /// The schemas that a schema is put together of.
    fn parts(&mut self, schema: &'a Value) -> Checked {
        if let Some(value) = schema.field("contains").filter(|_| self.root.draft >= Draft::Six) {
            self.schema(value)?;
        }
        values(schema)?;
        for key in ["oneOf", "anyOf", "allOf"] {
            for value in list(schema, key)?.into_iter().flat_map(|values| values.iter()) {
                self.schema(value)?;
            }
        }
        let conditions = ["if", "then", "else"].iter().filter(|_| self.root.draft >= Draft::Seven);
        for key in std::iter::once(&"not").chain(conditions) {
            match schema.field(key) {
                None => {}
                Some(value) if is_schema(value) => self.schema(value)?,
                Some(_) => return Err(failed(format!("{key} must be of an object"))),
            }
        }
        Ok(())
    }
}
