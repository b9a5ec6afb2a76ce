//! What `io.jwt.decode_verify` asks of a token.

use super::keys::{self, Key, Material};
use super::signature::Algorithm;
use super::token::Header;
use crate::engine::builtins::{BuiltinError, Context};
use crate::engine::number::Number;
use crate::engine::value::{Object, Value};

pub(super) struct Constraints {
    keys: Option<Vec<Key>>,
    secret: Option<Material>,
    pub(super) algorithm: String,
    issuer: String,
    audience: String,
    /// Seconds since 1970.
    time: Number,
}

fn failed(message: impl std::fmt::Display) -> BuiltinError {
    BuiltinError::evaluation(message.to_string())
}

impl Constraints {
    pub(super) fn read(context: &mut Context, object: &Object) -> Result<Self, BuiltinError> {
        let mut constraints = Self {
            keys: None,
            secret: None,
            algorithm: String::new(),
            issuer: String::new(),
            audience: String::new(),
            time: Number::from(0i64),
        };
        let mut time = None;
        for (name, value) in object {
            let name = name.as_str().unwrap_or_default();
            let text = || {
                let text = value.as_str().map(str::to_owned);
                text.ok_or_else(|| failed(format_args!("{name} constraint: must be a string")))
            };
            match name {
                "cert" => constraints.keys = Some(keys::read(context, &text()?)?),
                "secret" => {
                    let secret = text()?.into_bytes();
                    constraints.secret =
                        Some(secret).filter(|secret| !secret.is_empty()).map(Material::Secret);
                }
                "alg" => constraints.algorithm = text()?,
                "iss" => constraints.issuer = text()?,
                "aud" => constraints.audience = text()?,
                "time" => time = Some(instant(value)?),
                unknown => {
                    let what = format!("unknown token validation constraint: {unknown}");
                    return Err(failed(what));
                }
            }
        }
        let time = match time {
            Some(time) => time,
            None => instant(&Value::from(context.now_ns))?,
        };
        constraints.time = Number::from_f64(time / 1e9).unwrap_or_else(|| Number::from(0i64));
        match (&constraints.keys, &constraints.secret) {
            (Some(_), Some(_)) => Err(failed("duplicate key constraints")),
            (None, None) => Err(failed("no key constraint")),
            _ => Ok(constraints),
        }
    }

    /// Whether a signature is by one of the keys.
    pub(super) fn signed(&self, header: &Header, message: &[u8], signature: &[u8]) -> bool {
        let Some(algorithm) = Algorithm::named(&header.algorithm) else { return false };
        let Some(keys) = &self.keys else {
            let verified = |secret: &Material| algorithm.verify(secret, message, signature);
            return self.secret.as_ref().is_some_and(verified);
        };
        if let Some(key) = keys::by_id(keys, header.key_id.as_deref()) {
            return algorithm.verify(&key.material, message, signature);
        }
        keys.iter().any(|key| {
            key.algorithm.as_deref().is_none_or(|name| name == header.algorithm)
                && algorithm.verify(&key.material, message, signature)
        })
    }

    /// Whether a token's claims hold: issuer, audience, and that it is valid now.
    pub(super) fn hold(&self, payload: &Value) -> Result<bool, BuiltinError> {
        let issuer = payload.field("iss").and_then(Value::as_str);
        if !self.issuer.is_empty() && issuer != Some(&self.issuer) {
            return Ok(false);
        }
        let audience = match payload.field("aud") {
            None => self.audience.is_empty(),
            Some(Value::String(audience)) => **audience == self.audience,
            Some(Value::Array(several)) => {
                several.iter().any(|audience| audience.as_str() == Some(&self.audience))
            }
            Some(_) => false,
        };
        if !audience {
            return Ok(false);
        }
        let number = |name: &str| match payload.field(name) {
            None => Ok(None),
            Some(Value::Number(number)) => Ok(Some(number)),
            Some(_) => Err(failed(format_args!("{name} value must be a number"))),
        };
        if number("exp")?.is_some_and(|expires| self.time >= *expires) {
            return Ok(false);
        }
        Ok(number("nbf")?.is_none_or(|from| self.time >= *from))
    }
}

fn instant(value: &Value) -> Result<f64, BuiltinError> {
    let Some(number) = value.as_number() else {
        return Err(failed("token time constraint: must be a number"));
    };
    let time = number.as_f64();
    if !time.is_finite() {
        return Err(failed("token time constraint: unvalid float64"));
    }
    if time < 0.0 {
        return Err(failed("token time constraint: must not be negative"));
    }
    Ok(time)
}
