//! Numbers as text in a base.

use crate::engine::builtins::operands::{number, wrong_choice};
use crate::engine::builtins::{Context, Outcome};
use crate::engine::value::Value;

pub(super) fn format_int(context: &mut Context, operands: &[Value]) -> Outcome {
    let (value, base) = (number(&operands[0], 1)?, number(&operands[1], 2)?);
    // The base is compared by its text, so that 16.0 is none.
    let radix = match base.to_string().as_str() {
        "2" => 2,
        "8" => 8,
        "10" => 10,
        "16" => 16,
        _ => return Err(wrong_choice(2, &["2", "8", "10", "16"])),
    };
    let integer = value.truncated();
    let bits = usize::try_from(integer.bits()).unwrap_or(usize::MAX);
    context.allocate(bits)?;
    context.work(bits)?;
    Ok(Some(Value::from(integer.to_str_radix(radix))))
}
