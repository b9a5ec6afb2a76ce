//! The three parts of a token, and its header.

use crate::engine::builtins::encoding::base64;
use crate::engine::builtins::json::read;
use crate::engine::builtins::{BuiltinError, Context, binary};
use crate::engine::value::Value;

pub(super) struct Token<'a> {
    /// Header and payload with the point between: what is signed.
    message: &'a str,
    header: &'a str,
    payload: &'a str,
    signature: &'a str,
}

fn failed(message: impl std::fmt::Display) -> BuiltinError {
    BuiltinError::evaluation(message.to_string())
}

impl<'a> Token<'a> {
    pub(super) fn parse(context: &mut Context, text: &'a str) -> Result<Self, BuiltinError> {
        context.work(text.len().saturating_mul(8))?;
        context.allocate(text.len().saturating_mul(4))?;
        let parts: Vec<&str> = text.split('.').take(5).collect();
        match parts.as_slice() {
            [_] => Err(failed("encoded JWT had no period separators")),
            [header, payload, signature] => {
                let message = &text[..header.len() + 1 + payload.len()];
                Ok(Self { message, header, payload, signature })
            }
            _ => {
                let found = text.split('.').count();
                Err(failed(format_args!("encoded JWT must have 3 sections, found {found}")))
            }
        }
    }

    pub(super) fn message(&self) -> &'a [u8] {
        self.message.as_bytes()
    }

    pub(super) fn signature(&self) -> Result<Vec<u8>, BuiltinError> {
        base64::decode_url(self.signature).map_err(failed)
    }

    pub(super) fn header(&self, context: &mut Context) -> Result<Value, BuiltinError> {
        let text = base64::decode_url(self.header)
            .map_err(|error| failed(format_args!("JWT header had invalid encoding: {error}")))?;
        let header = object(context, &binary::text(text)?)
            .map_err(|error| failed(format_args!("bad JWT header: {error}")))?;
        if header.field("enc").is_some() {
            return Err(failed("JWT is a JWE object, which is not supported"));
        }
        Ok(header)
    }

    pub(super) fn payload(&self) -> Result<String, BuiltinError> {
        let text = base64::decode_url(self.payload)
            .map_err(|error| failed(format_args!("JWT payload had invalid encoding: {error}")))?;
        binary::text(text)
    }
}

/// The object that a JSON text says.
pub(super) fn object(context: &mut Context, text: &str) -> Result<Value, BuiltinError> {
    let value = read::read(context, text).map_err(|error| match error.kind {
        crate::engine::builtins::ErrorKind::Limit => error,
        _ => failed(format_args!("invalid JSON: {error}")),
    })?;
    match value {
        Value::Object(_) => Ok(value),
        _ => Err(failed("decoded JSON type was not an Object")),
    }
}

/// What of a header decides how the token is verified.
pub(super) struct Header {
    pub(super) algorithm: String,
    pub(super) key_id: Option<String>,
    pub(super) content_type: Option<String>,
    /// Whether nothing is declared critical that is not known here.
    pub(super) understood: bool,
}

impl Header {
    pub(super) fn read(header: &Value) -> Result<Self, BuiltinError> {
        let text = |name: &str| match header.field(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.to_string())),
            Some(_) => Err(failed(format_args!("{name}: must be a string"))),
        };
        let (algorithm, content_type, key_id) = (text("alg")?, text("cty")?, text("kid")?);
        let understood = match header.field("crit") {
            None => true,
            Some(Value::Array(names)) => {
                let names: Vec<&str> = names.iter().map_while(Value::as_str).collect();
                if names.is_empty() {
                    return Err(failed("crit: must be a nonempty list"));
                }
                let known = ["alg", "kid", "typ", "cty", "crit"];
                names.iter().all(|name| known.contains(name) || header.field(name).is_none())
            }
            Some(_) => return Err(failed("crit: must be a list")),
        };
        text("typ")?;
        let algorithm = algorithm.unwrap_or_default();
        Ok(Self { algorithm, key_id, content_type, understood })
    }
}
