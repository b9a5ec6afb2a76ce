//! What is known of variables and documents at a place.

use super::Checker;
use crate::engine::ast::Span;
use crate::engine::compiler::intermediate::{Reference, Root, Term, Variable, With, WithValue};
use crate::engine::program::{Callee, GroupId, WithTarget};
use crate::engine::types::{Found, Key, Maybe, Tree, Type, follow, or};
use crate::engine::value::Value;

impl Checker<'_> {
    pub(super) fn variable(&self, variable: Variable) -> Maybe {
        let known = self.variables.iter().rev().find_map(|level| level.get(&variable));
        known.cloned().flatten()
    }

    /// Remembers what a variable is, in the innermost body.
    pub(super) fn learn(&mut self, variable: Variable, of: Maybe) {
        if let (Some(level), false) = (self.variables.last_mut(), self.scopes.hides_type(variable))
        {
            level.insert(variable, of);
        }
    }

    /// The type of what a reference finds.
    pub(super) fn look(&self, reference: &Reference) -> Maybe {
        let path: Vec<Key<'_>> = reference.path.iter().map(key).collect();
        match reference.root {
            Root::Variable(variable) => follow(self.variable(variable), &path),
            Root::Input => self.document("input", &path),
            Root::Data => self.document("data", &path),
        }
    }

    /// The type of what stands at a path below `input` or `data`: of what no rule makes, anything.
    fn document(&self, root: &str, path: &[Key<'_>]) -> Maybe {
        let root = Value::from(root);
        for tree in self.documents() {
            if let Some(found) = tree.below.get(&root)
                && let Found::Type(of) = found.look(path)
            {
                return of;
            }
        }
        Some(Type::Anything)
    }

    /// The trees of documents, the innermost first.
    pub(super) fn documents(&self) -> impl Iterator<Item = &Tree> {
        self.replaced.iter().rev().chain([&self.typing.tree])
    }

    /// The type of a function, if it is known to be one.
    pub(super) fn callee(&self, callee: Callee) -> Maybe {
        match callee {
            Callee::Builtin(declared) => Some(super::argument::declared(&declared.declaration)),
            Callee::Function(group) => self.at(&self.place(group)),
        }
    }

    /// The place of a group from above `data`.
    fn place(&self, group: GroupId) -> Vec<Value> {
        let parts = self.skeleton.group(group).path.iter();
        std::iter::once(Value::from("data")).chain(parts.cloned().map(Value::String)).collect()
    }

    fn at(&self, place: &[Value]) -> Maybe {
        let path: Vec<_> = place[1..].iter().map(Key::Scalar).collect();
        self.document(place[0].as_str().unwrap_or_default(), &path)
    }

    /// Puts what modifiers replace over the documents, and how many trees that took. What depends on
    /// a replaced document may be anything.
    pub(super) fn replace(&mut self, modifiers: &[With]) -> usize {
        let before = self.replaced.len();
        let (mut over, mut any) = (Tree::default(), false);
        let outside = self.replaced.len();
        for with in modifiers {
            let (place, function) = match &*with.target.0 {
                WithTarget::Builtin(_) => continue,
                WithTarget::Input(path) => (placed("input", path), false),
                WithTarget::Data(path) => (placed("data", path), false),
                WithTarget::Function(group) => (self.place(*group), true),
            };
            let found = self.outside(outside, |checker| checker.at(&place));
            let mut tree = Tree::default();
            for dependent in self.typing.dependents_of(&place) {
                if !(function && dependent == place) {
                    tree.put(dependent, Type::Anything);
                }
            }
            if !tree.below.is_empty() {
                self.replaced.push(tree);
            }
            if !function {
                let value = match &with.value {
                    WithValue::Term(term) => self.outside(outside, |checker| checker.of(term)),
                    WithValue::Function(callee) => self.callee(*callee),
                };
                let both = if found.is_some() && value.is_some() { or(found, value) } else { None };
                over.put(&place, both.unwrap_or(Type::Anything));
                any = true;
            }
        }
        if any {
            self.replaced.push(over);
        }
        self.replaced.len() - before
    }

    /// Asks with the first so many replacements alone.
    fn outside<T>(&mut self, count: usize, ask: impl FnOnce(&Self) -> T) -> T {
        let inner = self.replaced.split_off(count);
        let answer = ask(self);
        self.replaced.extend(inner);
        answer
    }

    /// A function that replaces another has to take what that takes.
    pub(super) fn check_replacements(&mut self, modifiers: &[With], span: Span) -> bool {
        for with in modifiers {
            let target = match &*with.target.0 {
                WithTarget::Builtin(declared) => Callee::Builtin(declared),
                WithTarget::Function(group) => Callee::Function(*group),
                WithTarget::Input(_) | WithTarget::Data(_) => continue,
            };
            let WithValue::Function(value) = with.value else { continue };
            let (wanted, given) = (self.callee(target), self.callee(value));
            if let (Some(Type::Function(wanted)), Some(Type::Function(given))) = (&wanted, &given)
                && !crate::engine::types::unifies(
                    &Some(Type::Function(wanted.clone())),
                    &Some(Type::Function(given.clone())),
                )
            {
                let name = self.callee_name(target);
                let error = super::message::arguments(
                    span,
                    &name,
                    "arity mismatch",
                    &given.arguments,
                    &wanted.arguments,
                );
                self.errors.push(error);
                return false;
            }
        }
        true
    }
}

fn placed(root: &str, path: &[std::sync::Arc<str>]) -> Vec<Value> {
    std::iter::once(Value::from(root)).chain(path.iter().cloned().map(Value::String)).collect()
}

/// What is known of a part of a path.
pub(super) fn key(term: &Term) -> Key<'_> {
    match term {
        Term::Constant(value @ (Value::Array(_) | Value::Object(_) | Value::Set(_))) => {
            Key::Constant(value)
        }
        Term::Constant(value) => Key::Scalar(value),
        _ => Key::Unknown,
    }
}
