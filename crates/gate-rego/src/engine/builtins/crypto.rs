//! `crypto.*`: hashes and codes that authenticate messages.

use aws_lc_rs::{constant_time, digest, hmac};
use md5::{Digest as _, Md5};

use super::operands::string;
use super::{BuiltinError, Context, Declared, Outcome, Type};
use crate::engine::value::Value;

const TEXT: &[Type] = &[Type::String];
const TWO: &[Type] = &[Type::String, Type::String];

pub(super) const TABLE: &[Declared] = &[
    Declared::new("crypto.hmac.equal", TWO, Type::Boolean, equal),
    Declared::new("crypto.hmac.md5", TWO, Type::String, hmac_md5),
    Declared::new("crypto.hmac.sha1", TWO, Type::String, |c, o| {
        authenticated(c, o, hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY)
    }),
    Declared::new("crypto.hmac.sha256", TWO, Type::String, |c, o| {
        authenticated(c, o, hmac::HMAC_SHA256)
    }),
    Declared::new("crypto.hmac.sha512", TWO, Type::String, |c, o| {
        authenticated(c, o, hmac::HMAC_SHA512)
    }),
    Declared::new("crypto.md5", TEXT, Type::String, md5),
    Declared::new("crypto.sha1", TEXT, Type::String, |c, o| {
        hashed(c, o, &digest::SHA1_FOR_LEGACY_USE_ONLY)
    }),
    Declared::new("crypto.sha256", TEXT, Type::String, |c, o| hashed(c, o, &digest::SHA256)),
];

fn input<'a>(context: &mut Context, operands: &'a [Value]) -> Result<&'a [u8], BuiltinError> {
    let text = string(&operands[0], 1)?;
    context.work(text.len())?;
    Ok(text.as_bytes())
}

#[expect(clippy::unnecessary_wraps, reason = "the form of every builtin")]
fn digits(bytes: impl AsRef<[u8]>) -> Outcome {
    Ok(Some(Value::from(hex::encode(bytes))))
}

fn hashed(
    context: &mut Context,
    operands: &[Value],
    algorithm: &'static digest::Algorithm,
) -> Outcome {
    digits(digest::digest(algorithm, input(context, operands)?))
}

fn md5(context: &mut Context, operands: &[Value]) -> Outcome {
    digits(Md5::digest(input(context, operands)?))
}

fn authenticated(context: &mut Context, operands: &[Value], algorithm: hmac::Algorithm) -> Outcome {
    let message = input(context, operands)?;
    let key = hmac::Key::new(algorithm, string(&operands[1], 2)?.as_bytes());
    digits(hmac::sign(&key, message))
}

/// RFC 2104 over MD5, which the provider of cryptography does not offer.
fn hmac_md5(context: &mut Context, operands: &[Value]) -> Outcome {
    let message = input(context, operands)?;
    let key = string(&operands[1], 2)?.as_bytes();
    let mut block = [0u8; 64];
    if key.len() > block.len() {
        block[..16].copy_from_slice(&Md5::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let inner = Md5::new().chain_update(block.map(|byte| byte ^ 0x36)).chain_update(message);
    let outer = Md5::new().chain_update(block.map(|byte| byte ^ 0x5c));
    digits(outer.chain_update(inner.finalize()).finalize())
}

fn equal(_: &mut Context, operands: &[Value]) -> Outcome {
    let (left, right) = (string(&operands[0], 1)?, string(&operands[1], 2)?);
    let equal = constant_time::verify_slices_are_equal(left.as_bytes(), right.as_bytes());
    Ok(Some(Value::Bool(equal.is_ok())))
}

#[cfg(test)]
mod tests {
    use crate::engine::builtins::testing::check;

    #[test]
    fn hashes_are_hexadecimal() {
        check(&[
            ("crypto.md5", &["\"a\""], "\"0cc175b9c0f1b6a831c399e269772661\""),
            ("crypto.sha1", &["\"a\""], "\"86f7e437faa5a7fce15d1ddcb9eaeaea377667b8\""),
            (
                "crypto.sha256",
                &["\"\""],
                "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"",
            ),
            (
                "crypto.hmac.md5",
                &["\"what do ya want for nothing?\"", "\"Jefe\""],
                "\"750c783e6ab0b503eaa86e310a5db738\"",
            ),
            (
                "crypto.hmac.sha1",
                &["\"what do ya want for nothing?\"", "\"Jefe\""],
                "\"effcdf6ae5eb2fa2d27416d5f184df9c259a7c79\"",
            ),
            ("crypto.hmac.equal", &["\"a\"", "\"a\""], "true"),
            ("crypto.hmac.equal", &["\"a\"", "\"b\""], "false"),
        ]);
    }
}
