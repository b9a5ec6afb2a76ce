//! What two sides of an equation, or an argument and what is wanted of it, say of each other.

use super::Checker;
use crate::engine::compiler::intermediate::Term;
use crate::engine::types::{ArrayType, Maybe, ObjectType, Type, is_unknown, or, unifies};

impl Checker<'_> {
    /// Whether two terms may be equal; variables without a type get one.
    pub(super) fn equate(&mut self, left: (&Term, Maybe), right: (&Term, Maybe)) -> bool {
        let ((one, of_one), (other, of_other)) = (left, right);
        match (is_unknown(&of_one), is_unknown(&of_other)) {
            (true, false) => return self.fit(one, &of_other, false),
            (false, true) => return self.fit(other, &of_one, false),
            (false, false) => return unifies(&of_one, &of_other),
            (true, true) => {}
        }
        let anything = Some(Type::Anything);
        match (one, other) {
            (Term::Array(left), Term::Array(right)) if left.len() == right.len() => {
                return left.iter().zip(right).all(|(left, right)| {
                    let types = (self.of(left), self.of(right));
                    self.equate((left, types.0), (right, types.1))
                });
            }
            (Term::Object(left), Term::Object(right)) => return self.equate_objects(left, right),
            (composite @ (Term::Array(_) | Term::Object(_)), variable @ Term::Variable(_))
            | (variable @ Term::Variable(_), composite @ (Term::Array(_) | Term::Object(_))) => {
                return self.fit(composite, &anything, false) && {
                    let of = self.of(composite);
                    self.fit(variable, &of, false)
                };
            }
            (Term::Array(_) | Term::Object(_), _) => return false,
            (Term::Variable(_), Term::Variable(_)) => {
                return self.fit(one, &anything, false) && {
                    let of = self.of(one);
                    self.fit(other, &of, false)
                };
            }
            (variable @ Term::Variable(_), Term::Reference(_))
            | (Term::Reference(_), variable @ Term::Variable(_)) => {
                return self.fit(variable, &anything, false);
            }
            _ => {}
        }
        // One side is known in part, a comprehension for one.
        match (one, other) {
            (Term::Variable(_), _) if of_one.is_none() && of_other.is_some() => {
                self.fit(one, &of_other, false)
            }
            (_, Term::Variable(_)) if of_other.is_none() && of_one.is_some() => {
                self.fit(other, &of_one, false)
            }
            _ => false,
        }
    }

    fn equate_objects(&mut self, left: &[(Term, Term)], right: &[(Term, Term)]) -> bool {
        if left.len() != right.len() {
            return false;
        }
        left.iter().all(|(key, value)| {
            let same = |(other, _): &&(Term, Term)| {
                crate::engine::compiler::unify::same_constant(key, other)
            };
            right.iter().find(same).is_some_and(|(_, other)| {
                let types = (self.of(value), self.of(other));
                self.equate((value, types.0), (other, types.1))
            })
        })
    }

    /// Whether a term may be of a type; variables in it without one get it. With `union` they may
    /// also be what they were known to be before.
    pub(super) fn fit(&mut self, term: &Term, of: &Maybe, union: bool) -> bool {
        match term {
            Term::Array(items) => match of {
                Some(Type::Array(array)) => self.fit_array(items, array, union),
                _ => self.fit_open(term, items.iter().collect(), of),
            },
            Term::Object(entries) => {
                if let Some(Type::Object(object)) = of {
                    return self.fit_object(entries, object, union);
                }
                let parts = entries.iter().flat_map(|(key, value)| [key, value]).collect();
                self.fit_open(term, parts, of)
            }
            Term::Set(items) => match of {
                Some(Type::Set(set)) => items.iter().all(|item| self.fit(item, &set.of, union)),
                _ => self.fit_open(term, items.iter().collect(), of),
            },
            Term::Variable(variable) => {
                let known = self.variable(*variable);
                if union {
                    self.learn(*variable, or(known, of.clone()));
                    return true;
                }
                if known.is_some() {
                    return unifies(&known, of);
                }
                self.learn(*variable, of.clone());
                true
            }
            Term::Constant(_) | Term::Reference(_) | Term::Comprehension(_) => {
                unifies(&self.of(term), of)
            }
        }
    }

    /// A composite term where anything, or one of several types, is wanted.
    fn fit_open(&mut self, term: &Term, parts: Vec<&Term>, of: &Maybe) -> bool {
        match of {
            Some(Type::Anything) => {
                for part in parts {
                    self.fit(part, &Some(Type::Anything), true);
                }
                true
            }
            Some(Type::OneOf(several)) => {
                // Each alternative is tried, for what it says of variables.
                let mut fits = false;
                for one in several.iter() {
                    fits = self.fit(term, &Some(one.clone()), true) || fits;
                }
                fits
            }
            _ => false,
        }
    }

    fn fit_array(&mut self, items: &[Term], array: &ArrayType, union: bool) -> bool {
        if items.len() != array.items.len() && array.rest.is_none() {
            return false;
        }
        items.iter().enumerate().all(|(at, item)| {
            let of = array.items.get(at).cloned().unwrap_or_else(|| array.rest.clone());
            self.fit(item, &of, union)
        })
    }

    fn fit_object(&mut self, entries: &[(Term, Term)], object: &ObjectType, union: bool) -> bool {
        let open = object.rest.as_ref().is_some_and(|(_, value)| value.is_some());
        if entries.len() != object.fields.len() && !open {
            return false;
        }
        let whole = Type::object(object.fields.clone(), object.rest.clone());
        entries.iter().all(|(key, value)| {
            let Some(key) = key.constant() else {
                self.fit(value, &Some(Type::Anything), union);
                return true;
            };
            let of = whole.select(&crate::engine::types::plain(&key));
            of.is_some() && self.fit(value, &of, union)
        })
    }
}
