//! `json.match_schema` and `json.verify_schema`: JSON Schema in its drafts 4 to 7 as OPA judges by it.
//!
//! It is read here and not by a crate: a crate knows no budget, and OPA's complaints about schemas
//! and documents, their order included, come of how it walks both. Nothing is loaded from elsewhere.

use super::read;
use super::write::{self, Style};
use crate::engine::builtins::{BuiltinError, Context, ErrorKind, Outcome};
use crate::engine::value::Value;

mod check;
mod formats;
mod judge;
mod keywords;
mod numbers;
mod reference;
mod verdict;

use reference::Root;

/// The deepest nesting of schemas, references included: both walks recurse.
const DEPTH: u32 = 256;

/// The drafts that differ; a schema that names none is read by the rules of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Draft {
    Four,
    Six,
    Seven,
    Hybrid,
}

fn failed(message: impl Into<String>) -> BuiltinError {
    BuiltinError::evaluation(message)
}

pub(super) fn verify_schema(context: &mut Context, operands: &[Value]) -> Outcome {
    let schema = loaded(context, &operands[0]);
    let complaint = match schema.and_then(|schema| check::checked(context, schema)) {
        Ok(_) => Value::Null,
        Err(error) if error.kind == ErrorKind::Evaluation => {
            Value::from(format!("jsonschema: {error}"))
        }
        Err(error) => return Err(error),
    };
    let valid = Value::Bool(matches!(complaint, Value::Null));
    Ok(Some(Value::array(vec![valid, complaint])))
}

pub(super) fn match_schema(context: &mut Context, operands: &[Value]) -> Outcome {
    let document = loaded(context, &operands[0])?;
    let schema = loaded(context, &operands[1])?;
    let root = check::checked(context, schema)?;
    let complaints = judge::judge(context, &root, &document)?;
    let valid = Value::Bool(complaints.is_empty());
    context.allocate_values(complaints.len().saturating_mul(16))?;
    let complaints = complaints.into_iter().map(verdict::Complaint::into_value).collect();
    Ok(Some(Value::array(vec![valid, Value::array(complaints)])))
}

/// A schema or document: JSON text, or a value as JSON has it, where sets are arrays.
fn loaded(context: &mut Context, operand: &Value) -> Result<Value, BuiltinError> {
    match operand {
        Value::String(text) => {
            context.work(text.len())?;
            if !read::is_valid(text) {
                return Err(failed("invalid JSON string"));
            }
            read::read(context, text)
        }
        Value::Object(_) | Value::Array(_) => {
            let text = write::write(context, operand, &Style::Compact)?;
            read::read(context, &text)
        }
        _ => Err(failed("wrong type, expected string or object")),
    }
}

#[cfg(test)]
mod tests;
