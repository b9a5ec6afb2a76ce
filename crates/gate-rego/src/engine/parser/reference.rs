//! References and calls: what stands right behind a term.

use std::sync::Arc;

use super::{ParseError, Parsed, Parser};
use crate::engine::ast::{Call, Name, Notation, Reference, Term, TermKind};

impl Parser {
    /// The term with the parts and arguments that stand right behind it.
    pub(super) fn reference(&mut self, head: Term) -> Parsed<Term> {
        let mut term = head;
        while [".", "[", "("].into_iter().any(|symbol| self.is_adjacent(symbol)) {
            check_head(&term)?;
            let path = self.parts()?;
            let whole = joined(term, path);
            term = if self.is_adjacent("(") { self.call(&whole)? } else { whole };
            self.raise()?;
        }
        Ok(term)
    }

    /// `.a`, `["b"]` and `[x]`, as many as there are.
    pub(super) fn parts(&mut self) -> Parsed<Vec<Term>> {
        let mut path = Vec::new();
        loop {
            if self.is_adjacent(".") {
                self.bump();
                if self.token().spaced {
                    return Err(self.unexpected("expected ident"));
                }
                let name = self.any_name()?;
                path.push(Term::new(name.span, TermKind::String(name.text)));
            } else if self.is_adjacent("[") {
                path.push(self.bracketed()?);
            } else {
                return Ok(path);
            }
        }
    }

    /// `[x]`.
    pub(super) fn bracketed(&mut self) -> Parsed<Term> {
        self.bump();
        let part = self.infix(true)?;
        self.expect("]")?;
        Ok(part)
    }

    fn call(&mut self, function: &Term) -> Parsed<Term> {
        let start = function.span;
        let operator = operator(function)?;
        self.bump();
        let arguments = self.list(")")?;
        let span = start.to(self.last);
        if arguments.is_empty() && matches!(operator.as_slice(), [name] if &*name.text == "set") {
            return Ok(Term::new(span, TermKind::Set(Vec::new())));
        }
        let call = Call { operator, notation: Notation::Plain, arguments };
        Ok(Term::new(span, TermKind::Call(Box::new(call))))
    }
}

/// Only what can hold something, or be called, has parts.
fn check_head(term: &Term) -> Parsed<()> {
    let what = match &term.kind {
        TermKind::Null => "null",
        TermKind::Bool(_) => "boolean",
        TermKind::Number(_) => "number",
        TermKind::String(_) | TermKind::Template(_) => "string",
        TermKind::Reference(_) => "ref",
        _ => return Ok(()),
    };
    Err(ParseError { span: term.span, message: format!("illegal ref (head cannot be {what})") })
}

fn joined(head: Term, path: Vec<Term>) -> Term {
    let Some(last) = path.last() else { return head };
    // The last part's bracket is not in its own span; it is one byte longer.
    let span = head.span.to(last.span);
    Term::new(span, TermKind::Reference(Box::new(Reference { head, path })))
}

/// The names that a function's reference consists of.
fn operator(function: &Term) -> Parsed<Vec<Name>> {
    let name = |term: &Term| match &term.kind {
        TermKind::Variable(text) | TermKind::String(text) => {
            Ok(Name { text: Arc::clone(text), span: term.span })
        }
        _ => Err(ParseError {
            span: term.span,
            message: "illegal call: a function is named by constant parts".to_owned(),
        }),
    };
    match &function.kind {
        TermKind::Reference(reference) if reference.head.as_variable().is_some() => {
            std::iter::once(&reference.head).chain(&reference.path).map(name).collect()
        }
        TermKind::Variable(_) => Ok(vec![name(function)?]),
        _ => Err(ParseError {
            span: function.span,
            message: "illegal call: only a function can be called".to_owned(),
        }),
    }
}
