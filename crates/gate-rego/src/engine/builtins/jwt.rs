//! `io.jwt.*`: tokens of RFC 7519, read, verified and signed.

use super::operands::string;
use super::{BuiltinError, Context, Declared, Outcome, Type};
use crate::engine::value::Value;

mod constraints;
mod der;
mod keys;
mod sign;
mod signature;
mod token;
mod verify;

use signature::Algorithm;
use token::Token;

const TWO: &[Type] = &[Type::String, Type::String];
const OBJECT: Type = Type::Object(&[], Some(&(Type::String, Type::Any)));
const DECODED: Type = Type::Array(&[Type::OBJECT, Type::OBJECT, Type::String], None);
const VERIFIED: Type = Type::Array(&[Type::Boolean, Type::OBJECT, Type::OBJECT], None);

pub(super) const TABLE: &[Declared] = &[
    Declared::new("io.jwt.decode", &[Type::String], DECODED, decode),
    Declared::new("io.jwt.decode_verify", &[Type::String, OBJECT], VERIFIED, verify::decode_verify),
    Declared::new("io.jwt.encode_sign", &[OBJECT, OBJECT, OBJECT], Type::String, sign::encode),
    Declared::new(
        "io.jwt.encode_sign_raw",
        &[Type::String, Type::String, Type::String],
        Type::String,
        sign::encode_raw,
    ),
    Declared::new("io.jwt.verify_eddsa", TWO, Type::Boolean, |c, o| key(c, o, Algorithm::EdDsa)),
    Declared::new("io.jwt.verify_es256", TWO, Type::Boolean, |c, o| key(c, o, Algorithm::Es256)),
    Declared::new("io.jwt.verify_es384", TWO, Type::Boolean, |c, o| key(c, o, Algorithm::Es384)),
    Declared::new("io.jwt.verify_es512", TWO, Type::Boolean, |c, o| key(c, o, Algorithm::Es512)),
    Declared::new("io.jwt.verify_hs256", TWO, Type::Boolean, |c, o| secret(c, o, Algorithm::Hs256)),
    Declared::new("io.jwt.verify_hs384", TWO, Type::Boolean, |c, o| secret(c, o, Algorithm::Hs384)),
    Declared::new("io.jwt.verify_hs512", TWO, Type::Boolean, |c, o| secret(c, o, Algorithm::Hs512)),
    Declared::new("io.jwt.verify_ps256", TWO, Type::Boolean, |c, o| key(c, o, Algorithm::Ps256)),
    Declared::new("io.jwt.verify_ps384", TWO, Type::Boolean, |c, o| key(c, o, Algorithm::Ps384)),
    Declared::new("io.jwt.verify_ps512", TWO, Type::Boolean, |c, o| key(c, o, Algorithm::Ps512)),
    Declared::new("io.jwt.verify_rs256", TWO, Type::Boolean, |c, o| key(c, o, Algorithm::Rs256)),
    Declared::new("io.jwt.verify_rs384", TWO, Type::Boolean, |c, o| key(c, o, Algorithm::Rs384)),
    Declared::new("io.jwt.verify_rs512", TWO, Type::Boolean, |c, o| key(c, o, Algorithm::Rs512)),
];

/// The deepest nesting of tokens in tokens.
const NESTED: u32 = 16;

fn decode(context: &mut Context, operands: &[Value]) -> Outcome {
    let mut text = string(&operands[0], 1)?.to_owned();
    for _ in 0..NESTED {
        let token = Token::parse(context, &text)?;
        let header = token.header(context)?;
        let payload = token.payload()?;
        if header.field("cty").and_then(Value::as_str) == Some("JWT") {
            // A token within a token stands in quotes.
            payload.trim_matches(['"', '\'']).clone_into(&mut text);
            continue;
        }
        let payload = token::object(context, &payload)?;
        let signature = token.signature().map_err(|error| {
            BuiltinError::evaluation(format!("JWT signature had invalid encoding: {error}"))
        })?;
        let parts = vec![header, payload, Value::from(hex::encode(signature))];
        return Ok(Some(Value::array(parts)));
    }
    Err(BuiltinError::limit("tokens are nested too deeply"))
}

/// Verifies a signature by the keys of a certificate or key set.
fn key(context: &mut Context, operands: &[Value], algorithm: Algorithm) -> Outcome {
    let token = Token::parse(context, string(&operands[0], 1)?)?;
    let keys = keys::read(context, string(&operands[1], 2)?)?;
    let signature = token.signature()?;
    let header = token::Header::read(&token.header(context)?)?;
    let message = token.message();
    let fits = |key: &keys::Key| algorithm.verify_any_curve(&key.material, message, &signature);
    if let Some(key) = keys::by_id(&keys, header.key_id.as_deref()) {
        return Ok(Some(Value::Bool(fits(key))));
    }
    let named = |key: &&keys::Key| {
        key.algorithm.is_none() || key.algorithm.as_deref() == Some(&*header.algorithm)
    };
    Ok(Some(Value::Bool(keys.iter().filter(named).any(fits))))
}

/// Verifies a code by a shared secret.
fn secret(context: &mut Context, operands: &[Value], algorithm: Algorithm) -> Outcome {
    let text = string(&operands[0], 1)?;
    let secret = string(&operands[1], 2)?;
    let token = Token::parse(context, text)?;
    let signature = token.signature()?;
    let key = keys::Material::Secret(secret.as_bytes().to_vec());
    Ok(Some(Value::Bool(algorithm.verify(&key, token.message(), &signature))))
}

#[cfg(test)]
mod tests;
