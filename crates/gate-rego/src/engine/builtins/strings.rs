//! Functions over text.

use super::operands::{string, strings};
use super::{Context, Declared, Outcome, Type};
use crate::engine::value::Value;

pub(super) const TABLE: &[Declared] =
    &[Declared::new("concat", &[Type::String, Type::STRING_LIST], Type::String, concat)];

fn concat(context: &mut Context, operands: &[Value]) -> Outcome {
    let separator = string(&operands[0], 1)?;
    let parts = strings(&operands[1], 2)?;
    let between = separator.len().saturating_mul(parts.len());
    context.allocate(parts.iter().map(|part| part.len()).sum::<usize>().saturating_add(between))?;
    Ok(Some(Value::from(parts.join(separator))))
}

#[cfg(test)]
mod tests {
    use crate::engine::builtins::testing::call;

    #[test]
    fn concat_joins_strings_alone() {
        assert_eq!(call("concat", &["\"-\"", "[\"a\", \"b\"]"]), "\"a-b\"");
        assert_eq!(
            call("concat", &["\"-\"", "[\"a\", 1]"]),
            "concat: operand 2 must be array of strings but got array containing number"
        );
    }
}
