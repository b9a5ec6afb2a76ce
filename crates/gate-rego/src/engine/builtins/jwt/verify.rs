//! `io.jwt.decode_verify`: signature and claims of a token, and of those within it.

use super::NESTED;
use super::constraints::Constraints;
use super::token::{self, Header, Token};
use crate::engine::builtins::operands::{object, string};
use crate::engine::builtins::{BuiltinError, Context, Outcome};
use crate::engine::value::Value;

pub(super) fn decode_verify(context: &mut Context, operands: &[Value]) -> Outcome {
    let constraints = Constraints::read(context, object(&operands[1], 2)?)?;
    let empty = || Value::object(Vec::new());
    let unverified = || Ok(Some(Value::array(vec![Value::Bool(false), empty(), empty()])));
    let mut text = string(&operands[0], 1)?.to_owned();
    for _ in 0..NESTED {
        let token = Token::parse(context, &text)?;
        let header_value = token.header(context)?;
        let header = Header::read(&header_value)?;
        let wanted = &constraints.algorithm;
        let fits = wanted.is_empty() || *wanted == header.algorithm;
        if header.algorithm.is_empty() || !header.understood || !fits {
            return unverified();
        }
        let signature = token.signature()?;
        if !constraints.signed(&header, token.message(), &signature) {
            return unverified();
        }
        let payload = token.payload()?;
        let nested = header.content_type.as_deref();
        if nested.is_some_and(|kind| kind.eq_ignore_ascii_case("JWT")) {
            text = payload;
            continue;
        }
        let payload = token::object(context, &payload)?;
        if !constraints.hold(&payload)? {
            return unverified();
        }
        return Ok(Some(Value::array(vec![Value::Bool(true), header_value, payload])));
    }
    Err(BuiltinError::limit("tokens are nested too deeply"))
}
