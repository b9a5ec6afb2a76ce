//! Literals: their comprehensions first, then their references, then the literal itself.

use super::{Checker, message};
use crate::engine::ast::Span;
use crate::engine::compiler::Error;
use crate::engine::compiler::intermediate::{Call, Literal, LiteralKind, Term};
use crate::engine::program::Callee;
use crate::engine::types::{Maybe, Type, is_unknown, unifies};

/// An error, and whether it may only follow from another one: a type in it is not known.
type Refused = (Error, bool);

impl Checker<'_> {
    pub(super) fn literal(&mut self, literal: &Literal) {
        let layers = self.replace(&literal.with);
        let before = self.errors.len();
        self.closures(&literal.kind);
        self.references(&literal.kind);
        let found_some = self.errors.len() > before;
        if self.check_replacements(&literal.with, literal.span)
            && let Some((error, follows)) = self.kind(&literal.kind, literal.span)
            && !(found_some && follows)
        {
            self.errors.push(error);
        }
        self.replaced.truncate(self.replaced.len() - layers);
    }

    /// Checks the comprehensions of a literal, those inside of `every` included.
    fn closures(&mut self, kind: &LiteralKind) {
        match kind {
            LiteralKind::Term(term) => self.closures_of(term),
            LiteralKind::Unify { left, right, .. } => {
                self.closures_of(left);
                self.closures_of(right);
            }
            LiteralKind::Call(call) => {
                for argument in &call.arguments {
                    self.closures_of(argument);
                }
            }
            LiteralKind::Not(inner) => self.closures(inner),
            LiteralKind::Every { domain, body, .. } => {
                self.closures_of(domain);
                for literal in body {
                    self.closures(&literal.kind);
                }
            }
            LiteralKind::Print(_, arguments) => {
                for one in arguments {
                    self.comprehension(one);
                }
            }
        }
    }

    fn closures_of(&mut self, term: &Term) {
        match term {
            Term::Constant(_) | Term::Variable(_) => {}
            Term::Array(items) | Term::Set(items) => {
                for item in items {
                    self.closures_of(item);
                }
            }
            Term::Object(entries) => {
                for (key, value) in entries {
                    self.closures_of(key);
                    self.closures_of(value);
                }
            }
            Term::Reference(reference) => {
                for part in &reference.path {
                    self.closures_of(part);
                }
            }
            Term::Comprehension(one) => self.comprehension(one),
        }
    }

    /// Checks the references of a literal, those of the body of `every` included: it is OPA's way not
    /// to check that body otherwise.
    fn references(&mut self, kind: &LiteralKind) {
        match kind {
            LiteralKind::Term(term) => self.references_of(term),
            LiteralKind::Unify { left, right, .. } => {
                self.references_of(left);
                self.references_of(right);
            }
            LiteralKind::Call(call) => {
                for argument in &call.arguments {
                    self.references_of(argument);
                }
            }
            LiteralKind::Not(inner) => self.references(inner),
            LiteralKind::Every { domain, body, .. } => {
                self.references_of(domain);
                for literal in body {
                    self.references(&literal.kind);
                }
            }
            LiteralKind::Print(..) => {}
        }
    }

    fn references_of(&mut self, term: &Term) {
        match term {
            Term::Constant(_) | Term::Variable(_) | Term::Comprehension(_) => {}
            Term::Array(items) | Term::Set(items) => {
                for item in items {
                    self.references_of(item);
                }
            }
            Term::Object(entries) => {
                for (key, value) in entries {
                    self.references_of(key);
                    self.references_of(value);
                }
            }
            Term::Reference(reference) => {
                if let Some(error) = self.reference(reference) {
                    self.errors.push(error);
                }
                for part in &reference.path {
                    self.references_of(part);
                }
            }
        }
    }

    fn kind(&mut self, kind: &LiteralKind, span: Span) -> Option<Refused> {
        match kind {
            LiteralKind::Term(_) | LiteralKind::Every { .. } | LiteralKind::Print(..) => None,
            LiteralKind::Not(inner) => self.kind(inner, span),
            LiteralKind::Unify { left, right, .. } => {
                let (one, other) = (self.of(left), self.of(right));
                if self.equate((left, one.clone()), (right, other.clone())) {
                    return None;
                }
                Some(mismatch(span, &one, &other))
            }
            LiteralKind::Call(call) => {
                let name = self.callee_name(call.callee);
                if matches!(&*name, "internal.member_2" | "internal.member_3")
                    && let Some(refused) = self.member(call)
                {
                    return Some(refused);
                }
                self.call(call, &name)
            }
        }
    }

    fn call(&mut self, call: &Call, name: &str) -> Option<Refused> {
        let Some(Type::Function(function)) = self.callee(call.callee) else { return None };
        let mut wanted = function.arguments.clone();
        if function.result.is_some() {
            wanted.push(function.result.clone());
        }
        let refused = |have: Vec<Maybe>| {
            let follows = have.iter().any(is_unknown);
            let error = message::arguments(call.span, name, "invalid argument(s)", &have, &wanted);
            Some((error, follows))
        };
        let before: Vec<Maybe> = call.arguments.iter().map(|one| self.of(one)).collect();
        for (at, argument) in call.arguments.iter().enumerate() {
            let of = wanted.get(at).cloned().flatten();
            if !is_unknown(&before[at]) && !unifies(&before[at], &of) {
                return refused(before);
            }
            if !self.fit(argument, &of, false) {
                return refused(call.arguments.iter().map(|one| self.of(one)).collect());
            }
        }
        None
    }

    /// `x in xs`: what is looked for may be in the collection.
    fn member(&mut self, call: &Call) -> Option<Refused> {
        let collection = self.of(call.arguments.get(call.arity.checked_sub(1)?)?)?;
        let values = collection.values();
        values.as_ref()?;
        if call.arity == 3
            && let Some(refused) = self.member_operand(call, 0, &collection.keys())
        {
            return Some(refused);
        }
        self.member_operand(call, call.arity - 2, &values)
    }

    fn member_operand(&mut self, call: &Call, at: usize, of: &Maybe) -> Option<Refused> {
        if is_unknown(of) {
            return None;
        }
        let term = call.arguments.get(at)?;
        let have = self.of(term);
        let fits = (is_unknown(&have) || unifies(&have, of)) && self.fit(term, of, false);
        (!fits).then(|| mismatch(call.span, &have, of))
    }

    /// A function's name as messages have it.
    pub(super) fn callee_name(&self, callee: Callee) -> String {
        match callee {
            Callee::Builtin(declared) => declared.declaration.name.to_owned(),
            Callee::Function(group) => {
                let path = &self.skeleton.group(group).path;
                let parts = path.iter().map(|part| &**part);
                std::iter::once("data").chain(parts).collect::<Vec<_>>().join(".")
            }
        }
    }
}

fn mismatch(span: Span, left: &Maybe, right: &Maybe) -> Refused {
    (message::mismatch(span, left, right), is_unknown(left) || is_unknown(right))
}
