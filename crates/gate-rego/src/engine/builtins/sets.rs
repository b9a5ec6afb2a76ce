//! Functions over sets.

use super::operands::set;
use super::{BuiltinError, Context, Declared, Outcome, Type};
use crate::engine::value::{Set, Value};

const SETS: &[Type] = &[Type::SET, Type::SET];
const SET_OF_SETS: &[Type] = &[Type::Set(&Type::SET)];

pub(super) const TABLE: &[Declared] = &[
    Declared::new("and", SETS, Type::SET, |c, o| two(c, o, Set::intersection)).infix("&"),
    Declared::new("intersection", SET_OF_SETS, Type::SET, intersection),
    Declared::new("or", SETS, Type::SET, |c, o| two(c, o, Set::union)).infix("|"),
    Declared::new("set_diff", SETS, Type::SET, |c, o| two(c, o, Set::difference)),
    Declared::new("union", SET_OF_SETS, Type::SET, union),
];

fn charge(context: &mut Context, items: usize) -> Result<(), BuiltinError> {
    context.allocate_values(items)?;
    context.work(items.saturating_mul(16))
}

fn two(context: &mut Context, operands: &[Value], operation: fn(&Set, &Set) -> Set) -> Outcome {
    let (left, right) = (set(&operands[0], 1)?, set(&operands[1], 2)?);
    charge(context, left.len().saturating_add(right.len()))?;
    Ok(Some(Value::Set(operation(left, right).into())))
}

fn union(context: &mut Context, operands: &[Value]) -> Outcome {
    let mut items = Vec::new();
    for member in set(&operands[0], 1)? {
        let member = set(member, 1)?;
        charge(context, member.len())?;
        items.extend_from_slice(member.as_slice());
    }
    Ok(Some(Value::set(items)))
}

fn intersection(context: &mut Context, operands: &[Value]) -> Outcome {
    let mut common: Option<Set> = None;
    for member in set(&operands[0], 1)? {
        let member = set(member, 1)?;
        charge(context, common.as_ref().map_or(member.len(), Set::len))?;
        common = Some(match common {
            Some(common) => common.intersection(member),
            None => Set::new(member.as_slice().to_vec()),
        });
    }
    Ok(Some(Value::Set(common.unwrap_or_default().into())))
}

#[cfg(test)]
mod tests {
    use crate::engine::builtins::testing::call_with;
    use crate::engine::value::Value;

    fn set(items: &[i64]) -> Value {
        Value::set(items.iter().copied().map(Value::from).collect())
    }

    fn call(name: &str, operands: &[Value]) -> String {
        match call_with(name, operands) {
            Ok(value) => value.unwrap().to_string(),
            Err(error) => error.named(name),
        }
    }

    #[test]
    fn sets_are_joined_and_cut() {
        assert_eq!(call("and", &[set(&[1, 2]), set(&[2, 3])]), "{2}");
        assert_eq!(call("or", &[set(&[1, 2]), set(&[2, 3])]), "{1, 2, 3}");
        assert_eq!(call("set_diff", &[set(&[1, 2]), set(&[2, 3])]), "{1}");
        let both = Value::set(vec![set(&[1, 2]), set(&[2, 3])]);
        assert_eq!(call("union", std::slice::from_ref(&both)), "{1, 2, 3}");
        assert_eq!(call("intersection", &[both]), "{2}");
        assert_eq!(call("intersection", &[set(&[])]), "set()");
        assert_eq!(call("union", &[set(&[1])]), "union: operand 1 must be set but got number");
        let message = call("and", &[set(&[1]), Value::from(1i64)]);
        assert_eq!(message, "and: operand 2 must be set but got number");
    }
}
