//! Replaces texts in a text: the first that fits at a place, in the order of the patterns.

use crate::engine::builtins::operands::{object, string};
use crate::engine::builtins::{BuiltinError, Context, Outcome, binary};
use crate::engine::value::Value;

pub(super) fn replace(context: &mut Context, operands: &[Value]) -> Outcome {
    let text = string(&operands[0], 1)?;
    let pattern = (string(&operands[1], 2)?, string(&operands[2], 3)?);
    let replaced = Replacer::new(vec![pattern]).replaced(context, text)?;
    Ok(Some(Value::from(replaced)))
}

pub(super) fn replace_n(context: &mut Context, operands: &[Value]) -> Outcome {
    let patterns = object(&operands[0], 1)?;
    let text = string(&operands[1], 2)?;
    let mut pairs = Vec::with_capacity(patterns.len());
    for (old, new) in patterns {
        let old = old
            .as_str()
            .ok_or_else(|| BuiltinError::operand(1, "non-string key found in pattern object"))?;
        let new = new
            .as_str()
            .ok_or_else(|| BuiltinError::operand(1, "non-string value found in pattern object"))?;
        pairs.push((old, new));
    }
    let replaced = Replacer::new(pairs).replaced(context, text)?;
    Ok(Some(Value::from(replaced)))
}

/// Patterns and what replaces them, by the first byte.
struct Replacer<'a> {
    /// What the empty pattern is replaced with. Keys are in order, so it is always the first.
    empty: Option<&'a str>,
    by_byte: Vec<Vec<(&'a str, &'a str)>>,
}

impl<'a> Replacer<'a> {
    fn new(patterns: Vec<(&'a str, &'a str)>) -> Self {
        let mut replacer = Self { empty: None, by_byte: vec![Vec::new(); 256] };
        for (old, new) in patterns {
            match old.bytes().next() {
                None => replacer.empty = Some(new),
                Some(byte) => replacer.by_byte[usize::from(byte)].push((old, new)),
            }
        }
        replacer
    }

    fn find(&self, rest: &[u8], after_empty: bool) -> Option<(usize, &'a str)> {
        if let Some(new) = self.empty.filter(|_| !after_empty) {
            return Some((0, new));
        }
        let patterns = &self.by_byte[usize::from(*rest.first()?)];
        let found = patterns.iter().find(|(old, _)| rest.starts_with(old.as_bytes()))?;
        Some((found.0.len(), found.1))
    }

    /// Goes byte by byte, as Go does: an empty pattern stands between the bytes of a character too.
    fn replaced(&self, context: &mut Context, text: &str) -> Result<String, BuiltinError> {
        let bytes = text.as_bytes();
        let longest = self.by_byte.iter().map(Vec::len).max().unwrap_or(0);
        context.allocate(bytes.len())?;
        let mut out = Vec::with_capacity(bytes.len());
        let (mut at, mut copied, mut after_empty) = (0, 0, false);
        while at <= bytes.len() {
            context.work(longest)?;
            if let Some((length, new)) = self.find(&bytes[at..], after_empty) {
                context.allocate(new.len())?;
                out.extend_from_slice(&bytes[copied..at]);
                out.extend_from_slice(new.as_bytes());
                after_empty = length == 0;
                at += length;
                copied = at;
            } else {
                after_empty = false;
                at += 1;
            }
        }
        out.extend_from_slice(&bytes[copied..]);
        binary::text(out)
    }
}
