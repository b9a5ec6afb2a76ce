//! The types of documents: what rules make, by place.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Maybe, Type, or};
use crate::engine::value::Value;

/// Types at places. A place with a type of its own may still have places below it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tree {
    pub(crate) of: Maybe,
    pub(crate) below: BTreeMap<Value, Tree>,
}

/// What the types of a program's rules are, and which rules depend on which.
#[derive(Debug, Default)]
pub(crate) struct Typing {
    /// The documents from above `data`.
    pub(crate) tree: Tree,
    /// For each rule, then for each node: the rules and nodes that depend on it.
    pub(crate) dependents: Vec<Vec<usize>>,
    /// For each rule the constant start of its path, `data` included.
    pub(crate) places: Vec<Vec<Value>>,
}

/// One part of a path.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Key<'a> {
    /// A constant that is no collection.
    Scalar(&'a Value),
    /// A constant collection.
    Constant(&'a Value),
    Unknown,
}

/// What a look into a tree finds.
pub(crate) enum Found {
    Type(Maybe),
    /// Nothing is known here: another tree may know.
    Elsewhere,
}

impl Tree {
    /// The type of the whole place.
    pub(crate) fn extent(&self) -> Type {
        if let Some(of) = &self.of {
            return of.clone();
        }
        let named =
            |key: &Value| matches!(key, Value::String(_) | Value::Number(_) | Value::Bool(_));
        let fields = self.below.iter().filter(|(key, _)| named(key));
        let fields = fields.map(|(key, tree)| (key.clone(), Some(tree.extent()))).collect();
        // Base data may stand beside what rules make.
        Type::object(fields, Some((Some(Type::String), Some(Type::Anything))))
    }

    /// The type of what a path leads to.
    pub(crate) fn look(&self, path: &[Key<'_>]) -> Found {
        let Some((first, rest)) = path.split_first() else {
            return Found::Type(Some(self.extent()));
        };
        let child = match first {
            Key::Scalar(key) | Key::Constant(key) => self.below.get(*key),
            Key::Unknown => None,
        };
        match (&self.of, child, first) {
            (_, Some(child), _) => child.look(rest),
            (Some(of), None, _) => Found::Type(follow(Some(of.clone()), path)),
            (None, None, Key::Unknown) => Found::Type(follow(Some(self.extent()), path)),
            (None, None, _) => Found::Elsewhere,
        }
    }

    /// Says what stands at a place.
    pub(crate) fn put(&mut self, path: &[Value], of: Type) {
        let mut at = self;
        for part in path {
            at = at.below.entry(part.clone()).or_default();
        }
        at.of = Some(of);
    }

    /// Adds what one more rule makes at a place, to what stands at, above and below it.
    pub(crate) fn insert(&mut self, path: &[Value], of: &Type) {
        let mut at = self;
        for (index, part) in path.iter().enumerate() {
            at = at.below.entry(part.clone()).or_default();
            let rest = &path[index + 1..];
            if let (Some(Type::Object(object)), false) = (&at.of, rest.is_empty()) {
                at.of = Some(inside(&Type::Object(Arc::clone(object)), rest, Some(of.clone())));
            }
        }
        at.of = merged(at.of.take(), Some(of.clone()));
        if let (Type::Object(_), Some(mut whole)) = (of, at.of.clone()) {
            let mut leaves = Vec::new();
            for (key, tree) in &at.below {
                tree.leaves(&mut vec![key.clone()], &mut leaves);
            }
            for (place, leaf) in leaves {
                whole = inside(&whole, &place, Some(leaf));
            }
            at.of = Some(whole);
        }
    }

    fn leaves(&self, path: &mut Vec<Value>, found: &mut Vec<(Vec<Value>, Type)>) {
        if let Some(of) = &self.of {
            found.push((path.clone(), of.clone()));
            return;
        }
        for (key, tree) in &self.below {
            path.push(key.clone());
            tree.leaves(path, found);
            path.pop();
        }
    }
}

/// The type of what a path leads to from a value of a type.
pub(crate) fn follow(mut of: Maybe, path: &[Key<'_>]) -> Maybe {
    for part in path {
        let current = of?;
        of = match part {
            Key::Scalar(key) => current.select(key),
            // Looking through nothing gives nothing, whose type does not matter.
            _ if current.is_empty_collection() => return Some(Type::Anything),
            _ => current.values(),
        };
    }
    of
}

/// An object that also has what stands at a path below it.
fn inside(object: &Type, path: &[Value], of: Maybe) -> Type {
    let Some((first, rest)) = path.split_first() else { return object.clone() };
    let Type::Object(object) = object else { return object.clone() };
    let key = Some(Type::of(first));
    let value =
        if rest.is_empty() { of } else { Some(inside(&Type::object(Vec::new(), None), rest, of)) };
    let more = match &object.rest {
        Some((keys, values)) => (or(keys.clone(), key), or(values.clone(), value)),
        None => (key, value),
    };
    Type::object(object.fields.clone(), Some(more))
}

/// The type of what two rules make at one place.
fn merged(one: Maybe, other: Maybe) -> Maybe {
    let (one, other) = match (one, other) {
        (None, known) | (known, None) => return known,
        (Some(one), Some(other)) => (one, other),
    };
    match (&one, &other) {
        (Type::Object(left), Type::Object(right))
            if left.fields.is_empty() && right.fields.is_empty() =>
        {
            match (&left.rest, &right.rest) {
                (None, _) => Some(other),
                (_, None) => Some(one),
                (Some(left), Some(right)) => {
                    let keys = or(left.0.clone(), right.0.clone());
                    let values = merged(left.1.clone(), right.1.clone());
                    Some(Type::object(Vec::new(), Some((keys, values))))
                }
            }
        }
        (Type::Object(object), Type::OneOf(several))
        | (Type::OneOf(several), Type::Object(object)) => {
            widened(several, object).or_else(|| or(Some(one.clone()), Some(other.clone())))
        }
        (Type::Set(left), Type::Set(right)) => {
            Some(Type::set(or(left.of.clone(), right.of.clone())))
        }
        _ => or(Some(one), Some(other)),
    }
}

/// Alternatives of which one, an object without known fields, takes in another such object.
fn widened(several: &[Type], object: &super::ObjectType) -> Maybe {
    let (key, value) = object.rest.as_ref().filter(|_| object.fields.is_empty())?;
    let at = several.iter().position(
        |one| matches!(one, Type::Object(found) if found.fields.is_empty() && found.rest.is_some()),
    )?;
    let Type::Object(found) = &several[at] else { return None };
    let (keys, values) = found.rest.as_ref()?;
    let rest = (or(keys.clone(), key.clone()), or(values.clone(), value.clone()));
    let others = several.iter().enumerate().filter(|(other, _)| *other != at);
    let start = Some(Type::object(Vec::new(), Some(rest)));
    others.fold(start, |all, (_, one)| or(all, Some(one.clone())))
}

impl Typing {
    /// The places of all rules that may change where the document at a path is replaced: those that
    /// it may mean, and those that depend on them.
    pub(crate) fn dependents_of(&self, target: &[Value]) -> Vec<&[Value]> {
        let meant = |place: &&Vec<Value>| place.iter().zip(target).all(|(one, other)| one == other);
        let mut waiting: Vec<usize> =
            (0..self.places.len()).filter(|at| meant(&&self.places[*at])).collect();
        let mut seen = vec![false; self.dependents.len()];
        let mut found = Vec::new();
        while let Some(at) = waiting.pop() {
            if std::mem::replace(&mut seen[at], true) {
                continue;
            }
            found.extend(self.places.get(at).map(Vec::as_slice));
            waiting.extend(&self.dependents[at]);
        }
        found
    }
}
