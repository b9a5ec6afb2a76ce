//! `== != < <= > >=`: any two values compare.

use super::{Declared, Outcome, Type};
use crate::engine::value::Value;

const ANY: &[Type] = &[Type::Any, Type::Any];

pub(super) const TABLE: &[Declared] = &[
    Declared::new("equal", ANY, Type::Boolean, |_, o| boolean(o[0] == o[1])).infix("=="),
    Declared::new("neq", ANY, Type::Boolean, |_, o| boolean(o[0] != o[1])).infix("!="),
    Declared::new("lt", ANY, Type::Boolean, |_, o| boolean(o[0] < o[1])).infix("<"),
    Declared::new("lte", ANY, Type::Boolean, |_, o| boolean(o[0] <= o[1])).infix("<="),
    Declared::new("gt", ANY, Type::Boolean, |_, o| boolean(o[0] > o[1])).infix(">"),
    Declared::new("gte", ANY, Type::Boolean, |_, o| boolean(o[0] >= o[1])).infix(">="),
];

#[expect(clippy::unnecessary_wraps, reason = "the form of every builtin")]
fn boolean(value: bool) -> Outcome {
    Ok(Some(Value::Bool(value)))
}
