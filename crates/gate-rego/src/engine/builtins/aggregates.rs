//! `count` and other functions over whole collections.

use super::operands::wrong_type;
use super::{Context, Declared, Outcome, Type};
use crate::engine::value::Value;

pub(super) const TABLE: &[Declared] =
    &[Declared::new("count", &[Type::COUNTABLE], Type::Number, count)];

fn count(_: &mut Context, operands: &[Value]) -> Outcome {
    let count = match &operands[0] {
        Value::Array(array) => array.len(),
        Value::Object(object) => object.len(),
        Value::Set(set) => set.len(),
        Value::String(text) => text.chars().count(),
        other => return Err(wrong_type(1, other, &["array", "object", "set", "string"])),
    };
    Ok(Some(Value::from(count)))
}

#[cfg(test)]
mod tests {
    use crate::engine::builtins::testing::call;

    #[test]
    fn count_counts_elements_and_characters() {
        assert_eq!(call("count", &["[1, 2]"]), "2");
        assert_eq!(call("count", &["\"äö\""]), "2");
        assert_eq!(
            call("count", &["1"]),
            "count: operand 1 must be one of {array, object, set, string} but got number"
        );
    }
}
