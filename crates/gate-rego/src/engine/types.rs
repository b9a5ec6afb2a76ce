//! Types of terms, as far as they are known before evaluation: what OPA's type checker knows.
//!
//! A type that is not known at all is `None`, which is not the same as [`Type::Anything`].

use std::sync::Arc;

use super::value::Value;

mod select;
mod show;
mod tree;
mod unify;

pub(crate) use show::{listed, shown};
pub(crate) use tree::{Found, Key, Tree, Typing, follow};
pub(crate) use unify::unifies;

/// A type where it is known.
pub(crate) type Maybe = Option<Type>;

/// A larger type is taken for [`Type::Anything`]: comparing types costs their sizes.
const SIZE: usize = 4_000;
/// Of more alternatives nothing is known any more.
const ALTERNATIVES: usize = 256;

/// A type. The order of the variants is the order of alternatives.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Type {
    Null,
    Boolean,
    Number,
    String,
    Array(Arc<ArrayType>),
    Object(Arc<ObjectType>),
    /// A set of elements of a type; without one it is empty, or of unknown elements.
    Set(Arc<SetType>),
    /// Any value.
    Anything,
    /// One of several, at least two, in order.
    OneOf(Arc<[Type]>),
    Function(Arc<FunctionType>),
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ArrayType {
    /// What stands behind the known items.
    pub(crate) rest: Maybe,
    pub(crate) items: Vec<Maybe>,
    size: usize,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ObjectType {
    /// Types of further keys and values.
    pub(crate) rest: Option<(Maybe, Maybe)>,
    /// Known fields, sorted.
    pub(crate) fields: Vec<(Value, Maybe)>,
    size: usize,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SetType {
    pub(crate) of: Maybe,
    size: usize,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FunctionType {
    arity: usize,
    pub(crate) arguments: Vec<Maybe>,
    pub(crate) result: Maybe,
}

fn size_of(of: &Maybe) -> usize {
    match of {
        Some(Type::Array(array)) => array.size,
        Some(Type::Object(object)) => object.size,
        Some(Type::Set(set)) => set.size,
        Some(Type::OneOf(several)) => {
            several.iter().map(|one| size_of(&Some(one.clone()))).sum::<usize>()
        }
        _ => 1,
    }
}

impl Type {
    pub(crate) fn array(items: Vec<Maybe>, rest: Maybe) -> Self {
        let size = 1 + size_of(&rest) + items.iter().map(size_of).sum::<usize>();
        if size > SIZE {
            return Self::Array(Arc::new(ArrayType {
                rest: Some(Self::Anything),
                items: Vec::new(),
                size: 2,
            }));
        }
        Self::Array(Arc::new(ArrayType { rest, items, size }))
    }

    /// An object; of fields with equal keys the last one counts.
    pub(crate) fn object(mut fields: Vec<(Value, Maybe)>, rest: Option<(Maybe, Maybe)>) -> Self {
        let below = rest.as_ref().map_or(0, |(key, value)| size_of(key) + size_of(value));
        let size = 1 + below + fields.iter().map(|(_, value)| 1 + size_of(value)).sum::<usize>();
        if size > SIZE {
            let rest = Some((Some(Self::Anything), Some(Self::Anything)));
            return Self::Object(Arc::new(ObjectType { rest, fields: Vec::new(), size: 3 }));
        }
        fields.reverse();
        fields.sort_by(|left, right| left.0.cmp(&right.0));
        fields.dedup_by(|later, earlier| later.0 == earlier.0);
        Self::Object(Arc::new(ObjectType { rest, fields, size }))
    }

    pub(crate) fn set(of: Maybe) -> Self {
        let size = 1 + size_of(&of);
        if size > SIZE {
            return Self::Set(Arc::new(SetType { of: Some(Self::Anything), size: 2 }));
        }
        Self::Set(Arc::new(SetType { of, size }))
    }

    pub(crate) fn function(arguments: Vec<Maybe>, result: Maybe) -> Self {
        Self::Function(Arc::new(FunctionType { arity: arguments.len(), arguments, result }))
    }

    pub(crate) fn is_function(&self) -> bool {
        matches!(self, Self::Function(_))
    }

    /// The type of a value, as a term that is constant.
    pub(crate) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Boolean,
            Value::Number(_) => Self::Number,
            Value::String(_) => Self::String,
            Value::Array(items) => {
                Self::array(items.iter().map(|item| Some(Self::of(item))).collect(), None)
            }
            Value::Set(items) => {
                Self::set(items.iter().fold(None, |all, item| or(all, Some(Self::of(item)))))
            }
            Value::Object(object) => {
                let field = |(key, value): &(Value, Value)| (plain(key), Some(Self::of(value)));
                Self::object(object.iter().map(field).collect(), None)
            }
        }
    }

    /// The type of a key of known fields.
    fn of_key(value: &Value) -> Self {
        Self::of(&plain(value))
    }

    /// Whether it holds nothing: an empty collection.
    pub(crate) fn is_empty_collection(&self) -> bool {
        match self {
            Self::Object(object) => object.fields.is_empty() && object.rest.is_none(),
            Self::Array(array) => array.items.is_empty() && array.rest.is_none(),
            Self::Set(set) => set.of.is_none(),
            _ => false,
        }
    }

    /// Whether it is this type, or has it as an alternative.
    fn contains(&self, other: &Self) -> bool {
        match self {
            Self::Anything => !other.is_function(),
            Self::OneOf(several) => several.binary_search(other).is_ok(),
            one => one == other,
        }
    }
}

/// A key as JSON has it: sets are arrays there.
pub(crate) fn plain(key: &Value) -> Value {
    match key {
        Value::Set(items) => Value::array(items.iter().map(plain).collect()),
        Value::Array(items) => Value::array(items.iter().map(plain).collect()),
        other => other.clone(),
    }
}

/// Whether a type, or a part of it, is not known.
pub(crate) fn is_unknown(of: &Maybe) -> bool {
    match of {
        None => true,
        Some(Type::Function(function)) => {
            function.arguments.iter().any(is_unknown) || is_unknown(&function.result)
        }
        Some(Type::Array(array)) => {
            array.items.iter().any(is_unknown) || (array.rest.is_some() && is_unknown(&array.rest))
        }
        Some(Type::Object(object)) => {
            object.fields.iter().any(|(_, value)| is_unknown(value))
                || object
                    .rest
                    .as_ref()
                    .is_some_and(|(key, value)| is_unknown(key) || is_unknown(value))
        }
        Some(Type::Set(set)) => is_unknown(&set.of),
        Some(_) => false,
    }
}

/// What is one type or the other. What is a function and no function is nothing.
pub(crate) fn or(one: Maybe, other: Maybe) -> Maybe {
    let (one, other) = match (one, other) {
        (None, known) | (known, None) => return known,
        (Some(one), Some(other)) => (one, other),
    };
    match (&one, &other) {
        (Type::Function(left), Type::Function(right)) => {
            if left.arity != right.arity {
                return None;
            }
            let both = left.arguments.iter().zip(&right.arguments);
            let arguments = both.map(|(left, right)| or(left.clone(), right.clone())).collect();
            Some(Type::function(arguments, or(left.result.clone(), right.result.clone())))
        }
        (Type::Function(_), _) | (_, Type::Function(_)) => None,
        (Type::Anything, _) | (_, Type::Anything) => Some(Type::Anything),
        (left, right) if left == right => Some(one),
        _ => {
            let mut all = Vec::new();
            for alternative in [one, other] {
                match alternative {
                    Type::OneOf(several) => all.extend(several.iter().cloned()),
                    single => all.push(single),
                }
            }
            all.sort();
            all.dedup();
            Some(one_of(all))
        }
    }
}

/// One of several types, sorted and all different.
fn one_of(all: Vec<Type>) -> Type {
    if all.len() > ALTERNATIVES { Type::Anything } else { Type::OneOf(all.into()) }
}

#[cfg(test)]
mod tests;
