//! Type errors, found as OPA finds them: what a variable, a document or a call can be is inferred
//! from the literals in their order, and terms that can never fit are refused.
//!
//! The types of documents come from the rules in the order of their dependencies. Bodies of
//! comprehensions see the variables around them; what they learn of them they keep to themselves.

mod argument;
mod environment;
mod infer;
mod literal;
mod message;
mod reference;
mod rules;

use std::collections::HashMap;

pub(super) use rules::{Draft, DraftBranch, check_rules};

use super::Error;
use super::intermediate::{Comprehension, Kind, Literal, Term, Variable};
use super::scope::Scopes;
use super::tree::Skeleton;
use crate::engine::types::{Maybe, Tree, Type, Typing, or};

/// The type errors of a query.
pub(super) fn check_query(
    body: &[Literal],
    scopes: &Scopes,
    skeleton: &Skeleton,
    typing: &Typing,
) -> Vec<Error> {
    let mut checker = Checker::new(scopes, skeleton, typing);
    checker.body(body);
    checker.errors
}

/// Checks one body and those inside of it.
struct Checker<'a> {
    scopes: &'a Scopes,
    skeleton: &'a Skeleton,
    typing: &'a Typing,
    /// What `with` makes of documents, the innermost last; below them all are the rules.
    replaced: Vec<Tree>,
    /// What is known of variables, by bodies, the innermost last.
    variables: Vec<HashMap<Variable, Maybe>>,
    /// The types of the current literal's comprehensions, by their places in memory.
    comprehensions: HashMap<*const Comprehension, Maybe>,
    errors: Vec<Error>,
}

impl<'a> Checker<'a> {
    fn new(scopes: &'a Scopes, skeleton: &'a Skeleton, typing: &'a Typing) -> Self {
        Self {
            scopes,
            skeleton,
            typing,
            replaced: Vec::new(),
            variables: vec![HashMap::new()],
            comprehensions: HashMap::new(),
            errors: Vec::new(),
        }
    }

    fn body(&mut self, body: &[Literal]) {
        for literal in body {
            self.literal(literal);
        }
    }

    /// Checks the body of a comprehension and remembers its type.
    fn comprehension(&mut self, one: &Comprehension) {
        let before = self.errors.len();
        self.variables.push(HashMap::new());
        self.body(&one.body);
        let of = match &one.kind {
            Kind::Array(term) => Type::array(Vec::new(), self.of(term)),
            Kind::Set(term) => Type::set(self.of(term)),
            Kind::Object(key, value) => {
                Type::object(Vec::new(), Some((self.of(key), self.of(value))))
            }
        };
        self.variables.pop();
        let known = (self.errors.len() == before).then_some(of);
        self.comprehensions.insert(std::ptr::from_ref(one), known);
    }

    /// The type of a term, as far as it is known now.
    fn of(&self, term: &Term) -> Maybe {
        match term {
            Term::Constant(value) => Some(Type::of(value)),
            Term::Variable(variable) => self.variable(*variable),
            Term::Array(items) => {
                Some(Type::array(items.iter().map(|item| self.of(item)).collect(), None))
            }
            Term::Set(items) => {
                let of = items.iter().fold(None, |all, item| or(all, self.of(item)));
                Some(Type::set(of))
            }
            Term::Object(entries) => Some(self.of_object(entries)),
            Term::Reference(reference) => self.look(reference),
            Term::Comprehension(one) => {
                self.comprehensions.get(&std::ptr::from_ref(&**one)).cloned().flatten()
            }
        }
    }

    fn of_object(&self, entries: &[(Term, Term)]) -> Type {
        let (mut fields, mut rest) = (Vec::new(), None);
        for (key, value) in entries {
            match key.constant() {
                Some(constant) => {
                    fields.push((crate::engine::types::plain(&constant), self.of(value)));
                }
                None => rest = Some((self.of(key), self.of(value))),
            }
        }
        Type::object(fields, rest)
    }
}
