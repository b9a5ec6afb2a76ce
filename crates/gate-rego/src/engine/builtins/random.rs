//! `rand.*` and what else needs the world outside.

use std::collections::HashMap;

use super::operands::{integer, string};
use super::registry::Impurity;
use super::{BuiltinError, Context, Declared, Outcome, Type};
use crate::engine::value::Value;

const NETWORK: &str = "policies have no network";
const REQUEST: Type = Type::Object(&[], Some(&(Type::String, Type::Any)));

pub(super) const TABLE: &[Declared] = &[
    Declared::absent("http.send", &[REQUEST], Type::OBJECT, NETWORK).impure(Impurity::Network),
    Declared::absent("net.lookup_ip_addr", &[Type::String], Type::STRING_SET, NETWORK)
        .impure(Impurity::Network),
    Declared::absent(
        "opa.runtime",
        &[],
        REQUEST,
        "policies see nothing of the machine they run on",
    )
    .impure(Impurity::Environment),
    Declared::new("rand.intn", &[Type::String, Type::Number], Type::Number, intn)
        .impure(Impurity::Random),
];

/// The lots that a query has drawn: the same question has the same answer in it.
#[derive(Default)]
struct Drawn {
    state: Option<u64>,
    numbers: HashMap<(String, u64), u64>,
}

/// The next lot, of a generator that needs no more than to be well spread (splitmix64).
pub(super) fn draw(context: &mut Context) -> Result<u64, BuiltinError> {
    let Some(seed) = context.seed else {
        return Err(BuiltinError::not_available("policies have no randomness"));
    };
    let drawn = context.memory::<Drawn>();
    let state = drawn.state.unwrap_or(seed).wrapping_add(0x9e37_79b9_7f4a_7c15);
    drawn.state = Some(state);
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    Ok(mixed ^ (mixed >> 31))
}

fn intn(context: &mut Context, operands: &[Value]) -> Outcome {
    let name = string(&operands[0], 1)?;
    let bound = integer(&operands[1], 2)?.unsigned_abs();
    if bound == 0 {
        return Ok(Some(Value::from(0i64)));
    }
    let key = (name.to_owned(), bound);
    if let Some(known) = context.memory::<Drawn>().numbers.get(&key) {
        return Ok(Some(Value::from(*known)));
    }
    let number = draw(context)? % bound;
    context.allocate(name.len().saturating_add(64))?;
    context.memory::<Drawn>().numbers.insert(key, number);
    Ok(Some(Value::from(number)))
}

#[cfg(test)]
mod tests {
    use crate::engine::builtins::{Budget, Context, Implementation, find};
    use crate::engine::value::Value;

    #[test]
    fn a_lot_is_drawn_once_and_only_with_a_seed() {
        let Some(Implementation::Function(intn)) =
            find("rand.intn").map(|declared| declared.implementation)
        else {
            panic!("no function")
        };
        let mut context = Context::new(0, Budget::new(None, 1 << 20));
        let operands = [Value::from("a"), Value::from(1_000_000i64)];
        assert!(intn(&mut context, &operands).is_err());
        context.seed = Some(7);
        let first = intn(&mut context, &operands).unwrap();
        assert_eq!(intn(&mut context, &operands).unwrap(), first);
        let other = [Value::from("b"), Value::from(1_000_000i64)];
        assert_ne!(intn(&mut context, &other).unwrap(), first);
    }
}
