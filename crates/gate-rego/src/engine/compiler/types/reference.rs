//! References: whether what they look into can have the keys that they look by.

use super::message::{self, Key};
use super::{Checker, environment};
use crate::engine::compiler::Error;
use crate::engine::compiler::intermediate::{Reference, Root, Term};
use crate::engine::types::{Maybe, Tree, Type, unifies};
use crate::engine::value::Value;

impl Checker<'_> {
    /// What is wrong with a reference. Variables among its keys become what keys can be.
    pub(super) fn reference(&mut self, reference: &Reference) -> Option<Error> {
        let found = self.look(reference);
        if found.as_ref().is_some_and(Type::is_function) {
            let last = reference.path.len();
            return Some(message::unsupported(reference, self.scopes, last, &found));
        }
        match reference.root {
            Root::Variable(variable) => {
                let mut of = self.variable(variable);
                if of.is_none() {
                    of = Some(Type::Anything);
                    self.learn(variable, of.clone());
                }
                self.keys_from(reference, of, 0)
            }
            Root::Input => self.document_keys(reference, "input"),
            Root::Data => self.document_keys(reference, "data"),
        }
    }

    /// A look into documents: the first tree that knows the place says what is there.
    fn document_keys(&mut self, reference: &Reference, root: &str) -> Option<Error> {
        let root = Value::from(root);
        for layer in 0..=self.replaced.len() {
            let Some(mut tree) = self.documents().nth(layer).and_then(|it| it.below.get(&root))
            else {
                continue;
            };
            let mut learnt = Vec::new();
            let mut found = None;
            for (at, part) in reference.path.iter().enumerate() {
                if tree.of.is_some() {
                    found = Some((tree.of.clone(), at));
                    break;
                }
                if let Err(error) = self.place_key(reference, tree, at, &mut learnt) {
                    return Some(error);
                }
                let key = match environment::key(part) {
                    crate::engine::types::Key::Scalar(key)
                    | crate::engine::types::Key::Constant(key) => key,
                    crate::engine::types::Key::Unknown => {
                        found = None;
                        break;
                    }
                };
                let Some(child) = tree.below.get(key) else {
                    found = None;
                    break;
                };
                tree = child;
                found = Some((tree.of.clone(), at + 1));
            }
            let known = found.filter(|(of, at)| of.is_some() || *at == reference.path.len());
            for (variable, of) in learnt {
                self.learn(variable, of);
            }
            if let Some((of, at)) = known {
                return if at == reference.path.len() {
                    None
                } else {
                    self.keys_from(reference, of, at)
                };
            }
        }
        self.keys_from(reference, Some(Type::Anything), 0)
    }

    /// A key of a place with other places below it: text, if it is one of the first two.
    fn place_key(
        &self,
        reference: &Reference,
        tree: &Tree,
        at: usize,
        learnt: &mut Vec<(u32, Maybe)>,
    ) -> Result<(), Error> {
        let part = &reference.path[at];
        let names: Vec<Value> = tree.below.keys().cloned().collect();
        let invalid = |have: Maybe, want: Maybe| {
            let key = Key { at, have, want, one_of: &names };
            Err(message::invalid(reference, self.scopes, &key))
        };
        match part {
            Term::Variable(variable) => {
                let keys = tree.extent().keys();
                let known = self.variable(*variable).or_else(|| {
                    learnt
                        .iter()
                        .rev()
                        .find(|(one, _)| one == variable)
                        .and_then(|(_, of)| of.clone())
                });
                if known.is_none() {
                    learnt.push((*variable, keys));
                } else if !unifies(&keys, &known) {
                    return invalid(known, keys);
                }
                Ok(())
            }
            Term::Constant(Value::String(_)) => Ok(()),
            other if at < 2 => invalid(self.of(other), Some(Type::String)),
            _ => Ok(()),
        }
    }

    /// The keys from a place on, in what is of a type.
    fn keys_from(&mut self, reference: &Reference, of: Maybe, from: usize) -> Option<Error> {
        let mut current = of;
        for (at, part) in reference.path.iter().enumerate().skip(from) {
            if current.as_ref().is_some_and(Type::is_empty_collection) {
                return self.key_of_nothing(reference, current.as_ref()?, at);
            }
            let keys = current.as_ref().and_then(Type::keys);
            if keys.is_none() {
                return Some(message::unsupported(reference, self.scopes, at, &current));
            }
            let one_of = current.as_ref().map(Type::known_keys).unwrap_or_default();
            let fits = match part {
                Term::Variable(variable) => match self.variable(*variable) {
                    None => {
                        self.learn(*variable, keys.clone());
                        true
                    }
                    known => unifies(&known, &keys),
                },
                Term::Array(_) | Term::Object(_) | Term::Set(_) => self.fit(part, &keys, false),
                Term::Constant(Value::Array(_) | Value::Object(_) | Value::Set(_)) => {
                    self.fit(part, &keys, false)
                }
                Term::Constant(value) => {
                    current = current.and_then(|of| of.select(value));
                    if current.is_some() {
                        continue;
                    }
                    let key = Key { at, have: None, want: keys, one_of: &one_of };
                    return Some(message::invalid(reference, self.scopes, &key));
                }
                Term::Reference(_) | Term::Comprehension(_) => true,
            };
            if !fits {
                let key = Key { at, have: self.of(part), want: keys, one_of: &one_of };
                return Some(message::invalid(reference, self.scopes, &key));
            }
            current = current.as_ref().and_then(Type::values);
        }
        None
    }

    /// A key of an empty collection: a constant is never there, a variable finds nothing.
    fn key_of_nothing(&mut self, reference: &Reference, of: &Type, at: usize) -> Option<Error> {
        let keys = of.keys();
        let (have, want) = match &reference.path[at] {
            Term::Constant(Value::Array(_) | Value::Object(_) | Value::Set(_)) => return None,
            Term::Constant(_) => (None, None),
            Term::Variable(variable) => {
                let known = self.variable(*variable);
                if known.is_none() {
                    self.learn(*variable, Some(Type::Anything));
                    return None;
                }
                if keys.is_none() || unifies(&known, &keys) {
                    return None;
                }
                (known, keys)
            }
            _ => return None,
        };
        let key = Key { at, have, want, one_of: &[] };
        Some(message::invalid(reference, self.scopes, &key))
    }
}
