//! Matches values with patterns; what a pattern binds is written into the frame.

use super::{Failure, Frame, Session};
use crate::engine::program::Pattern;
use crate::engine::value::{Array, Object, Value};

impl<'p> Session<'p> {
    /// Whether the value has the pattern's shape and its known parts.
    pub(super) fn matches(
        &mut self,
        pattern: &'p Pattern,
        value: &Value,
        frame: &mut Frame,
    ) -> Result<bool, Failure> {
        match pattern {
            Pattern::Any => Ok(true),
            Pattern::Bind(slot) => {
                frame[*slot as usize] = Some(value.clone());
                Ok(true)
            }
            Pattern::Equal(term) => match term.constant() {
                Some(constant) => Ok(constant == value),
                None => Ok(self.term(term, frame)?.is_some_and(|found| found == *value)),
            },
            Pattern::Array(parts) => match value {
                Value::Array(items) => self.array_matches(parts, items, frame),
                _ => Ok(false),
            },
            Pattern::Object(parts) => match value {
                Value::Object(object) if object.len() == parts.len() => {
                    self.object_matches(parts, object, frame)
                }
                _ => Ok(false),
            },
        }
    }

    fn array_matches(
        &mut self,
        parts: &'p [Pattern],
        items: &Array,
        frame: &mut Frame,
    ) -> Result<bool, Failure> {
        if parts.len() != items.len() {
            return Ok(false);
        }
        for (part, item) in parts.iter().zip(items) {
            if !self.matches(part, item, frame)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn object_matches(
        &mut self,
        parts: &'p [(crate::engine::program::Term, Pattern)],
        object: &Object,
        frame: &mut Frame,
    ) -> Result<bool, Failure> {
        for (key, part) in parts {
            let Some(key) = self.term(key, frame)? else { return Ok(false) };
            let Some(value) = object.get(&key) else { return Ok(false) };
            if !self.matches(part, value, frame)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
