//! The variables of terms and literals, inside and outside of the bodies nested in them.

use std::collections::BTreeSet;

use super::intermediate::{
    Comprehension, Kind, Literal, LiteralKind, Root, Term, Variable, WithValue,
};

pub(super) type Variables = BTreeSet<Variable>;

/// Which of a term's variables are looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Where {
    /// Outside of comprehensions and nested bodies.
    Open,
    /// Inside of them.
    Nested,
    Anywhere,
}

pub(super) fn of_term(term: &Term, place: Where, found: &mut Variables) {
    match term {
        Term::Constant(_) => {}
        Term::Variable(variable) => {
            if place != Where::Nested {
                found.insert(*variable);
            }
        }
        Term::Array(items) | Term::Set(items) => {
            for item in items {
                of_term(item, place, found);
            }
        }
        Term::Object(entries) => entries.iter().for_each(|(key, value)| {
            of_term(key, place, found);
            of_term(value, place, found);
        }),
        Term::Reference(reference) => {
            if let (Root::Variable(variable), true) = (reference.root, place != Where::Nested) {
                found.insert(variable);
            }
            for part in &reference.path {
                of_term(part, place, found);
            }
        }
        Term::Comprehension(comprehension) => {
            if place != Where::Open {
                of_comprehension(comprehension, found);
            }
        }
    }
}

/// All variables of a comprehension.
pub(super) fn of_comprehension(comprehension: &Comprehension, found: &mut Variables) {
    for_heads(&comprehension.kind, |head| of_term(head, Where::Anywhere, found));
    for literal in &comprehension.body {
        of_literal(literal, Where::Anywhere, found);
    }
}

/// Calls a function with each term before a comprehension's bar.
pub(super) fn for_heads(kind: &Kind, mut look: impl FnMut(&Term)) {
    match kind {
        Kind::Array(term) | Kind::Set(term) => look(term),
        Kind::Object(key, value) => {
            look(key);
            look(value);
        }
    }
}

pub(super) fn of_literal(literal: &Literal, place: Where, found: &mut Variables) {
    of_kind(&literal.kind, place, found);
    for with in &literal.with {
        if let WithValue::Term(term) = &with.value {
            of_term(term, place, found);
        }
    }
}

fn of_kind(kind: &LiteralKind, place: Where, found: &mut Variables) {
    match kind {
        LiteralKind::Term(term) => of_term(term, place, found),
        LiteralKind::Unify { left, right, .. } => {
            of_term(left, place, found);
            of_term(right, place, found);
        }
        LiteralKind::Call(call) => {
            for argument in &call.arguments {
                of_term(argument, place, found);
            }
        }
        LiteralKind::Not(inner) => of_kind(inner, place, found),
        LiteralKind::Every { key, value, domain, body } => {
            of_term(domain, place, found);
            if place != Where::Open {
                found.extend([*key, *value]);
                for literal in body {
                    of_literal(literal, Where::Anywhere, found);
                }
            }
        }
        LiteralKind::Print(_, arguments) => {
            if place != Where::Open {
                for argument in arguments {
                    of_comprehension(argument, found);
                }
            }
        }
    }
}
