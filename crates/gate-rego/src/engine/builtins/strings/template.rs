//! `strings.render_template`: texts with gaps, in the language of Go's `text/template`.
//!
//! What of that language is not here ends the evaluation: leaving it out would render another text.

use super::super::json::read;
use super::super::json::write::{self, Style};
use crate::engine::builtins::operands::{object, string};
use crate::engine::builtins::{BuiltinError, Context, Outcome};
use crate::engine::value::Value;

mod compare;
mod data;
mod functions;
mod parse;
mod render;
mod scan;
mod tree;

/// The deepest nesting of blocks, parentheses and calls of templates: each recurses.
const DEPTH: u32 = 100;

fn failed(message: impl std::fmt::Display) -> BuiltinError {
    BuiltinError::evaluation(format!("template: template: {message}"))
}

fn unsupported(what: impl std::fmt::Display) -> BuiltinError {
    BuiltinError::limit(format!("template has {what}, which is not supported"))
}

pub(super) fn render_template(context: &mut Context, operands: &[Value]) -> Outcome {
    let source = string(&operands[0], 1)?;
    object(&operands[1], 2)?;
    // Templates see JSON: sets are lists, and keys are texts.
    let json = write::write(context, &operands[1], &Style::Compact)?;
    let variables = read::read(context, &json)?;
    context.work(source.len())?;
    context.allocate(source.len().saturating_mul(16))?;
    let templates = parse::parse(source)?;
    let text = render::render(context, &templates, variables)?;
    context.allocate(text.len())?;
    Ok(Some(Value::from(text.replace("<no value>", "<undefined>"))))
}

#[cfg(test)]
mod tests;
