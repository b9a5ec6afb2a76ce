//! Functions over objects.

use super::operands::{array, object, wrong_element, wrong_type};
use super::{BuiltinError, Context, Declared, Outcome, Type};
use crate::engine::value::{Set, Value};

mod subset;
mod union;

const KEYS: Type = Type::OneOf(&[Type::ARRAY, Type::OBJECT, Type::SET]);
const OBJECTS: Type = Type::Array(&[], Some(&Type::OBJECT));

pub(super) const TABLE: &[Declared] = &[
    Declared::new("object.filter", &[Type::OBJECT, KEYS], Type::OBJECT, filter),
    Declared::new("object.get", &[Type::OBJECT, Type::Any, Type::Any], Type::Any, get),
    Declared::new("object.keys", &[Type::OBJECT], Type::SET, keys),
    Declared::new("object.remove", &[Type::OBJECT, KEYS], Type::OBJECT, remove),
    Declared::new("object.subset", &[KEYS, KEYS], Type::Boolean, subset::subset),
    Declared::new("object.union", &[Type::OBJECT, Type::OBJECT], Type::OBJECT, union),
    Declared::new("object.union_n", &[OBJECTS], Type::OBJECT, union_n),
];

/// The value of a key, or at a path of keys; a value of its own where there is none.
fn get(context: &mut Context, operands: &[Value]) -> Outcome {
    let object = object(&operands[0], 1)?;
    let found = match &operands[1] {
        Value::Array(path) => {
            context.work(path.len())?;
            path.iter().try_fold(&operands[0], |value, key| value.get(key))
        }
        key => object.get(key),
    };
    Ok(Some(found.unwrap_or(&operands[2]).clone()))
}

fn keys(context: &mut Context, operands: &[Value]) -> Outcome {
    let object = object(&operands[0], 1)?;
    context.allocate_values(object.len())?;
    Ok(Some(Value::set(object.keys().cloned().collect())))
}

/// The keys that an array, object or set gives.
fn given(context: &mut Context, value: &Value) -> Result<Set, BuiltinError> {
    let keys: Vec<Value> = match value {
        Value::Array(items) => items.as_slice().to_vec(),
        Value::Set(items) => items.as_slice().to_vec(),
        Value::Object(entries) => entries.keys().cloned().collect(),
        other => return Err(wrong_type(2, other, &["object", "set", "array"])),
    };
    context.allocate_values(keys.len())?;
    Ok(Set::new(keys))
}

fn filter(context: &mut Context, operands: &[Value]) -> Outcome {
    choose(context, operands, true)
}

fn remove(context: &mut Context, operands: &[Value]) -> Outcome {
    choose(context, operands, false)
}

fn choose(context: &mut Context, operands: &[Value], chosen: bool) -> Outcome {
    let object = object(&operands[0], 1)?;
    let keys = given(context, &operands[1])?;
    context.allocate_values(object.len().saturating_mul(2))?;
    context.work(object.len().saturating_mul(16))?;
    let entries = object.iter().filter(|(key, _)| keys.contains(key) == chosen).cloned();
    Ok(Some(Value::object(entries.collect())))
}

fn union(context: &mut Context, operands: &[Value]) -> Outcome {
    object(&operands[0], 1)?;
    object(&operands[1], 2)?;
    union::merged(context, operands).map(Some)
}

fn union_n(context: &mut Context, operands: &[Value]) -> Outcome {
    let objects = array(&operands[0], 1)?;
    for item in objects {
        if item.as_object().is_none() {
            return Err(wrong_element(1, &operands[0], item, &["object"]));
        }
    }
    union::merged(context, objects.as_slice()).map(Some)
}

#[cfg(test)]
mod tests {
    use crate::engine::builtins::testing::check;

    #[test]
    fn objects_are_read_and_chosen_from() {
        check(&[
            ("object.get", &["{\"a\": [1, {\"b\": 2}]}", "[\"a\", 1, \"b\"]", "0"], "2"),
            ("object.get", &["{\"a\": 1}", "[\"a\", \"b\"]", "7"], "7"),
            ("object.get", &["{\"a\": 1}", "[]", "7"], "{\"a\": 1}"),
            (
                "object.get",
                &["[]", "\"a\"", "7"],
                "object.get: operand 1 must be object but got array",
            ),
            ("object.keys", &["{\"b\": 1, \"a\": 2}"], "{\"a\", \"b\"}"),
            ("object.filter", &["{\"a\": {\"b\": 1}, \"d\": 1}", "[\"a\"]"], "{\"a\": {\"b\": 1}}"),
            ("object.remove", &["{\"a\": 1, \"b\": 2}", "{\"a\": 3}"], "{\"b\": 2}"),
            (
                "object.remove",
                &["{}", "1"],
                "object.remove: operand 2 must be one of {object, set, array} but got number",
            ),
        ]);
    }

    #[test]
    fn unions_merge_objects_alone() {
        check(&[
            (
                "object.union",
                &["{\"a\": {\"b\": 1}}", "{\"a\": {\"c\": 2}, \"d\": 3}"],
                "{\"a\": {\"b\": 1, \"c\": 2}, \"d\": 3}",
            ),
            ("object.union", &["{\"a\": {\"b\": 1}}", "{\"a\": [1]}"], "{\"a\": [1]}"),
            (
                "object.union_n",
                &["[{\"a\": {\"b\": 2}}, {\"a\": 4}, {\"a\": {\"c\": 3}}]"],
                "{\"a\": {\"c\": 3}}",
            ),
            ("object.union_n", &["[]"], "{}"),
            (
                "object.union_n",
                &["[{}, 1]"],
                "object.union_n: operand 1 must be array of objects but got array containing number",
            ),
        ]);
    }

    #[test]
    fn subsets_recurse_into_objects_alone() {
        check(&[
            (
                "object.subset",
                &["{\"a\": {\"b\": [1, 2], \"c\": 1}}", "{\"a\": {\"b\": [2]}}"],
                "true",
            ),
            ("object.subset", &["{\"a\": 1}", "{\"a\": 2}"], "false"),
            ("object.subset", &["[1, 1, 2]", "[1, 2]"], "true"),
            ("object.subset", &["[1, 2]", "[2, 1]"], "false"),
            (
                "object.subset",
                &["1", "2"],
                "object.subset: both arguments object.subset must be of the same type or array and set",
            ),
        ]);
    }
}
