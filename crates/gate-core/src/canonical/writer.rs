//! Writes any `Serialize` in RFC 8785 form straight into bytes, without a tree in between.
//!
//! Members are written in the order in which they come, each as `,"key":value`, and moved into the
//! order of their keys when their object ends; the first comma then becomes the brace.

use std::cmp::Ordering;

use serde::ser::{
    Error as _, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant, Serializer,
};
use serde_json::Error;

use super::GREATEST_PLAIN;

/// The bytes written so far.
#[derive(Default)]
pub(super) struct Writer {
    out: Vec<u8>,
    /// Room in which members are put in order.
    moved: Vec<u8>,
}

impl Writer {
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.out
    }

    fn text(&mut self, text: &str) -> Result<(), Error> {
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

/// A list that is being written: each item behind a comma, of which the first becomes the bracket.
pub(super) struct Items<'a> {
    writer: &'a mut Writer,
    begin: usize,
    closing: &'static str,
}

impl Items<'_> {
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.writer.out.push(b',');
        value.serialize(&mut *self.writer)
    }

    fn close(self) {
        let out = &mut self.writer.out;
        open(out, self.begin, b'[');
        out.push(b']');
        out.extend_from_slice(self.closing.as_bytes());
    }
}

/// An object that is being written.
pub(super) struct Members<'a> {
    writer: &'a mut Writer,
    begin: usize,
    found: Vec<Member>,
    closing: &'static str,
}

/// Where a member stands in what was written: its comma, the end of its key, its end.
#[derive(Clone, Copy)]
struct Member {
    begin: usize,
    key_end: usize,
    end: usize,
    /// Whether the key's bytes are its characters: all ASCII, none escaped.
    is_plain: bool,
}

impl Member {
    /// The key with its quotes.
    fn quoted(self, out: &[u8]) -> &[u8] {
        out.get(self.begin + 1..self.key_end).unwrap_or_default()
    }

    /// The key, as it is before it is escaped.
    fn key(self, out: &[u8]) -> String {
        // Just written by `serde_json`, so it reads it too.
        serde_json::from_slice(self.quoted(out)).unwrap_or_default()
    }

    /// Keys go by their UTF-16 code units (RFC 8785, 3.2.3), which for ASCII is by their bytes.
    fn order(self, other: Self, out: &[u8]) -> Ordering {
        let bare = |member: Self| member.quoted(out).strip_suffix(b"\"").unwrap_or_default();
        if self.is_plain && other.is_plain {
            // Both begin with a quote.
            return bare(self).cmp(bare(other));
        }
        self.key(out).encode_utf16().cmp(other.key(out).encode_utf16())
    }
}

impl Members<'_> {
    fn key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        let begin = self.writer.out.len();
        self.writer.out.push(b',');
        key.serialize(&mut *self.writer)?;
        let Writer { out, .. } = &mut *self.writer;
        if out.get(begin + 1) != Some(&b'"') {
            return Err(Error::custom("a key that is no string"));
        }
        let is_plain = out.get(begin..).is_some_and(|key| key.is_ascii() && !key.contains(&b'\\'));
        self.found.push(Member { begin, key_end: out.len(), end: begin, is_plain });
        out.push(b':');
        Ok(())
    }

    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        value.serialize(&mut *self.writer)?;
        if let Some(member) = self.found.last_mut() {
            member.end = self.writer.out.len();
        }
        Ok(())
    }

    fn close(mut self) -> Result<(), Error> {
        let Writer { out, moved } = &mut *self.writer;
        let by_key = |a: &Member, b: &Member| a.order(*b, out);
        if !self.found.is_sorted_by(|a, b| by_key(a, b).is_lt()) {
            self.found.sort_by(by_key);
            let twice = self.found.windows(2).find(|two| two[0].quoted(out) == two[1].quoted(out));
            if let Some(twice) = twice {
                let key = twice[0].key(out);
                return Err(Error::custom(format!("the key `{key}` stands twice")));
            }
            moved.clear();
            for member in &self.found {
                moved.extend_from_slice(out.get(member.begin..member.end).unwrap_or_default());
            }
            out.truncate(self.begin);
            out.extend_from_slice(moved);
        }
        open(out, self.begin, b'{');
        out.push(b'}');
        out.extend_from_slice(self.closing.as_bytes());
        Ok(())
    }
}

/// Turns the first comma of a list or an object into what opens it; an empty one has none.
fn open(out: &mut Vec<u8>, begin: usize, with: u8) {
    match out.get_mut(begin) {
        Some(first) => *first = with,
        None => out.push(with),
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

impl SerializeSeq for Items<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.item(value)
    }

    fn end(self) -> Result<(), Error> {
        self.close();
        Ok(())
    }
}

impl SerializeTuple for Items<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.item(value)
    }

    fn end(self) -> Result<(), Error> {
        self.close();
        Ok(())
    }
}

impl SerializeTupleStruct for Items<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.item(value)
    }

    fn end(self) -> Result<(), Error> {
        self.close();
        Ok(())
    }
}

impl SerializeTupleVariant for Items<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.item(value)
    }

    fn end(self) -> Result<(), Error> {
        self.close();
        Ok(())
    }
}

impl SerializeMap for Members<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        self.key(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.value(value)
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

impl SerializeStruct for Members<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.key(key)?;
        self.value(value)
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

impl SerializeStructVariant for Members<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.key(key)?;
        self.value(value)
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}
