//! Matches values with patterns; what a pattern binds is written into the frame.

use super::{Failure, Frame, Session};
use crate::engine::program::{Collection, Pattern, Term};
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
                if !self.is_wanted(*slot, value) {
                    return Ok(false);
                }
                frame[*slot as usize] = Some(value.clone());
                Ok(true)
            }
            Pattern::Equal(term) => match term.constant() {
                Some(constant) => Ok(constant == value),
                None if !may_equal(term, value) => Ok(false),
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

    /// Whether a variable may have a value, where a look by known keys says what some have.
    fn is_wanted(&self, slot: u32, value: &Value) -> bool {
        self.wanted.iter().all(|(wanted, known)| *wanted != slot || known == value)
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
        parts: &'p [(Term, Pattern)],
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

/// Whether a term may equal a value, without evaluating it: a comprehension makes one sort of value
/// alone. As in OPA it is then not evaluated, and no error in it is seen.
fn may_equal(term: &Term, value: &Value) -> bool {
    let Term::Comprehension(one) = term else { return true };
    match one.collection {
        // Beside a set OPA evaluates it.
        _ if matches!(value, Value::Set(_)) => true,
        Collection::Array(_) => matches!(value, Value::Array(_)),
        Collection::Object(..) => matches!(value, Value::Object(_)),
        Collection::Set(_) => false,
    }
}
