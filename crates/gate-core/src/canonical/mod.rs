//! RFC 8785 canonical JSON: the one form in which decisions, facts and leaves are hashed and signed.

mod compound;
mod writer;

use serde::Serialize;
use serde_json::Value;

use crate::Digest;
use writer::Writer;

/// A value that has no canonical JSON form (a number that no double holds, a key that is no string).
#[derive(Debug, thiserror::Error)]
#[error("the value has no RFC 8785 form")]
pub struct CanonicalError(#[source] serde_json::Error);

/// Integers up to this one are doubles too, and are written alike by everybody (RFC 8785, 3.2.2.3).
const GREATEST_PLAIN: i64 = (1 << 53) - 1;

/// The canonical bytes of a value.
pub fn to_vec<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, CanonicalError> {
    let mut writer = Writer::default();
    value.serialize(&mut writer).map_err(CanonicalError)?;
    Ok(writer.into_bytes())
}

/// Whether a value is the same after it was written in canonical form and read again: of numbers,
/// the usual integers are.
pub fn is_plain(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => true,
        Value::Number(number) => number
            .as_i64()
            .is_some_and(|integer| (-GREATEST_PLAIN..=GREATEST_PLAIN).contains(&integer)),
        Value::Array(items) => items.iter().all(is_plain),
        Value::Object(members) => members.values().all(is_plain),
    }
}

/// A value as its canonical bytes say it.
pub fn read(canonical: &[u8]) -> Result<Value, CanonicalError> {
    serde_json::from_slice(canonical).map_err(CanonicalError)
}

/// The canonical bytes of a value and their digest.
pub fn with_digest<T: Serialize + ?Sized>(value: &T) -> Result<(Vec<u8>, Digest), CanonicalError> {
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
        fn values_are_written_as_the_library_writes_them(value in any_json()) {
            let general = serde_json_canonicalizer::to_vec(&value).unwrap();
            prop_assert_eq!(to_vec(&value).unwrap(), general);
        }
    }

    #[derive(Serialize)]
    #[serde(rename_all = "kebab-case")]
    enum Variant {
        Unit,
        New(u8),
        Tuple(i8, f32),
        Struct { b: char, a: Option<()> },
    }

    #[derive(Serialize)]
    struct Flat<T> {
        z: u64,
        #[serde(flatten)]
        rest: T,
    }

    #[test]
    fn types_are_written_as_their_json_values_are() {
        let variants = [
            Variant::Unit,
            Variant::New(1),
            Variant::Tuple(-1, 0.5),
            Variant::Struct { b: '"', a: None },
        ];
        let keys = json!({"\u{e000}": 1, "\u{10000}": 2, "a\"": 3, "a": 4, "a\u{1}": 5});
        let value =
            Flat { z: u64::MAX, rest: Flat2 { y: variants, keys: &keys, bytes: (b"\0", ()) } };
        let general = serde_json::to_value(&value).unwrap();
        let general = serde_json_canonicalizer::to_vec(&general).unwrap();
        assert_eq!(String::from_utf8(to_vec(&value).unwrap()), String::from_utf8(general));
    }

    #[derive(Serialize)]
    struct Flat2<'a> {
        y: [Variant; 4],
        keys: &'a Value,
        bytes: (&'a [u8], ()),
    }

    #[test]
    fn what_has_no_canonical_form_is_refused() {
        #[derive(Serialize)]
        struct Twice {
            z: u8,
        }
        assert!(to_vec(&Flat { z: 1, rest: Twice { z: 2 } }).is_err());
        assert!(to_vec(&f64::NAN).is_err());
        assert!(to_vec(&std::collections::BTreeMap::from([(1, 1)])).is_err());
        assert!(
            to_vec(&serde_json::value::RawValue::from_string("1.0".to_owned()).unwrap()).is_err()
        );
    }

    #[test]
    fn numbers_that_change_are_told() {
        for value in [json!(1.0), json!(1u64 << 60), json!(-0.0)] {
            assert!(!is_plain(&value), "{value}");
        }
        assert_eq!(
            to_vec(&json!({"b": 1.0, "a": "\u{7f}\u{1f}"})).unwrap(),
            b"{\"a\":\"\x7f\\u001f\",\"b\":1}"
        );
    }
}
