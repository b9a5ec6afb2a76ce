//! Turns any `Serialize` value into a [`Value`] without a detour through JSON text.

use std::fmt;

use serde::ser::{
    Impossible, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use super::Value;
use crate::engine::number::Number;

mod key;
use key::Key;

/// The name under which `serde_json` hands over a text that is JSON already.
const RAW: &str = "$serde_json::private::RawValue";

/// A value that the engine has no form for: a map key that is no string, a number that is not finite.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the value has no form in Rego: {0}")]
pub struct ValueError(String);

impl serde::ser::Error for ValueError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

/// The engine's form of a value.
pub fn from<T: Serialize + ?Sized>(value: &T) -> Result<Value, ValueError> {
    value.serialize(Builder)
}

struct Builder;

impl Serializer for Builder {
    type Ok = Value;
    type Error = ValueError;
    type SerializeSeq = List;
    type SerializeTuple = List;
    type SerializeTupleStruct = List;
    type SerializeTupleVariant = Tagged<List>;
    type SerializeMap = Fields;
    type SerializeStruct = Fields;
    type SerializeStructVariant = Tagged<Fields>;

    fn serialize_bool(self, v: bool) -> Result<Value, ValueError> {
        Ok(Value::Bool(v))
    }
    fn serialize_i8(self, v: i8) -> Result<Value, ValueError> {
        Ok(Value::from(i64::from(v)))
    }
    fn serialize_i16(self, v: i16) -> Result<Value, ValueError> {
        Ok(Value::from(i64::from(v)))
    }
    fn serialize_i32(self, v: i32) -> Result<Value, ValueError> {
        Ok(Value::from(i64::from(v)))
    }
    fn serialize_i64(self, v: i64) -> Result<Value, ValueError> {
        Ok(Value::from(v))
    }
    fn serialize_i128(self, v: i128) -> Result<Value, ValueError> {
        Ok(Value::Number(num_bigint::BigInt::from(v).into()))
    }
    fn serialize_u8(self, v: u8) -> Result<Value, ValueError> {
        Ok(Value::from(u64::from(v)))
    }
    fn serialize_u16(self, v: u16) -> Result<Value, ValueError> {
        Ok(Value::from(u64::from(v)))
    }
    fn serialize_u32(self, v: u32) -> Result<Value, ValueError> {
        Ok(Value::from(u64::from(v)))
    }
    fn serialize_u64(self, v: u64) -> Result<Value, ValueError> {
        Ok(Value::from(v))
    }
    fn serialize_u128(self, v: u128) -> Result<Value, ValueError> {
        Ok(Value::Number(num_bigint::BigInt::from(v).into()))
    }
    fn serialize_f32(self, v: f32) -> Result<Value, ValueError> {
        self.serialize_f64(f64::from(v))
    }
    fn serialize_f64(self, v: f64) -> Result<Value, ValueError> {
        let number = Number::from_f64(v).map(Value::Number);
        number.ok_or_else(|| ValueError("a number that is not finite".to_owned()))
    }
    fn serialize_char(self, v: char) -> Result<Value, ValueError> {
        Ok(Value::from(v.to_string()))
    }
    fn serialize_str(self, v: &str) -> Result<Value, ValueError> {
        Ok(Value::from(v))
    }
    fn serialize_bytes(self, v: &[u8]) -> Result<Value, ValueError> {
        Ok(Value::array(v.iter().map(|byte| Value::from(u64::from(*byte))).collect()))
    }
    fn serialize_none(self) -> Result<Value, ValueError> {
        Ok(Value::Null)
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, ValueError> {
        value.serialize(self)
    }
    fn serialize_unit(self) -> Result<Value, ValueError> {
        Ok(Value::Null)
    }
    fn serialize_unit_struct(self, _: &'static str) -> Result<Value, ValueError> {
        Ok(Value::Null)
    }
    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<Value, ValueError> {
        Ok(Value::from(variant))
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Value, ValueError> {
        value.serialize(self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Value, ValueError> {
        Ok(tagged(variant, value.serialize(self)?))
    }
    fn serialize_seq(self, length: Option<usize>) -> Result<List, ValueError> {
        // The length is a hint of the value's own: never reserve on trust.
        Ok(List(Vec::with_capacity(length.unwrap_or(0).min(4096))))
    }
    fn serialize_tuple(self, length: usize) -> Result<List, ValueError> {
        self.serialize_seq(Some(length))
    }
    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<List, ValueError> {
        self.serialize_seq(Some(length))
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Tagged<List>, ValueError> {
        Ok(Tagged(variant, self.serialize_seq(Some(length))?))
    }
    fn serialize_map(self, length: Option<usize>) -> Result<Fields, ValueError> {
        let entries = Vec::with_capacity(length.unwrap_or(0).min(4096));
        Ok(Fields { entries, key: None, raw: false })
    }
    fn serialize_struct(self, name: &'static str, length: usize) -> Result<Fields, ValueError> {
        Ok(Fields { raw: name == RAW, ..self.serialize_map(Some(length))? })
    }
    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Tagged<Fields>, ValueError> {
        Ok(Tagged(variant, self.serialize_map(Some(length))?))
    }
    fn collect_str<T: fmt::Display + ?Sized>(self, value: &T) -> Result<Value, ValueError> {
        Ok(Value::from(value.to_string()))
    }
}

fn tagged(variant: &'static str, value: Value) -> Value {
    Value::object(vec![(Value::from(variant), value)])
}

/// An array in the making.
struct List(Vec<Value>);

/// An object in the making.
struct Fields {
    entries: Vec<(Value, Value)>,
    key: Option<Value>,
    /// Whether the only field's value is JSON text.
    raw: bool,
}

/// An enum variant in the making, written as `{variant: value}`.
struct Tagged<T>(&'static str, T);

impl SerializeSeq for List {
    type Ok = Value;
    type Error = ValueError;
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ValueError> {
        self.0.push(value.serialize(Builder)?);
        Ok(())
    }
    fn end(self) -> Result<Value, ValueError> {
        Ok(Value::array(self.0))
    }
}

impl SerializeTuple for List {
    type Ok = Value;
    type Error = ValueError;
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ValueError> {
        SerializeSeq::serialize_element(self, value)
    }
    fn end(self) -> Result<Value, ValueError> {
        SerializeSeq::end(self)
    }
}

impl SerializeTupleStruct for List {
    type Ok = Value;
    type Error = ValueError;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ValueError> {
        SerializeSeq::serialize_element(self, value)
    }
    fn end(self) -> Result<Value, ValueError> {
        SerializeSeq::end(self)
    }
}

impl SerializeTupleVariant for Tagged<List> {
    type Ok = Value;
    type Error = ValueError;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ValueError> {
        SerializeSeq::serialize_element(&mut self.1, value)
    }
    fn end(self) -> Result<Value, ValueError> {
        Ok(tagged(self.0, SerializeSeq::end(self.1)?))
    }
}

impl SerializeMap for Fields {
    type Ok = Value;
    type Error = ValueError;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), ValueError> {
        self.key = Some(key.serialize(Key)?);
        Ok(())
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), ValueError> {
        let key = self.key.take().ok_or_else(|| ValueError("a value without a key".to_owned()))?;
        self.entries.push((key, value.serialize(Builder)?));
        Ok(())
    }
    fn end(self) -> Result<Value, ValueError> {
        Ok(Value::object(self.entries))
    }
}

impl SerializeStruct for Fields {
    type Ok = Value;
    type Error = ValueError;
    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), ValueError> {
        self.entries.push((Value::from(key), value.serialize(Builder)?));
        Ok(())
    }
    fn end(self) -> Result<Value, ValueError> {
        match self.entries.as_slice() {
            [(_, Value::String(text))] if self.raw => {
                Value::from_json(text).map_err(|error| ValueError(error.to_string()))
            }
            _ => Ok(Value::object(self.entries)),
        }
    }
}

impl SerializeStructVariant for Tagged<Fields> {
    type Ok = Value;
    type Error = ValueError;
    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), ValueError> {
        SerializeStruct::serialize_field(&mut self.1, key, value)
    }
    fn end(self) -> Result<Value, ValueError> {
        Ok(tagged(self.0, SerializeStruct::end(self.1)?))
    }
}
