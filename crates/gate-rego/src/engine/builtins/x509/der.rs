//! Reads DER, strictly: lengths are in their shortest form.

use num_bigint::BigInt;

pub(super) const BOOLEAN: u8 = 0x01;
pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OBJECT_ID: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;

/// A tag of the context: `[number]`, holding bytes or other elements.
pub(super) const fn context(number: u8, constructed: bool) -> u8 {
    0x80 | number | if constructed { 0x20 } else { 0 }
}

/// An element.
#[derive(Clone, Copy)]
pub(super) struct Element<'a> {
    pub(super) tag: u8,
    pub(super) content: &'a [u8],
    /// The element with its tag and length.
    pub(super) whole: &'a [u8],
}

/// The elements of some bytes, one after another.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn next(&mut self) -> Option<Element<'a>> {
        let bytes = self.0;
        let (tag, first) = (*bytes.first()?, *bytes.get(1)?);
        if tag & 0x1f == 0x1f {
            return None;
        }
        let (length, start) = match first {
            0..=0x7f => (usize::from(first), 2),
            0x81..=0x84 => {
                let count = usize::from(first & 0x7f);
                let digits = bytes.get(2..2 + count)?;
                let length = digits.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
                if digits.first() == Some(&0) || length < 0x80 {
                    return None;
                }
                (length, 2 + count)
            }
            _ => return None,
        };
        let end = start.checked_add(length)?;
        let content = bytes.get(start..end)?;
        self.0 = &bytes[end..];
        Some(Element { tag, content, whole: &bytes[..end] })
    }

    /// The next element, which has a tag.
    pub(super) fn element(&mut self, tag: u8) -> Option<Element<'a>> {
        self.next().filter(|element| element.tag == tag)
    }

    /// The content of the next element, which has a tag.
    pub(super) fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.element(tag).map(|element| element.content)
    }

    /// The content of the next element, if it has a tag; otherwise it is left.
    #[expect(clippy::option_option, reason = "malformed, absent and present are three")]
    pub(super) fn optional(&mut self, tag: u8) -> Option<Option<&'a [u8]>> {
        if self.0.first() == Some(&tag) { self.take(tag).map(Some) } else { Some(None) }
    }

    pub(super) fn sequence(&mut self) -> Option<Reader<'a>> {
        self.take(SEQUENCE).map(Reader)
    }

    pub(super) fn integer(&mut self) -> Option<BigInt> {
        self.take(INTEGER).and_then(integer)
    }

    /// The bytes of a bit string that ends with a byte.
    pub(super) fn whole_bits(&mut self) -> Option<&'a [u8]> {
        self.take(BIT_STRING)?.strip_prefix(&[0])
    }
}

/// A number in its shortest form.
pub(super) fn integer(content: &[u8]) -> Option<BigInt> {
    match content {
        [] | [0, 0..=0x7f, ..] | [0xff, 0x80..=0xff, ..] => None,
        _ => Some(BigInt::from_signed_bytes_be(content)),
    }
}

pub(super) fn boolean(content: &[u8]) -> Option<bool> {
    match content {
        [0] => Some(false),
        [0xff] => Some(true),
        _ => None,
    }
}

/// The numbers of an object identifier.
pub(super) fn object_id(content: &[u8]) -> Option<Vec<u64>> {
    let mut numbers = Vec::new();
    let mut rest = content;
    while let Some(first) = rest.first() {
        if *first == 0x80 {
            return None;
        }
        let length = rest.iter().position(|byte| byte & 0x80 == 0)? + 1;
        if length > 9 {
            return None;
        }
        let number = rest[..length].iter().fold(0, |sum, byte| sum << 7 | u64::from(byte & 0x7f));
        if numbers.is_empty() {
            let head = (number / 40).min(2);
            numbers.extend([head, number - head * 40]);
        } else {
            numbers.push(number);
        }
        rest = &rest[length..];
    }
    Some(numbers).filter(|numbers| !numbers.is_empty())
}
