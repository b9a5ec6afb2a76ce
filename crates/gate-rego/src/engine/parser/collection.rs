//! Arrays, sets, objects and comprehensions.

use super::{Parsed, Parser};
use crate::engine::ast::{Body, Comprehension, ComprehensionKind, Span, Term, TermKind};

impl Parser {
    pub(super) fn array(&mut self) -> Parsed<Term> {
        let start = self.token().span;
        self.bump();
        if self.take("]") {
            return Ok(Term::new(start.to(self.last), TermKind::Array(Vec::new())));
        }
        let comma = self.take(",");
        let first = self.term()?;
        if !comma && let Some(body) = self.comprehension_body("]", true)? {
            return Ok(self.comprehension(start, ComprehensionKind::Array(first), body));
        }
        let first = self.infix_from(first, false)?;
        let items = self.rest_of_list(first, "]")?;
        Ok(Term::new(start.to(self.last), TermKind::Array(items)))
    }

    pub(super) fn set_or_object(&mut self) -> Parsed<Term> {
        let start = self.token().span;
        self.bump();
        if self.take("}") {
            return Ok(Term::new(start.to(self.last), TermKind::Object(Vec::new())));
        }
        let comma = self.take(",");
        let first = self.term()?;
        if !comma && let Some(body) = self.comprehension_body("}", true)? {
            return Ok(self.comprehension(start, ComprehensionKind::Set(first), body));
        }
        let first = self.infix_from(first, false)?;
        if self.take(":") {
            return self.object(start, first, !comma);
        }
        if !self.is("}") && !self.is(",") {
            return Err(self.unexpected("non-terminated set"));
        }
        let items = self.rest_of_list(first, "}")?;
        Ok(Term::new(start.to(self.last), TermKind::Set(items)))
    }

    /// An object from its first value on.
    fn object(&mut self, start: Span, key: Term, may_comprehend: bool) -> Parsed<Term> {
        let value = self.term()?;
        if may_comprehend && let Some(body) = self.comprehension_body("}", false)? {
            return Ok(self.comprehension(start, ComprehensionKind::Object(key, value), body));
        }
        let value = self.infix_from(value, false)?;
        let mut entries = vec![(key, value)];
        loop {
            if self.take("}") {
                return Ok(Term::new(start.to(self.last), TermKind::Object(entries)));
            }
            if !self.take(",") {
                return Err(self.unexpected("expected \",\" or \"}\""));
            }
            if self.take("}") {
                return Ok(Term::new(start.to(self.last), TermKind::Object(entries)));
            }
            let key = self.infix(false)?;
            if !self.take(":") {
                return Err(self.unexpected("expected \":\""));
            }
            entries.push((key, self.infix(false)?));
        }
    }

    /// A comprehension's `| body` up to the closing bracket; nothing where none follows.
    ///
    /// `[a | b, c]` and `{x: a | b, y: c}` are no comprehensions but unions, as the comma shows
    /// only later. Then the body is read once more as operands, and the place is remembered, so
    /// that nested ones are not tried over and over.
    fn comprehension_body(&mut self, end: &str, only_comma: bool) -> Parsed<Option<Body>> {
        if !self.is("|") || self.unions.contains(&self.at) {
            return Ok(None);
        }
        let (bar, highest) = (self.at, self.highest);
        self.bump();
        match self.body(end) {
            Ok(body) => Ok(Some(body)),
            Err(error) if only_comma && !self.is(",") => Err(error),
            Err(_) => {
                self.unions.insert(bar);
                self.rewind(bar);
                self.highest = highest;
                Ok(None)
            }
        }
    }

    fn comprehension(&self, start: Span, kind: ComprehensionKind, body: Body) -> Term {
        let comprehension = Box::new(Comprehension { kind, body });
        Term::new(start.to(self.last), TermKind::Comprehension(comprehension))
    }

    /// Terms up to a closing bracket, which is taken.
    pub(super) fn list(&mut self, end: &str) -> Parsed<Vec<Term>> {
        if self.take(end) {
            return Ok(Vec::new());
        }
        let first = self.infix(false)?;
        self.rest_of_list(first, end)
    }

    fn rest_of_list(&mut self, first: Term, end: &str) -> Parsed<Vec<Term>> {
        let mut items = vec![first];
        loop {
            if self.take(end) {
                return Ok(items);
            }
            if !self.take(",") {
                return Err(self.unexpected(&format!("expected \",\" or \"{end}\"")));
            }
            if self.take(end) {
                return Ok(items);
            }
            items.push(self.infix(false)?);
        }
    }
}
