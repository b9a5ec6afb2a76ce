//! Replaces builtins of the engine that read a clock, panic, or take memory or time without limit.

use regorus::{Engine, Value};

use crate::sprintf::sprintf;

/// The longest range that `numbers.range` makes.
const RANGE: i64 = 1_000_000;

/// Puts bounded forms in the place of builtins that have none.
pub(crate) fn guard(engine: &mut Engine, strict: bool) -> anyhow::Result<()> {
    engine.add_extension(
        "numbers.range".to_owned(),
        2,
        Box::new(move |args| range(&args, strict)),
    )?;
    engine.add_extension("sprintf".to_owned(), 2, Box::new(|args| sprintf(&args)))?;
    engine.add_extension("strings.count".to_owned(), 2, Box::new(|args| Ok(count(&args))))
}

/// Makes `time.now_ns()` yield the time of the decision.
pub(crate) fn set_clock(engine: &mut Engine, now_ns: i128) -> anyhow::Result<()> {
    let now = Value::from(now_ns);
    engine.add_extension("time.now_ns".to_owned(), 0, Box::new(move |_| Ok(now.clone())))
}

/// `numbers.range(a, b)`: the engine's own tries to take 24 GB for a billion.
fn range(args: &[Value], strict: bool) -> anyhow::Result<Value> {
    let [from, to] = args else { return Ok(Value::Undefined) };
    let (Ok(from), Ok(to)) = (from.as_i64(), to.as_i64()) else {
        anyhow::ensure!(!strict, "numbers.range: operands must be integers");
        return Ok(Value::Undefined);
    };
    if from.abs_diff(to) >= RANGE.unsigned_abs() {
        return Err(anyhow::anyhow!("numbers.range: more than {RANGE} numbers"));
    }
    let numbers: Vec<Value> = if from <= to {
        (from..=to).map(Value::from).collect()
    } else {
        (to..=from).rev().map(Value::from).collect()
    };
    Ok(Value::from(numbers))
}

/// `strings.count(text, part)`: the engine's own panics on an empty part and counts overlaps.
fn count(args: &[Value]) -> Value {
    let [text, part] = args else { return Value::Undefined };
    let (Ok(text), Ok(part)) = (text.as_string(), part.as_string()) else {
        return Value::Undefined;
    };
    // As Go's strings.Count: the empty part stands before, between and after all characters.
    let count = if part.is_empty() {
        text.chars().count() + 1
    } else {
        text.matches(part.as_ref()).count()
    };
    Value::from(count)
}
