//! Makes references and comprehensions inside of other terms literals of their own, before the
//! literal that holds them. `==` between two terms becomes a unification first.
//!
//! This is what makes `not f(input.x)` undefined where `input.x` is: so it is in OPA.

use super::intermediate::{Comprehension, Literal, LiteralKind, Term, Variable, With};
use super::scope::Scopes;
use crate::engine::ast::Span;
use crate::engine::program::Callee;

/// Rewrites a body and those nested in it.
pub(super) fn body(literals: Vec<Literal>, scopes: &mut Scopes, equals: bool) -> Vec<Literal> {
    let mut rewriter = Rewriter { scopes, equals };
    rewriter.body(literals)
}

struct Rewriter<'a> {
    scopes: &'a mut Scopes,
    /// Whether `==` becomes a unification: in modules; a query shows its value.
    equals: bool,
}

/// Where the literals go that are made, and what they come from.
struct Site<'a> {
    out: &'a mut Vec<Literal>,
    span: Span,
    with: &'a [With],
}

impl Site<'_> {
    fn capture(&mut self, variable: Variable, term: Term) {
        let mut literal = Literal::capture(self.span, variable, term);
        literal.with = self.with.to_vec();
        self.out.push(literal);
    }
}

impl Rewriter<'_> {
    fn body(&mut self, literals: Vec<Literal>) -> Vec<Literal> {
        let mut out = Vec::with_capacity(literals.len());
        for literal in literals {
            let Literal { span, kind, with } = literal;
            let mut site = Site { out: &mut out, span, with: &with };
            let kind = self.kind(kind, &mut site);
            out.push(Literal { span, kind, with });
        }
        out
    }

    fn kind(&mut self, kind: LiteralKind, site: &mut Site<'_>) -> LiteralKind {
        match self.equality(kind) {
            LiteralKind::Term(term) => LiteralKind::Term(self.outer(term, site)),
            LiteralKind::Unify { left, right, assigned } => {
                let left = self.outer(left, site);
                let right = self.outer(right, site);
                LiteralKind::Unify { left, right, assigned }
            }
            LiteralKind::Call(mut call) => {
                let arguments = std::mem::take(&mut call.arguments);
                call.arguments = arguments.into_iter().map(|one| self.inner(one, site)).collect();
                LiteralKind::Call(call)
            }
            LiteralKind::Not(inner) => LiteralKind::Not(Box::new(self.kind(*inner, site))),
            LiteralKind::Every { key, value, domain, body } => {
                let domain = self.inner(domain, site);
                LiteralKind::Every { key, value, domain, body: self.body(body) }
            }
            LiteralKind::Print(span, arguments) => {
                let arguments = arguments.into_iter().map(|one| self.comprehension(one)).collect();
                LiteralKind::Print(span, arguments)
            }
        }
    }

    fn equality(&self, kind: LiteralKind) -> LiteralKind {
        let LiteralKind::Call(mut call) = kind else { return kind };
        let is_equal =
            matches!(call.callee, Callee::Builtin(found) if found.declaration.name == "equal");
        if self.equals && is_equal && call.arguments.len() == 2 {
            let (right, left) = (call.arguments.pop(), call.arguments.pop());
            if let (Some(left), Some(right)) = (left, right) {
                return LiteralKind::Unify { left, right, assigned: false };
            }
        }
        LiteralKind::Call(call)
    }

    /// A term that is a literal, or a side of a unification: it may stay what it is.
    fn outer(&mut self, term: Term, site: &mut Site<'_>) -> Term {
        match term {
            Term::Reference(mut reference) => {
                let path = std::mem::take(&mut reference.path);
                reference.path = path.into_iter().map(|part| self.inner(part, site)).collect();
                Term::Reference(reference)
            }
            Term::Comprehension(one) => Term::Comprehension(Box::new(self.comprehension(*one))),
            other => self.inner(other, site),
        }
    }

    /// A term inside of another one.
    fn inner(&mut self, term: Term, site: &mut Site<'_>) -> Term {
        match term {
            Term::Constant(_) | Term::Variable(_) => term,
            Term::Array(items) => {
                Term::Array(items.into_iter().map(|item| self.inner(item, site)).collect())
            }
            Term::Set(items) => {
                Term::Set(items.into_iter().map(|item| self.inner(item, site)).collect())
            }
            Term::Object(entries) => {
                let mut made = Vec::with_capacity(entries.len());
                for (key, value) in entries {
                    made.push((self.inner(key, site), self.inner(value, site)));
                }
                Term::Object(made)
            }
            Term::Reference(_) | Term::Comprehension(_) => {
                let span = match &term {
                    Term::Reference(reference) => reference.span,
                    Term::Comprehension(one) => one.span,
                    _ => site.span,
                };
                let made = self.outer(term, site);
                let variable = self.scopes.fresh_for(span);
                site.capture(variable, made);
                Term::Variable(variable)
            }
        }
    }

    fn comprehension(&mut self, mut one: Comprehension) -> Comprehension {
        one.body = self.body(one.body);
        one
    }
}
