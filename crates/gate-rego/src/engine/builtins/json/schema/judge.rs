//! Judges a document by a schema that was checked.

use super::verdict::{Complaint, ROOT, Verdict};
use super::{DEPTH, Draft, Root};
use crate::engine::builtins::{BuiltinError, Context};
use crate::engine::value::Value;

mod collections;
mod parts;
mod plain;

type Judged = Result<Verdict, BuiltinError>;

/// The rules that a document breaks.
pub(super) fn judge(
    context: &mut Context,
    root: &Root,
    document: &Value,
) -> Result<Vec<Complaint>, BuiltinError> {
    let mut judge = Judge { context, root, depth: 0 };
    Ok(judge.value(&root.schema, document, ROOT)?.complaints)
}

struct Judge<'a> {
    context: &'a mut Context,
    root: &'a Root,
    depth: u32,
}

impl Judge<'_> {
    fn value(&mut self, schema: &Value, value: &Value, path: &str) -> Judged {
        self.context.step()?;
        self.context.allocate(path.len())?;
        if self.depth >= DEPTH {
            return Err(BuiltinError::limit("schema is nested too deeply"));
        }
        self.depth += 1;
        let judged = self.by_keywords(schema, value, path);
        self.depth -= 1;
        judged
    }

    fn by_keywords(&mut self, schema: &Value, value: &Value, path: &str) -> Judged {
        let mut verdict = Verdict::default();
        if let Value::Bool(pass) = schema {
            if !pass {
                let description = "False always fails validation".to_owned();
                self.complain(&mut verdict, "false", path, description)?;
            }
            return Ok(verdict);
        }
        if let Some(reference) = schema.field("$ref").and_then(Value::as_str) {
            let target = self.root.resolve(reference)?;
            return self.value(target, value, path);
        }
        if let Some(complaint) = wrong_type(schema, value) {
            self.complain(&mut verdict, "invalid_type", path, complaint)?;
            return Ok(verdict);
        }
        self.parts(&mut verdict, schema, value, path)?;
        match value {
            Value::Array(items) => self.array(&mut verdict, schema, items.as_slice(), path)?,
            Value::Object(object) => self.object(&mut verdict, schema, object, path)?,
            Value::Number(number) => self.number(&mut verdict, schema, number, path)?,
            _ => {}
        }
        self.common(&mut verdict, schema, value, path)?;
        match value {
            Value::String(text) => self.text(&mut verdict, schema, text, path)?,
            Value::Object(object) => self.properties(&mut verdict, schema, object, path)?,
            _ => {}
        }
        verdict.score += 1;
        Ok(verdict)
    }

    fn complain(
        &mut self,
        verdict: &mut Verdict,
        kind: &'static str,
        path: &str,
        description: String,
    ) -> Result<(), BuiltinError> {
        let length = path.len().saturating_add(description.len().saturating_mul(3));
        self.context.allocate(length.saturating_add(256))?;
        verdict.complain(kind, path, description);
        Ok(())
    }

    fn since(&self, draft: Draft) -> bool {
        self.root.draft >= draft
    }
}

/// What is wrong with the value's type.
fn wrong_type(schema: &Value, value: &Value) -> Option<String> {
    let wanted = match schema.field("type")? {
        Value::Array(several) => several.as_slice(),
        single => std::slice::from_ref(single),
    };
    let given = match value {
        Value::Number(number) if number.is_integer() => "integer",
        other => other.type_name(),
    };
    let allowed = wanted.iter().filter_map(Value::as_str);
    let fits = |name: &str| name == given || (name == "number" && given == "integer");
    if wanted.is_empty() || allowed.clone().any(fits) {
        return None;
    }
    let names: Vec<&str> = allowed.collect();
    let expected = match names.as_slice() {
        [single] => (*single).to_owned(),
        several => format!("[{}]", several.join(",")),
    };
    Some(format!("Invalid type. Expected: {expected}, given: {given}"))
}

/// The place of an item or field.
fn below(path: &str, key: impl std::fmt::Display) -> String {
    format!("{path}.{key}")
}
