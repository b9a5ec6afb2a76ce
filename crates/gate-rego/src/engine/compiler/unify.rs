//! Which variables a unification binds, by its form alone.

use std::collections::HashMap;

use super::intermediate::{Term, Variable};
use super::safety::is_safe_reference;
use super::variables::{Variables, Where, of_term};

/// The variables that are bound when `left = right` holds and the safe ones are bound before.
pub(super) fn bound(safe: &Variables, left: &Term, right: &Term) -> Variables {
    let mut unifier = Unifier { safe, bound: Variables::new(), waiting: HashMap::new() };
    unifier.unify(left, right);
    unifier.bound
}

struct Unifier<'a> {
    safe: &'a Variables,
    bound: Variables,
    /// For each variable those that have to be bound before it is.
    waiting: HashMap<Variable, Variables>,
}

impl Unifier<'_> {
    fn is_safe(&self, variable: Variable) -> bool {
        self.safe.contains(&variable) || self.bound.contains(&variable)
    }

    fn unify(&mut self, left: &Term, right: &Term) {
        match (left, right) {
            (Term::Variable(x), Term::Variable(y)) => {
                if self.is_safe(*y) {
                    self.bind(*x);
                } else if self.is_safe(*x) {
                    self.bind(*y);
                } else {
                    self.wait(*x, *y);
                    self.wait(*y, *x);
                }
            }
            (Term::Variable(x), Term::Array(_) | Term::Object(_)) => self.unify_parts(*x, right),
            (Term::Array(_) | Term::Object(_), Term::Variable(y)) => self.unify_parts(*y, left),
            (Term::Reference(reference), other) | (other, Term::Reference(reference)) => {
                if is_safe_reference(reference.root, self.safe) {
                    self.bind_parts(other);
                }
            }
            (Term::Array(left), Term::Array(right)) => {
                if left.len() == right.len() {
                    left.iter().zip(right).for_each(|(left, right)| self.unify(left, right));
                }
            }
            (Term::Object(left), Term::Object(right)) => {
                for (key, value) in left {
                    let other = right.iter().find(|(other, _)| same_constant(key, other));
                    if let Some((_, other)) = other.filter(|_| left.len() == right.len()) {
                        self.unify(value, other);
                    }
                }
            }
            (Term::Variable(x), _) | (_, Term::Variable(x)) => self.bind(*x),
            (Term::Comprehension(_), other @ (Term::Array(_) | Term::Object(_)))
            | (other @ (Term::Array(_) | Term::Object(_)), Term::Comprehension(_)) => {
                self.bind_parts(other);
            }
            _ => {}
        }
    }

    fn unify_parts(&mut self, variable: Variable, parts: &Term) {
        if self.is_safe(variable) {
            self.bind_parts(parts);
            return;
        }
        let mut inside = Variables::new();
        pattern_variables(parts, &mut inside);
        inside.retain(|inner| !self.is_safe(*inner));
        if inside.is_empty() {
            self.bind(variable);
        }
        for inner in inside {
            self.wait(variable, inner);
        }
    }

    fn wait(&mut self, variable: Variable, on: Variable) {
        self.waiting.entry(variable).or_default().insert(on);
    }

    fn bind_parts(&mut self, term: &Term) {
        let mut inside = Variables::new();
        match term {
            Term::Variable(_) | Term::Array(_) | Term::Object(_) => {
                pattern_variables(term, &mut inside);
            }
            _ => {}
        }
        inside.into_iter().for_each(|variable| self.bind(variable));
    }

    /// Binds a variable, those that it waited on, and those that waited on nothing else.
    fn bind(&mut self, variable: Variable) {
        let mut pending = vec![variable];
        while let Some(variable) = pending.pop() {
            if !self.bound.insert(variable) {
                continue;
            }
            pending.extend(self.waiting.remove(&variable).unwrap_or_default());
            for (waiting, on) in &mut self.waiting {
                if on.remove(&variable) && on.is_empty() {
                    pending.push(*waiting);
                }
            }
        }
    }
}

/// The variables that matching binds: not those of object keys, references and sets.
fn pattern_variables(term: &Term, found: &mut Variables) {
    match term {
        Term::Variable(_) => of_term(term, Where::Open, found),
        Term::Array(items) => items.iter().for_each(|item| pattern_variables(item, found)),
        Term::Object(entries) => {
            entries.iter().for_each(|(_, value)| pattern_variables(value, found));
        }
        _ => {}
    }
}

pub(super) fn same_constant(left: &Term, right: &Term) -> bool {
    match (left.constant(), right.constant()) {
        (Some(left), Some(right)) => left == right,
        _ => matches!((left, right), (Term::Variable(x), Term::Variable(y)) if x == y),
    }
}
