//! `base64.*`, `base64url.*`, `hex.*` and `urlquery.*`.

use super::operands::string;
use super::{BuiltinError, Context, Declared, Outcome, Type, binary};
use crate::engine::value::Value;

pub(super) mod base64;
mod hexadecimal;
pub(super) mod query;

const TEXT: &[Type] = &[Type::String];
const VALUES: Type = Type::OneOf(&[Type::String, Type::STRINGS, Type::STRING_SET]);
const QUERY: Type = Type::Object(&[], Some(&(Type::String, VALUES)));
const DECODED: Type = Type::Object(&[], Some(&(Type::String, Type::STRINGS)));

pub(super) const TABLE: &[Declared] = &[
    Declared::new("base64.decode", TEXT, Type::String, base64_decode),
    Declared::new("base64.encode", TEXT, Type::String, |c, o| encoded(c, o, base64::standard)),
    Declared::new("base64.is_valid", TEXT, Type::Boolean, base64_is_valid),
    Declared::new("base64url.decode", TEXT, Type::String, base64url_decode),
    Declared::new("base64url.encode", TEXT, Type::String, |c, o| encoded(c, o, base64::url)),
    Declared::new("base64url.encode_no_pad", TEXT, Type::String, |c, o| {
        encoded(c, o, base64::url_without_padding)
    }),
    Declared::new("hex.decode", TEXT, Type::String, hex_decode),
    Declared::new("hex.encode", TEXT, Type::String, |c, o| {
        encoded(c, o, |bytes| hex::encode(bytes))
    }),
    Declared::new("urlquery.decode", TEXT, Type::String, query_decode),
    Declared::new("urlquery.decode_object", TEXT, DECODED, query::decode_object),
    Declared::new("urlquery.encode", TEXT, Type::String, |c, o| encoded(c, o, query::escape)),
    Declared::new("urlquery.encode_object", &[QUERY], Type::String, query::encode_object),
];

fn input<'a>(context: &mut Context, operands: &'a [Value]) -> Result<&'a str, BuiltinError> {
    let text = string(&operands[0], 1)?;
    context.work(text.len())?;
    context.allocate(text.len())?;
    Ok(text)
}

fn encoded(context: &mut Context, operands: &[Value], encode: fn(&[u8]) -> String) -> Outcome {
    let text = input(context, operands)?;
    context.allocate(text.len().saturating_mul(3))?;
    Ok(Some(Value::from(encode(text.as_bytes()))))
}

fn decoded(bytes: Result<Vec<u8>, String>) -> Outcome {
    let bytes = bytes.map_err(BuiltinError::evaluation)?;
    Ok(Some(Value::from(binary::text(bytes)?)))
}

fn base64_decode(context: &mut Context, operands: &[Value]) -> Outcome {
    let text = input(context, operands)?;
    decoded(base64::decode(text, base64::STANDARD))
}

fn base64_is_valid(context: &mut Context, operands: &[Value]) -> Outcome {
    let valid = match operands[0].as_str() {
        Some(_) => base64::decode(input(context, operands)?, base64::STANDARD).is_ok(),
        None => false,
    };
    Ok(Some(Value::Bool(valid)))
}

fn base64url_decode(context: &mut Context, operands: &[Value]) -> Outcome {
    let text = input(context, operands)?;
    decoded(base64::decode_url(text))
}

fn hex_decode(context: &mut Context, operands: &[Value]) -> Outcome {
    let text = input(context, operands)?;
    decoded(hexadecimal::decode(text))
}

fn query_decode(context: &mut Context, operands: &[Value]) -> Outcome {
    let text = input(context, operands)?;
    decoded(query::unescape(text))
}

#[cfg(test)]
mod tests {
    use crate::engine::builtins::testing::check;

    #[test]
    fn base64_is_read_as_go_reads_it() {
        check(&[
            ("base64.encode", &["\"a?>\""], "\"YT8+\""),
            ("base64url.encode", &["\"a?>b\""], "\"YT8-Yg==\""),
            ("base64url.encode_no_pad", &["\"b\""], "\"Yg\""),
            ("base64.decode", &["\"YQ==\""], "\"a\""),
            ("base64.decode", &["\"YR==\""], "\"a\""),
            ("base64.decode", &["\"Y\\nQ==\""], "\"a\""),
            ("base64.decode", &["\"YQ\""], "base64.decode: illegal base64 data at input byte 0"),
            ("base64.decode", &["\"YQ=\""], "base64.decode: illegal base64 data at input byte 3"),
            (
                "base64.decode",
                &["\"YQ==YQ==\""],
                "base64.decode: illegal base64 data at input byte 4",
            ),
            ("base64.decode", &["\"*\""], "base64.decode: illegal base64 data at input byte 0"),
            (
                "base64.decode",
                &["\"gIE=\""],
                "base64.decode: result is no UTF-8 text, which is not supported",
            ),
            ("base64url.decode", &["\"YQ\""], "\"a\""),
            ("base64url.decode", &["\"Y\""], "base64url.decode: illegal base64url string: Y"),
            ("base64.is_valid", &["\"Y Q==\""], "false"),
            ("base64.is_valid", &["1"], "false"),
        ]);
    }

    #[test]
    fn hexadecimal_digits_come_in_pairs() {
        check(&[
            ("hex.encode", &["\"jk\""], "\"6a6b\""),
            ("hex.decode", &["\"6A6b\""], "\"jk\""),
            ("hex.decode", &["\"abc\""], "hex.decode: encoding/hex: odd length hex string"),
            ("hex.decode", &["\"zz\""], "hex.decode: encoding/hex: invalid byte: U+007A 'z'"),
            ("hex.decode", &["\"a\\u0007\""], "hex.decode: encoding/hex: invalid byte: U+0007"),
        ]);
    }

    #[test]
    fn queries_are_escaped_and_read() {
        check(&[
            ("urlquery.encode", &["\"a b&é*~-_.\""], "\"a+b%26%C3%A9%2A~-_.\""),
            ("urlquery.decode", &["\"a+b%26%41\""], "\"a b&A\""),
            ("urlquery.decode", &["\"%zz\""], "urlquery.decode: invalid URL escape \"%zz\""),
            (
                "urlquery.encode_object",
                &["{\"b\": [\"x\", \"y\"], \"a\": \"1 2\", \"c\": []}"],
                "\"a=1+2&b=x&b=y\"",
            ),
            (
                "urlquery.encode_object",
                &["{\"a\": 1}"],
                "urlquery.encode_object: operand 1 values must be string, array[string], or set[string]",
            ),
            (
                "urlquery.decode_object",
                &["\"a=1&b=2&a=3&c&=d\""],
                "{\"\": [\"d\"], \"a\": [\"1\", \"3\"], \"b\": [\"2\"], \"c\": [\"\"]}",
            ),
            (
                "urlquery.decode_object",
                &["\"a=1;b=2\""],
                "urlquery.decode_object: invalid semicolon separator in query",
            ),
        ]);
    }
}
