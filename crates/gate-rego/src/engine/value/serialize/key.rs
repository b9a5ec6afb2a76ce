//! Turns a map key into the engine's form: a string, or a number or boolean written as one.

use super::{Impossible, Serialize, Serializer, Value, ValueError};

/// Serialises keys, which are strings in JSON.
pub(super) struct Key;

macro_rules! written {
    ($($name:ident: $type:ty),+) => {
        $(fn $name(self, v: $type) -> Result<Value, ValueError> {
            Ok(Value::from(v.to_string()))
        })+
    };
}

fn refused<T>() -> Result<T, ValueError> {
    Err(ValueError("a map key that is no string".to_owned()))
}

impl Serializer for Key {
    type Ok = Value;
    type Error = ValueError;
    type SerializeSeq = Impossible<Value, ValueError>;
    type SerializeTuple = Impossible<Value, ValueError>;
    type SerializeTupleStruct = Impossible<Value, ValueError>;
    type SerializeTupleVariant = Impossible<Value, ValueError>;
    type SerializeMap = Impossible<Value, ValueError>;
    type SerializeStruct = Impossible<Value, ValueError>;
    type SerializeStructVariant = Impossible<Value, ValueError>;

    written!(
        serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32,
        serialize_i64: i64, serialize_i128: i128, serialize_u8: u8, serialize_u16: u16,
        serialize_u32: u32, serialize_u64: u64, serialize_u128: u128, serialize_char: char
    );

    fn serialize_str(self, v: &str) -> Result<Value, ValueError> {
        Ok(Value::from(v))
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
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, ValueError> {
        value.serialize(self)
    }
    fn serialize_f32(self, _: f32) -> Result<Value, ValueError> {
        refused()
    }
    fn serialize_f64(self, _: f64) -> Result<Value, ValueError> {
        refused()
    }
    fn serialize_bytes(self, _: &[u8]) -> Result<Value, ValueError> {
        refused()
    }
    fn serialize_none(self) -> Result<Value, ValueError> {
        refused()
    }
    fn serialize_unit(self) -> Result<Value, ValueError> {
        refused()
    }
    fn serialize_unit_struct(self, _: &'static str) -> Result<Value, ValueError> {
        refused()
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<Value, ValueError> {
        refused()
    }
    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, ValueError> {
        refused()
    }
    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, ValueError> {
        refused()
    }
    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, ValueError> {
        refused()
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, ValueError> {
        refused()
    }
    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, ValueError> {
        refused()
    }
    fn serialize_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStruct, ValueError> {
        refused()
    }
    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, ValueError> {
        refused()
    }
}
