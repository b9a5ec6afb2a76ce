//! One demand of a body on a place.

use std::sync::Arc;

use crate::engine::compiler::intermediate::{Term, Variable};
use crate::engine::program::Want;
use crate::engine::value::Value;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Entry {
    /// The place is looked up, perhaps for a variable.
    Variable(Option<Variable>),
    Want(Want),
}

/// An end of a text.
#[derive(Debug, Clone, Copy)]
pub(super) enum End {
    Start,
    End,
}

impl Entry {
    pub(super) fn affix(end: End, base: Arc<str>) -> Self {
        Self::Want(match end {
            End::Start => Want::Starts(base),
            End::End => Want::Ends(base),
        })
    }

    /// A variable, a scalar, or an array of them.
    pub(super) fn plain(term: &Term) -> Option<Self> {
        match term {
            Term::Variable(_) => Some(Self::of(term)),
            scalar if is_scalar(scalar) => Some(Self::of(scalar)),
            Term::Array(items) if items.iter().all(is_simple) => Some(Self::of(term)),
            Term::Constant(Value::Array(items)) if !items.iter().any(is_collection) => {
                Some(Self::of(term))
            }
            _ => None,
        }
    }

    /// Any term: of objects and sets nothing is demanded but that something is there.
    pub(super) fn of(term: &Term) -> Self {
        match term {
            Term::Variable(variable) => Self::Variable(Some(*variable)),
            Term::Array(items) => {
                let item = |item: &Term| item.constant().filter(|value| !is_collection(value));
                Self::Want(Want::Items(items.iter().map(item).collect()))
            }
            Term::Constant(Value::Array(items)) => {
                let item = |item: &Value| (!is_collection(item)).then(|| item.clone());
                Self::Want(Want::Items(items.iter().map(item).collect()))
            }
            other => match other.constant() {
                Some(value) if !is_collection(&value) => Self::Want(Want::Equal(value)),
                _ => Self::Want(Want::Defined),
            },
        }
    }
}

pub(super) fn is_scalar(term: &Term) -> bool {
    matches!(term, Term::Constant(value) if !is_collection(value))
}

fn is_simple(term: &Term) -> bool {
    matches!(term, Term::Variable(_)) || is_scalar(term)
}

fn is_collection(value: &Value) -> bool {
    matches!(value, Value::Array(_) | Value::Object(_) | Value::Set(_))
}

/// The members of a collection that is written out.
pub(super) fn members(term: &Term) -> Option<Vec<Term>> {
    let constants = |values: Vec<Value>| values.into_iter().map(Term::Constant).collect();
    Some(match term {
        Term::Array(items) | Term::Set(items) => items.clone(),
        Term::Object(entries) => entries.iter().map(|(_, value)| value.clone()).collect(),
        Term::Constant(Value::Array(items)) => constants(items.iter().cloned().collect()),
        Term::Constant(Value::Set(items)) => constants(items.iter().cloned().collect()),
        Term::Constant(Value::Object(object)) => {
            constants(object.iter().map(|(_, value)| value.clone()).collect())
        }
        _ => return None,
    })
}

/// What several demands on one place come to: one of the concrete ones is enough, and of demands on
/// both ends of a text those on one end count.
pub(super) fn wants(entries: Vec<Entry>) -> Box<[Want]> {
    let concrete = entries.into_iter().filter_map(|entry| match entry {
        Entry::Want(want) => Some(want),
        Entry::Variable(_) => None,
    });
    let mut wants: Vec<Want> = concrete.collect();
    if wants.is_empty() {
        return Box::new([Want::Defined]);
    }
    let shortest = |of: fn(&Want) -> Option<usize>| wants.iter().filter_map(of).min();
    let starts =
        shortest(|want| if let Want::Starts(base) = want { Some(base.len()) } else { None });
    let ends = shortest(|want| if let Want::Ends(base) = want { Some(base.len()) } else { None });
    if let (Some(start), Some(end)) = (starts, ends) {
        let keep_ends = end > start;
        wants.retain(|want| match want {
            Want::Starts(_) => !keep_ends,
            Want::Ends(_) => keep_ends,
            _ => true,
        });
    }
    wants.into()
}
