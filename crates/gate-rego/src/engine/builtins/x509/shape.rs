//! Values in the shape that Go's `encoding/json` gives them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use num_bigint::BigInt;

use crate::engine::builtins::encoding::base64;
use crate::engine::number::Number;
use crate::engine::value::Value;

pub(super) fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::object(fields.into_iter().map(|(name, value)| (Value::from(name), value)).collect())
}

pub(super) fn bytes(bytes: &[u8]) -> Value {
    Value::from(base64::standard(bytes))
}

pub(super) fn optional_bytes(content: Option<&[u8]>) -> Value {
    content.map_or(Value::Null, bytes)
}

/// A list, which is `null` without items.
pub(super) fn list(items: Vec<Value>) -> Value {
    if items.is_empty() { Value::Null } else { Value::array(items) }
}

pub(super) fn texts(texts: &[String]) -> Value {
    list(texts.iter().map(|text| Value::from(text.as_str())).collect())
}

pub(super) fn number(number: &BigInt) -> Value {
    // The digits of a number are one.
    Number::parse(&number.to_string()).map_or(Value::Null, Value::Number)
}

pub(super) fn object_id(numbers: &[u64]) -> Value {
    Value::array(numbers.iter().map(|number| Value::from(*number)).collect())
}

pub(super) fn dotted(numbers: &[u64]) -> String {
    numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(".")
}

/// The address of four or sixteen bytes; an address of version 4 within one of version 6 is the former.
pub(super) fn address(bytes: &[u8]) -> Option<IpAddr> {
    if let Ok(short) = <[u8; 4]>::try_from(bytes) {
        return Some(IpAddr::V4(Ipv4Addr::from(short)));
    }
    let long = Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?);
    Some(long.to_ipv4_mapped().map_or(IpAddr::V6(long), IpAddr::V4))
}
