//! Writes any `Serialize` in RFC 8785 form straight into bytes, without a tree in between.
//!
//! Members are written in the order in which they come, each as `,"key":value`, and moved into the
//! order of their keys when their object ends; the first comma then becomes the brace.

use serde::ser::{Error as _, Serialize, Serializer};
use serde_json::Error;

use super::GREATEST_PLAIN;
use super::compound::{Items, Members};

/// The bytes written so far.
#[derive(Default)]
pub(super) struct Writer {
    pub(super) out: Vec<u8>,
    /// Room in which members are put in order.
    pub(super) moved: Vec<u8>,
}

impl Writer {
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.out
    }

    pub(super) fn text(&mut self, text: &str) -> Result<(), Error> {
        // Escapes what RFC 8785, 3.2.2.2, escapes, in the same way.
        serde_json::to_writer(&mut self.out, text)
    }

    fn plain(&mut self, integer: i64) -> Result<(), Error> {
        serde_json::to_writer(&mut self.out, &integer)
    }

    /// A number that is written as the nearest double (RFC 8785, 3.2.2.3).
    fn number(&mut self, number: &impl Serialize) -> Result<(), Error> {
        serde_json_canonicalizer::to_writer(number, &mut self.out)
    }

    fn members(&mut self) -> Members<'_> {
        let begin = self.out.len();
        Members { writer: self, begin, found: Vec::new(), closing: "" }
    }

    fn items(&mut self) -> Items<'_> {
        let begin = self.out.len();
        Items { writer: self, begin, closing: "" }
    }

    /// `{"variant":`, closed by whoever writes what follows.
    fn variant(&mut self, variant: &str) -> Result<(), Error> {
        self.out.push(b'{');
        self.text(variant)?;
        self.out.push(b':');
        Ok(())
    }
}

impl<'a> Serializer for &'a mut Writer {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Items<'a>;
    type SerializeTuple = Items<'a>;
    type SerializeTupleStruct = Items<'a>;
    type SerializeTupleVariant = Items<'a>;
    type SerializeMap = Members<'a>;
    type SerializeStruct = Members<'a>;
    type SerializeStructVariant = Members<'a>;

    fn serialize_bool(self, value: bool) -> Result<(), Error> {
        self.out.extend_from_slice(if value { b"true" } else { b"false" });
        Ok(())
    }

    fn serialize_i8(self, value: i8) -> Result<(), Error> {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<(), Error> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<(), Error> {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<(), Error> {
        if (-GREATEST_PLAIN..=GREATEST_PLAIN).contains(&value) {
            return self.plain(value);
        }
        self.number(&value)
    }

    fn serialize_u8(self, value: u8) -> Result<(), Error> {
        self.serialize_i64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<(), Error> {
        self.serialize_i64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<(), Error> {
        self.serialize_i64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<(), Error> {
        match i64::try_from(value) {
            Ok(value) => self.serialize_i64(value),
            Err(_) => self.number(&value),
        }
    }

    fn serialize_f32(self, value: f32) -> Result<(), Error> {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result<(), Error> {
        if !value.is_finite() {
            return Err(Error::custom("a number that no JSON has"));
        }
        self.number(&value)
    }

    fn serialize_char(self, value: char) -> Result<(), Error> {
        self.text(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), Error> {
        self.text(value)
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Error> {
        let mut items = self.items();
        value.iter().try_for_each(|byte| items.item(byte))?;
        items.close();
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        self.out.extend_from_slice(b"null");
        Ok(())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<(), Error> {
        self.text(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.variant(variant)?;
        value.serialize(&mut *self)?;
        self.out.push(b'}');
        Ok(())
    }

    fn serialize_seq(self, _len: Option<usize>) -> Result<Items<'a>, Error> {
        Ok(self.items())
    }

    fn serialize_tuple(self, _len: usize) -> Result<Items<'a>, Error> {
        Ok(self.items())
    }

    fn serialize_tuple_struct(self, _name: &'static str, _len: usize) -> Result<Items<'a>, Error> {
        Ok(self.items())
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Items<'a>, Error> {
        self.variant(variant)?;
        Ok(Items { closing: "}", ..self.items() })
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Members<'a>, Error> {
        Ok(self.members())
    }

    fn serialize_struct(self, name: &'static str, _len: usize) -> Result<Members<'a>, Error> {
        // `serde_json` hides raw JSON and its own numbers in structs of such names.
        if name.starts_with("$serde_json::private") {
            return Err(Error::custom("raw JSON is not written again"));
        }
        Ok(self.members())
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Members<'a>, Error> {
        self.variant(variant)?;
        Ok(Members { closing: "}", ..self.members() })
    }
}
