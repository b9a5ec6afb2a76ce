//! Integers of any size by a verb: they write themselves in Go, a little otherwise than small ones.

use num_bigint::{BigInt, Sign};

use super::integer::sign;
use super::writer::Writer;
use crate::engine::builtins::BuiltinError;

pub(super) fn write(writer: &mut Writer, value: &BigInt, verb: char) -> Result<(), BuiltinError> {
    let flags = writer.flags;
    let sharp = flags.sharp || flags.sharp_value;
    let (radix, prefix) = match verb {
        'b' => (2, if sharp { "0b" } else { "" }),
        'o' => (8, if sharp { "0" } else { "" }),
        'O' => (8, "0o"),
        'd' | 's' | 'v' => (10, ""),
        'x' => (16, if sharp { "0x" } else { "" }),
        'X' => (16, if sharp { "0X" } else { "" }),
        _ => return writer.push(&format!("%!{verb}(big.Int={value})")),
    };
    let negative = value.sign() == Sign::Minus;
    let sign = sign(negative, flags.plus || flags.plus_value, flags.space);
    let mut digits = value.magnitude().to_str_radix(radix);
    if verb == 'X' {
        digits.make_ascii_uppercase();
    }
    let mut zeros = flags.precision.unwrap_or(0).saturating_sub(digits.len());
    let missing = writer.missing(sign.len() + prefix.len() + zeros + digits.len());
    let (mut left, mut right) = (0, 0);
    match (flags.minus, flags.zero && flags.precision.is_none()) {
        (true, _) => right = missing,
        (false, true) => zeros += missing,
        (false, false) => left = missing,
    }
    writer.repeat(' ', left)?;
    writer.push(sign)?;
    writer.push(prefix)?;
    writer.repeat('0', zeros)?;
    writer.push(&digits)?;
    writer.repeat(' ', right)
}
