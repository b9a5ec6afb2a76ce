//! JSON text as values, with Go's complaints.

use serde::de::IgnoredAny;

use crate::engine::builtins::{BuiltinError, Context};
use crate::engine::value::{JsonError, Value, quote};

/// A value of a byte of text may take this much memory: an empty array in an array.
const MEMORY_PER_BYTE: usize = 12;

/// Whether a text is JSON.
pub(in crate::engine::builtins) fn is_valid(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// The value that a JSON text says.
pub(in crate::engine::builtins) fn read(
    context: &mut Context,
    text: &str,
) -> Result<Value, BuiltinError> {
    context.work(text.len())?;
    context.allocate(text.len().saturating_mul(MEMORY_PER_BYTE))?;
    Value::from_json(text).map_err(|error| complaint(text, &error))
}

fn complaint(text: &str, error: &JsonError) -> BuiltinError {
    let rest = text.get(error.offset..).unwrap_or_default();
    if matches!(error.what, "nested too deeply" | "number too big") {
        return BuiltinError::limit(format!("JSON is {}", error.what));
    }
    if text.trim().is_empty() {
        return BuiltinError::evaluation("EOF");
    }
    let cut = ["true", "false", "null"].iter().any(|word| word.starts_with(rest));
    let Some(first) = rest.chars().next().filter(|_| !cut) else {
        return BuiltinError::evaluation("unexpected EOF");
    };
    let context = match error.what {
        "text after the JSON value" => "after top-level value",
        "expected `,` or `]`" => "after array element",
        "expected `,` or `}`" => "after object key:value pair",
        "expected a key" => "looking for beginning of object key string",
        "expected `:`" => "after object key",
        "control character in a string" => "in string literal",
        "unknown escape" => "in string escape code",
        "malformed escape" => "in \\u hexadecimal character escape",
        "malformed number" if number_then_more(rest) => {
            let second = rest.trim_start_matches('-').chars().nth(1).unwrap_or('0');
            return invalid("error: ", second, "after top-level value");
        }
        "malformed number" => "in numeric literal",
        _ => "looking for beginning of value",
    };
    let error = if context == "after top-level value" { "error: " } else { "" };
    invalid(error, first, context)
}

/// `01` is a zero and more text.
fn number_then_more(text: &str) -> bool {
    let digits = text.trim_start_matches('-').as_bytes();
    matches!(digits, [b'0', b'0'..=b'9', ..])
}

fn invalid(error: &str, character: char, context: &str) -> BuiltinError {
    let shown = match character {
        '\'' => "'\\''".to_owned(),
        '"' => "'\"'".to_owned(),
        other => {
            let quoted = quote(&other.to_string());
            format!("'{}'", &quoted[1..quoted.len() - 1])
        }
    };
    BuiltinError::evaluation(format!("{error}invalid character {shown} {context}"))
}
