//! Which variables a unification binds, by its form alone.

use std::collections::HashMap;

use super::intermediate::{Root, Term, Variable};
use super::variables::{Variables, Where, of_term};

/// What is bound before a unification.
#[derive(Clone, Copy)]
pub(super) struct Basis<'a> {
    pub(super) safe: &'a Variables,
    /// Bound by the literal's own references.
    pub(super) found: &'a Variables,
    /// Not counted as bound: what `:=` declares.
    pub(super) except: &'a Variables,
}

impl Basis<'_> {
    fn contains(&self, variable: Variable) -> bool {
        let known = self.safe.contains(&variable) || self.found.contains(&variable);
        known && !self.except.contains(&variable)
    }

    fn is_safe(&self, root: Root) -> bool {
        match root {
            Root::Input | Root::Data => true,
            Root::Variable(variable) => self.contains(variable),
        }
    }
}

/// The variables that are bound when `left = right` holds.
pub(super) fn bound(safe: Basis<'_>, left: &Term, right: &Term) -> Variables {
    let mut unifier = Unifier { safe, bound: Variables::new(), waiting: HashMap::new() };
    unifier.unify(left, right);
    unifier.bound
}

struct Unifier<'a> {
    safe: Basis<'a>,
    bound: Variables,
    /// For each variable those that have to be bound before it is.
    waiting: HashMap<Variable, Variables>,
}

impl Unifier<'_> {
    fn is_safe(&self, variable: Variable) -> bool {
        self.safe.contains(variable) || self.bound.contains(&variable)
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
            (Term::Reference(reference), other) | (other, Term::Reference(reference))
                if self.safe.is_safe(reference.root) =>
            {
                self.bind_parts(other);
            }
            (Term::Array(left), Term::Array(right)) if left.len() == right.len() => {
                for (left, right) in left.iter().zip(right) {
                    self.unify(left, right);
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
        for variable in inside {
            self.bind(variable);
        }
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
            for (_, value) in entries {
                pattern_variables(value, found);
            }
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
