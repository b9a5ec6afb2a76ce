//! Whether a value can be of two types at once.

use super::{ArrayType, Maybe, ObjectType, Type};
use crate::engine::value::Value;

/// Whether there may be a value of both types. Of what is not known, nothing may.
pub(crate) fn unifies(one: &Maybe, other: &Maybe) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => both(one, other),
        _ => false,
    }
}

fn both(one: &Type, other: &Type) -> bool {
    match (one, other) {
        (Type::Anything, Type::Function(_)) | (Type::Function(_), Type::Anything) => false,
        (Type::Anything, _) | (_, Type::Anything) => true,
        (Type::OneOf(several), single) | (single, Type::OneOf(several)) => {
            !single.is_function() && several.iter().any(|one| both(one, single))
        }
        (Type::Array(one), Type::Array(other)) => arrays(one, other),
        (Type::Object(one), Type::Object(other)) => objects(one, other),
        (Type::Set(one), Type::Set(other)) => {
            one.of.is_none() || other.of.is_none() || unifies(&one.of, &other.of)
        }
        (Type::Function(one), Type::Function(other)) => {
            one.arity == other.arity
                && one
                    .arguments
                    .iter()
                    .zip(&other.arguments)
                    .all(|(one, other)| unifies(one, other))
        }
        _ => one == other,
    }
}

fn arrays(one: &ArrayType, other: &ArrayType) -> bool {
    let length = one.items.len().max(other.items.len());
    let item = |array: &ArrayType, at: usize| {
        array.items.get(at).cloned().unwrap_or_else(|| array.rest.clone())
    };
    (0..length).all(|at| unifies(&item(one, at), &item(other, at)))
        && (one.rest.is_none() || other.rest.is_none() || unifies(&one.rest, &other.rest))
}

fn objects(one: &ObjectType, other: &ObjectType) -> bool {
    let rest = |object: &ObjectType| object.rest.as_ref().and_then(|(_, value)| value.clone());
    let (one_rest, other_rest) = (rest(one), rest(other));
    let open = one_rest.is_some() || other_rest.is_some();
    let field_fits = |value: &Maybe, against: &Maybe| match against {
        None => open,
        found => unifies(value, found),
    };
    let fits = |key: &Value, value: &Maybe, against: &ObjectType| {
        let found = Type::Object(std::sync::Arc::new(ObjectType {
            rest: against.rest.clone(),
            fields: Vec::new(),
            size: 1,
        }));
        let at = against.fields.binary_search_by(|(field, _)| field.cmp(key));
        match at {
            Ok(at) => field_fits(value, &against.fields[at].1),
            Err(_) => field_fits(value, &found.select(key)),
        }
    };
    one.fields.iter().all(|(key, value)| fits(key, value, other))
        && other.fields.iter().all(|(key, value)| {
            // What both have is compared already.
            one.fields.binary_search_by(|(field, _)| field.cmp(key)).is_ok()
                || fits(key, value, one)
        })
        && (one_rest.is_none() || other_rest.is_none() || unifies(&one_rest, &other_rest))
}
