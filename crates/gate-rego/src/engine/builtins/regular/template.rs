//! `regex.template_match`: literal text with expressions between delimiters.

use super::expression::{Expression, remembered};
use crate::engine::builtins::operands::string;
use crate::engine::builtins::{BuiltinError, Context, Outcome};
use crate::engine::value::{Value, quote};

pub(super) fn template_match(context: &mut Context, operands: &[Value]) -> Outcome {
    let (template, text) = (string(&operands[0], 1)?, string(&operands[1], 2)?);
    let (start, end) = (string(&operands[2], 3)?, string(&operands[3], 4)?);
    let refuse = |side: &str| {
        // The length of the starting delimiter, whichever is wrong: as OPA says it.
        let length = start.len();
        Err(BuiltinError::evaluation(format!(
            "{side} delimiter has to be exactly one character long but is {length} long"
        )))
    };
    let &[start_byte] = start.as_bytes() else { return refuse("start") };
    let &[end_byte] = end.as_bytes() else { return refuse("end") };
    context.work(template.len())?;
    let pattern = pattern(template, start_byte, end_byte)?;
    let key = format!("template {pattern}");
    let expression = remembered(context, &key, || Expression::go(&pattern))?;
    context.work(text.len())?;
    Ok(Some(Value::Bool(expression.is_match(text))))
}

/// The expression of a whole template; each part must be one by itself.
fn pattern(template: &str, start: u8, end: u8) -> Result<String, BuiltinError> {
    let unbalanced =
        || BuiltinError::evaluation(format!("unbalanced braces in {}", quote(template)));
    let mut pattern = String::from("^");
    let (mut level, mut opened, mut copied) = (0u32, 0, 0);
    for (at, byte) in template.bytes().enumerate() {
        if byte == start {
            level += 1;
            if level == 1 {
                opened = at;
            }
        } else if byte == end {
            level = level.checked_sub(1).ok_or_else(unbalanced)?;
            if level == 0 {
                pattern.push_str(&literal(&template[copied..opened]));
                let part = &template[opened + 1..at];
                Expression::go(&format!("^{part}$"))?;
                pattern.extend(["(", part, ")"]);
                copied = at + 1;
            }
        }
    }
    if level != 0 {
        return Err(unbalanced());
    }
    pattern.push_str(&literal(&template[copied..]));
    pattern.push('$');
    Ok(pattern)
}

fn literal(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    for character in text.chars() {
        if "\\.+*?()|[]{}^$".contains(character) {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted
}
