//! Literals of the syntax tree as literals with resolved names.

use std::collections::HashSet;

use super::intermediate::{Call, Literal, LiteralKind, Reference, Root, Term};
use super::reference::{Builder, Made, is_print, wrong_arity};
use super::scope::Occurrence;
use super::{Code, Error, unused};
use crate::engine::ast::{self, Span, TermKind};
use crate::engine::program::Callee;

impl Builder<'_> {
    /// A literal, and before it those that its terms need.
    pub(super) fn literal(&mut self, literal: &ast::Literal, body: &mut Vec<Literal>) -> Made<()> {
        let span = literal.span;
        // Values of `with` are evaluated before, without what they replace.
        let with = self.with(&literal.with, body)?;
        let first = body.len();
        let kind = match &literal.kind {
            ast::LiteralKind::Some(declaration) => {
                for name in &declaration.names {
                    self.scopes.declare(&name.text, Occurrence::Declared, name.span)?;
                }
                return Ok(());
            }
            ast::LiteralKind::SomeIn { key, value, collection } => {
                self.some_in((key.as_ref(), value, collection), span, body)?
            }
            ast::LiteralKind::Every { key, value, domain, body: inner } => {
                self.every((key.as_ref(), value), domain, inner, body)?
            }
            ast::LiteralKind::Not(inner) => {
                if let ast::LiteralKind::Assign(..) = **inner {
                    let message = "cannot assign vars inside negated expression";
                    return Err(Error::new(Code::Compile, span, message));
                }
                LiteralKind::Not(Box::new(self.simple(inner, span, body)?))
            }
            ast::LiteralKind::Assign(left, right) => {
                let right = self.term(right, body)?;
                let left = self.assigned(left, body)?;
                LiteralKind::Unify { left, right, assigned: true }
            }
            other => self.simple(other, span, body)?,
        };
        finish(body, first, span, kind, &with);
        Ok(())
    }

    /// An expression or a unification.
    fn simple(
        &mut self,
        kind: &ast::LiteralKind,
        span: Span,
        body: &mut Vec<Literal>,
    ) -> Made<LiteralKind> {
        match kind {
            ast::LiteralKind::Unify(left, right) => {
                let left = self.term(left, body)?;
                let right = self.term(right, body)?;
                Ok(LiteralKind::Unify { left, right, assigned: false })
            }
            ast::LiteralKind::Expression(term) => match &term.kind {
                TermKind::Call(call) => self.call(call, term.span, body),
                _ => Ok(LiteralKind::Term(self.term(term, body)?)),
            },
            _ => Err(Error::new(Code::Compile, span, "unexpected literal")),
        }
    }

    /// A call that is a literal of its own: its result may be an argument more.
    fn call(&mut self, call: &ast::Call, span: Span, body: &mut Vec<Literal>) -> Made<LiteralKind> {
        if let Some(value) = self.metadata_call(call, span)? {
            return Ok(LiteralKind::Term(Term::Constant(value)));
        }
        if let ([name], [left, right]) = (call.operator.as_slice(), call.arguments.as_slice())
            && &*name.text == "eq"
        {
            let left = self.term(left, body)?;
            let right = self.term(right, body)?;
            return Ok(LiteralKind::Unify { left, right, assigned: false });
        }
        if let Some(read) = self.rule_called(call, span) {
            return Ok(LiteralKind::Term(read));
        }
        let (callee, arity) = self.callee(call, span)?;
        if is_print(callee) {
            let values = call.arguments.iter().map(|term| self.set_of_values(term, &[]));
            return Ok(LiteralKind::Print(span, values.collect::<Made<_>>()?));
        }
        if call.arguments.len() != arity && call.arguments.len() != arity + 1 {
            return Err(wrong_arity(call, span, arity));
        }
        let arguments = self.terms(&call.arguments, body)?;
        Ok(LiteralKind::Call(Call { span, callee, arity, arguments }))
    }

    /// The left side of `:=`: names in arrays and in the values of objects are declared.
    fn assigned(&mut self, term: &ast::Term, body: &mut Vec<Literal>) -> Made<Term> {
        let refused = |what: &str| {
            Err(Error::new(Code::Compile, term.span, format!("cannot assign to {what}")))
        };
        match &term.kind {
            TermKind::Variable(name) if matches!(&**name, "input" | "data") => {
                let message =
                    format!("variables must not shadow {name} (use a different variable name)");
                Err(Error::new(Code::Compile, term.span, message))
            }
            TermKind::Variable(name) => {
                let variable = self.scopes.declare(name, Occurrence::Assigned, term.span)?;
                Ok(Term::Variable(variable))
            }
            TermKind::Array(items) => {
                let items = items.iter().map(|item| self.assigned(item, body));
                Ok(Term::Array(items.collect::<Made<_>>()?))
            }
            TermKind::Object(entries) => {
                let mut made = Vec::with_capacity(entries.len());
                for (key, value) in entries {
                    made.push((self.term(key, body)?, self.assigned(value, body)?));
                }
                Ok(Term::Object(made))
            }
            TermKind::Null => refused("null"),
            TermKind::Bool(_) => refused("boolean"),
            TermKind::Number(_) => refused("number"),
            TermKind::String(_) | TermKind::Template(_) => refused("string"),
            TermKind::Reference(_) => refused("ref"),
            TermKind::Call(_) => refused("call"),
            TermKind::Set(_) => refused("set"),
            TermKind::Comprehension(_) => refused("comprehension"),
        }
    }

    fn some_in(
        &mut self,
        (key, value, collection): (Option<&ast::Term>, &ast::Term, &ast::Term),
        span: Span,
        body: &mut Vec<Literal>,
    ) -> Made<LiteralKind> {
        let (mut bound, mut domain) = (HashSet::new(), HashSet::new());
        if let Some(key) = key {
            unused::pattern_names(key, &mut bound);
        }
        unused::pattern_names(value, &mut bound);
        unused::all_names(collection, &mut domain);
        bound.remove("_");
        if let Some(name) = bound.intersection(&domain).next() {
            return Err(Error::new(Code::Compile, span, format!("var {name} assigned before")));
        }
        let domain = self.term(collection, body)?;
        let mut reference = match domain {
            Term::Reference(reference) => *reference,
            other => {
                // OPA infers no type of a scalar that is looked into.
                let hidden = matches!(other, Term::Constant(_));
                let variable = self.captured(other, collection.span, body);
                if hidden {
                    self.scopes.hide_type(variable);
                }
                let root = Root::Variable(variable);
                Reference { span: collection.span, root, path: Vec::new() }
            }
        };
        let key = match key {
            Some(key) => self.declared(key, body)?,
            None => Term::Variable(self.scopes.wildcard()),
        };
        let value = self.declared(value, body)?;
        reference.path.push(key);
        let right = Term::Reference(Box::new(reference));
        Ok(LiteralKind::Unify { left: value, right, assigned: false })
    }

    /// A pattern of `some ... in`: its names are declared, what else it holds is compared with.
    fn declared(&mut self, term: &ast::Term, body: &mut Vec<Literal>) -> Made<Term> {
        match &term.kind {
            TermKind::Variable(name) => {
                let variable = self.scopes.declare(name, Occurrence::Declared, term.span)?;
                // A variable of `some ... in` need not be used.
                Ok(Term::Variable(self.scopes.used(variable)))
            }
            TermKind::Array(items) => {
                let items = items.iter().map(|item| self.declared(item, body));
                Ok(Term::Array(items.collect::<Made<_>>()?))
            }
            TermKind::Object(entries) => {
                let mut made = Vec::with_capacity(entries.len());
                for (key, value) in entries {
                    made.push((self.term(key, body)?, self.declared(value, body)?));
                }
                Ok(Term::Object(made))
            }
            _ => self.term(term, body),
        }
    }

    fn every(
        &mut self,
        (key, value): (Option<&ast::Term>, &ast::Term),
        domain: &ast::Term,
        inner: &ast::Body,
        body: &mut Vec<Literal>,
    ) -> Made<LiteralKind> {
        let made = self.term(domain, body)?;
        let collection = self.scopes.fresh();
        body.push(Literal::capture(domain.span, collection, made));
        let mut hidden = unused::declared_names(inner);
        if let Some(key) = key {
            unused::pattern_names(key, &mut hidden);
        }
        unused::pattern_names(value, &mut hidden);
        self.scopes.enter(hidden);
        let mut declare = |term: &ast::Term| match term.as_variable() {
            Some(name) => self.scopes.declare(name, Occurrence::Declared, term.span),
            None => Err(Error::new(Code::Compile, term.span, "expected a variable")),
        };
        let key = key.map(&mut declare).transpose()?;
        let value = declare(value)?;
        let key = key.unwrap_or_else(|| self.scopes.wildcard());
        let mut literals = Vec::new();
        for literal in &inner.literals {
            self.literal(literal, &mut literals)?;
        }
        self.scopes.leave()?;
        let domain = Term::Variable(collection);
        Ok(LiteralKind::Every { key, value, domain, body: literals })
    }
}

/// Adds a literal, and its `with` to all that was added for it.
fn finish(
    body: &mut Vec<Literal>,
    first: usize,
    span: Span,
    kind: LiteralKind,
    with: &[super::intermediate::With],
) {
    body.push(Literal::new(span, kind));
    for literal in &mut body[first..] {
        literal.span = span;
        literal.with = with.to_vec();
    }
}

/// Whether a callee gives any number of results.
pub(super) fn is_relation(callee: Callee) -> bool {
    matches!(callee, Callee::Builtin(declared) if declared.is_relation())
}
