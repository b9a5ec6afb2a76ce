//! `to_number`.

use super::operands::wrong_type;
use super::{BuiltinError, Context, Declared, Outcome, Type};
use crate::engine::number::{Number, NumberError};
use crate::engine::value::{Value, quote};

const CONVERTIBLE: Type = Type::OneOf(&[Type::Null, Type::Boolean, Type::Number, Type::String]);

pub(super) const TABLE: &[Declared] =
    &[Declared::new("to_number", &[CONVERTIBLE], Type::Number, to_number)];

fn to_number(context: &mut Context, operands: &[Value]) -> Outcome {
    match &operands[0] {
        Value::Null => Ok(Some(Value::from(0i64))),
        Value::Bool(value) => Ok(Some(Value::from(i64::from(*value)))),
        Value::Number(_) => Ok(Some(operands[0].clone())),
        Value::String(text) => {
            context.work(text.len())?;
            read(&operands[0], text).map(|number| Some(Value::Number(number)))
        }
        other => Err(wrong_type(1, other, &["null", "boolean", "number", "string"])),
    }
}

fn read(operand: &Value, text: &str) -> Result<Number, BuiltinError> {
    let unsigned = text.trim_start_matches(['+', '-']).to_ascii_lowercase();
    if matches!(unsigned.as_str(), "inf" | "infinity" | "nan") {
        return Err(wrong_type(1, operand, &["valid number string"]));
    }
    let failed = |why: &str| {
        let text = quote(text);
        BuiltinError::evaluation(format!("strconv.ParseFloat: parsing {text}: {why}"))
    };
    let number = match Number::parse(&normal(text)) {
        Ok(number) => number,
        Err(NumberError::Syntax) => return Err(failed("invalid syntax")),
        Err(NumberError::TooBig) => return Err(failed("value out of range")),
    };
    if number.as_f64().is_infinite() { Err(failed("value out of range")) } else { Ok(number) }
}

/// The text in JSON's form: Go also reads a plus, leading zeros, and a point at either end. OPA
/// keeps such a text and then fails to print it.
pub(super) fn normal(text: &str) -> String {
    let (sign, rest) = match text.as_bytes().first() {
        Some(b'-') => ("-", &text[1..]),
        Some(b'+') => ("", &text[1..]),
        _ => ("", text),
    };
    let exponent = rest.find(['e', 'E']).unwrap_or(rest.len());
    let (mantissa, exponent) = rest.split_at(exponent);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        // No digit at all: whatever this is, it is no number.
        return text.to_owned();
    }
    let stripped = whole.trim_start_matches('0');
    let whole = if stripped.is_empty() { "0" } else { stripped };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}{exponent}")
}

#[cfg(test)]
mod tests {
    use crate::engine::builtins::testing::check;

    #[test]
    fn texts_are_read_as_go_reads_them() {
        check(&[
            ("to_number", &["null"], "0"),
            ("to_number", &["true"], "1"),
            ("to_number", &["\"12.50\""], "12.50"),
            ("to_number", &["\"+1\""], "1"),
            ("to_number", &["\"007\""], "7"),
            ("to_number", &["\".5\""], "0.5"),
            ("to_number", &["\"1.\""], "1"),
            (
                "to_number",
                &["\"0x10\""],
                "to_number: strconv.ParseFloat: parsing \"0x10\": invalid syntax",
            ),
            (
                "to_number",
                &["\" 1\""],
                "to_number: strconv.ParseFloat: parsing \" 1\": invalid syntax",
            ),
            ("to_number", &["\"\""], "to_number: strconv.ParseFloat: parsing \"\": invalid syntax"),
            (
                "to_number",
                &["\"1e400\""],
                "to_number: strconv.ParseFloat: parsing \"1e400\": value out of range",
            ),
            (
                "to_number",
                &["\"-Inf\""],
                "to_number: operand 1 must be valid number string but got string",
            ),
            (
                "to_number",
                &["[]"],
                "to_number: operand 1 must be one of {null, boolean, number, string} but got array",
            ),
        ]);
    }
}
