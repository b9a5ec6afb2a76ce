//! `is_*` and `type_name`.

use super::{Declared, Outcome, Type};
use crate::engine::value::Value;

const ANY: &[Type] = &[Type::Any];

pub(super) const TABLE: &[Declared] = &[
    Declared::new("is_array", ANY, Type::Boolean, |_, o| is(&o[0], "array")),
    Declared::new("is_boolean", ANY, Type::Boolean, |_, o| is(&o[0], "boolean")),
    Declared::new("is_null", ANY, Type::Boolean, |_, o| is(&o[0], "null")),
    Declared::new("is_number", ANY, Type::Boolean, |_, o| is(&o[0], "number")),
    Declared::new("is_object", ANY, Type::Boolean, |_, o| is(&o[0], "object")),
    Declared::new("is_set", ANY, Type::Boolean, |_, o| is(&o[0], "set")),
    Declared::new("is_string", ANY, Type::Boolean, |_, o| is(&o[0], "string")),
    Declared::new("type_name", ANY, Type::String, |_, o| Ok(Some(Value::from(o[0].type_name())))),
];

#[expect(clippy::unnecessary_wraps, reason = "the form of every builtin")]
fn is(value: &Value, kind: &str) -> Outcome {
    Ok(Some(Value::Bool(value.type_name() == kind)))
}

#[cfg(test)]
mod tests {
    use crate::engine::builtins::testing::check;

    #[test]
    fn types_are_told_apart() {
        check(&[
            ("is_array", &["[]"], "true"),
            ("is_object", &["[]"], "false"),
            ("is_null", &["null"], "true"),
            ("is_string", &["\"\""], "true"),
            ("is_number", &["true"], "false"),
            ("type_name", &["false"], "\"boolean\""),
        ]);
    }
}
