//! RFC 8785 canonical JSON: the one form in which decisions, facts and leaves are hashed and signed.

use serde::Serialize;
use serde_json::Value;

use crate::Digest;

/// A value that has no canonical JSON form (a number that no double holds, a key that is no string).
#[derive(Debug, thiserror::Error)]
#[error("the value has no RFC 8785 form")]
pub struct CanonicalError(#[source] serde_json::Error);

/// Integers up to this one are doubles too, and are written alike by everybody (RFC 8785, 3.2.2.3).
const GREATEST_PLAIN: i64 = (1 << 53) - 1;

/// The canonical bytes of a value.
pub fn to_vec<T: Serialize>(value: &T) -> Result<Vec<u8>, CanonicalError> {
    let value = serde_json::to_value(value).map_err(CanonicalError)?;
    of_value(&value)
}

/// The canonical bytes of a JSON value.
pub fn of_value(value: &Value) -> Result<Vec<u8>, CanonicalError> {
    // 1.7 us instead of 12.4 us for a Pod of 2.4 KB, and the way of every admission.
    if is_plain(value) {
        return serde_json::to_vec(value).map_err(CanonicalError);
    }
    serde_json_canonicalizer::to_vec(value).map_err(CanonicalError)
}

/// Whether `serde_json` writes a value in canonical form by itself: its maps are sorted by the bytes
/// of their keys, which for ASCII is the order of RFC 8785, and its strings are escaped as there.
/// What remains are numbers, of which the usual integers are written alike.
pub fn is_plain(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => true,
        Value::Number(number) => number
            .as_i64()
            .is_some_and(|integer| (-GREATEST_PLAIN..=GREATEST_PLAIN).contains(&integer)),
        Value::Array(items) => items.iter().all(is_plain),
        Value::Object(members) => {
            members.iter().all(|(key, member)| key.is_ascii() && is_plain(member))
        }
    }
}

/// The canonical bytes of a value and their digest.
pub fn with_digest<T: Serialize>(value: &T) -> Result<(Vec<u8>, Digest), CanonicalError> {
    let bytes = to_vec(value)?;
    let digest = Digest::of(&bytes);
    Ok((bytes, digest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            (-(1i64 << 54)..(1i64 << 54)).prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            "[\\x00-\\x7f]{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 64, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner.clone(), 0..6)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
                prop::collection::btree_map("[ -~\\x00-\\x1f]{0,6}", inner, 0..6)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_short_way_writes_what_the_general_way_writes(value in any_json()) {
            let general = serde_json_canonicalizer::to_vec(&value).unwrap();
            prop_assert_eq!(of_value(&value).unwrap(), general);
        }
    }

    #[test]
    fn what_readers_write_differently_goes_the_general_way() {
        for value in [json!(1.0), json!(1u64 << 60), json!(-0.0), json!({"\u{e000}": 1})] {
            assert!(!is_plain(&value), "{value}");
        }
        assert_eq!(
            of_value(&json!({"b": 1.0, "a": "\u{7f}\u{1f}"})).unwrap(),
            b"{\"a\":\"\x7f\\u001f\",\"b\":1}"
        );
    }
}
