//! Lists and objects on their way into canonical bytes.

use std::cmp::Ordering;

use serde::ser::{
    Error as _, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant,
};
use serde_json::Error;

use super::writer::Writer;

/// A list that is being written: each item behind a comma, of which the first becomes the bracket.
pub(super) struct Items<'a> {
    pub(super) writer: &'a mut Writer,
    pub(super) begin: usize,
    pub(super) closing: &'static str,
}

impl Items<'_> {
    pub(super) fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.writer.out.push(b',');
        value.serialize(&mut *self.writer)
    }

    pub(super) fn close(self) {
        let out = &mut self.writer.out;
        open(out, self.begin, b'[');
        out.push(b']');
        out.extend_from_slice(self.closing.as_bytes());
    }
}

/// An object that is being written.
pub(super) struct Members<'a> {
    pub(super) writer: &'a mut Writer,
    pub(super) begin: usize,
    pub(super) found: Vec<Member>,
    pub(super) closing: &'static str,
}

/// Where a member stands in what was written: its comma, the end of its key, its end.
#[derive(Clone, Copy)]
pub(super) struct Member {
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

/// Lists of every kind are written alike.
macro_rules! items {
    ($($of:ident: $item:ident),+) => {$(
        impl $of for Items<'_> {
            type Ok = ();
            type Error = Error;

            fn $item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
                self.item(value)
            }

            fn end(self) -> Result<(), Error> {
                self.close();
                Ok(())
            }
        }
    )+};
}

items!(
    SerializeSeq: serialize_element,
    SerializeTuple: serialize_element,
    SerializeTupleStruct: serialize_field,
    SerializeTupleVariant: serialize_field
);

/// Structs of both kinds are written alike.
macro_rules! fields {
    ($($of:ident),+) => {$(
        impl $of for Members<'_> {
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
    )+};
}

fields!(SerializeStruct, SerializeStructVariant);

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
