//! Terms: one value, or undefined.

use super::document::{Place, stored};
use super::{Defined, Failure, FailureKind, Frame, Next, Session};
use crate::engine::ast::Span;
use crate::engine::program::{Base, Collection, Comprehension, Reference, Term};
use crate::engine::value::{NESTING, Object, Value};

/// OPA's words for two values of one key.
pub(super) const KEYS: &str = "object keys must be unique";

impl<'p> Session<'p> {
    /// The value of a term whose variables are bound.
    pub(super) fn term(&mut self, term: &'p Term, frame: &mut Frame) -> Defined {
        match term {
            Term::Constant(value) => Ok(Some(value.clone())),
            Term::Slot(slot) => Ok(frame[*slot as usize].clone()),
            Term::Array(terms) => match self.terms(terms, frame)? {
                Some(items) => self.bounded(Value::array(items)),
                None => Ok(None),
            },
            Term::Set(terms) => match self.terms(terms, frame)? {
                Some(items) => self.bounded(Value::set(items)),
                None => Ok(None),
            },
            Term::Object(entries) => self.object(entries, frame),
            Term::Reference(reference) => self.reference(reference, frame),
            Term::Call(call) => self.call(call, frame),
            Term::Comprehension(comprehension) => {
                self.comprehension(comprehension, frame).map(Some)
            }
        }
    }

    /// The values of all terms; `None` where one is undefined.
    pub(super) fn terms(
        &mut self,
        terms: &'p [Term],
        frame: &mut Frame,
    ) -> Result<Option<Vec<Value>>, Failure> {
        let mut values = Vec::with_capacity(terms.len());
        for term in terms {
            match self.term(term, frame)? {
                Some(value) => values.push(value),
                None => return Ok(None),
            }
        }
        Ok(Some(values))
    }

    fn object(&mut self, entries: &'p [(Term, Term)], frame: &mut Frame) -> Defined {
        let mut found = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let Some(key) = self.term(key, frame)? else { return Ok(None) };
            let Some(value) = self.term(value, frame)? else { return Ok(None) };
            found.push((key, value));
        }
        self.object_of(found, Span::default()).and_then(|object| self.bounded(object))
    }

    #[expect(clippy::unused_self, reason = "it reads as what the session does")]
    fn object_of(&self, entries: Vec<(Value, Value)>, span: Span) -> Result<Value, Failure> {
        match Object::without_conflict(entries) {
            Ok(object) => Ok(Value::Object(object.into())),
            Err(_) => Err(Failure::conflict(span, KEYS)),
        }
    }

    /// Refuses values that are nested so deep that walking them would end the stack.
    #[expect(clippy::unused_self, reason = "it reads as what the session does")]
    fn bounded(&self, value: Value) -> Defined {
        if value.nesting() > NESTING {
            let message = format!("a value is nested deeper than {NESTING}");
            return Err(Failure { kind: FailureKind::Limit, span: Span::default(), message });
        }
        Ok(Some(value))
    }

    fn reference(&mut self, reference: &'p Reference, frame: &mut Frame) -> Defined {
        let span = reference.span;
        let start = match reference.base {
            Base::Group(group) if self.program.group(group).kind.has_keys() => {
                let Some(keys) = self.terms(&reference.path, frame)? else { return Ok(None) };
                let Some(value) = self.group_at(group, &keys, span)? else { return Ok(None) };
                return self.at(Place::Value(value), &keys, span);
            }
            _ => self.base(&reference.base, frame, span)?,
        };
        let Some(mut place) = start else { return Ok(None) };
        for part in &reference.path {
            let key;
            let key = match part {
                Term::Constant(key) => key,
                part => match self.term(part, frame)? {
                    Some(found) => {
                        key = found;
                        &key
                    }
                    None => return Ok(None),
                },
            };
            let found = match (&place, &reference.base) {
                (Place::Value(value), Base::Data(_)) => {
                    stored(value, key).cloned().map(Place::Value)
                }
                _ => self.under(&place, key, span)?,
            };
            match found {
                Some(found) => place = found,
                None => return Ok(None),
            }
        }
        self.whole(place, span)
    }

    /// The collection that a comprehension makes.
    pub(super) fn comprehension(
        &mut self,
        comprehension: &'p Comprehension,
        frame: &mut Frame,
    ) -> Result<Value, Failure> {
        let key = std::ptr::from_ref(comprehension) as usize;
        let alone = comprehension.captures.is_empty();
        if alone && let Some(known) = self.scope.comprehensions.get(&key) {
            return Ok(known.clone());
        }
        let value = self.quietly(|session| session.collected(comprehension, frame))?;
        if alone {
            self.scope.comprehensions.insert(key, value.clone());
        }
        Ok(value)
    }

    fn collected(
        &mut self,
        comprehension: &'p Comprehension,
        frame: &mut Frame,
    ) -> Result<Value, Failure> {
        let span = comprehension.span;
        let value = match &comprehension.collection {
            Collection::Array(item) => Value::array(self.items(comprehension, item, frame)?),
            Collection::Set(item) => Value::set(self.items(comprehension, item, frame)?),
            Collection::Object(key, value) => {
                let mut entries = Vec::new();
                self.block(&comprehension.body, frame, &mut |session, frame| {
                    if let Some(key) = session.term(key, frame)?
                        && let Some(value) = session.term(value, frame)?
                    {
                        session.keep::<(Value, Value)>(span)?;
                        entries.push((key, value));
                    }
                    Ok(Next::More)
                })?;
                self.object_of(entries, span)?
            }
        };
        self.bounded(value).map(|value| value.unwrap_or(Value::Null))
    }

    fn items(
        &mut self,
        comprehension: &'p Comprehension,
        item: &'p Term,
        frame: &mut Frame,
    ) -> Result<Vec<Value>, Failure> {
        let mut items = Vec::new();
        self.block(&comprehension.body, frame, &mut |session, frame| {
            if let Some(item) = session.term(item, frame)? {
                session.keep::<Value>(comprehension.span)?;
                items.push(item);
            }
            Ok(Next::More)
        })?;
        Ok(items)
    }
}
