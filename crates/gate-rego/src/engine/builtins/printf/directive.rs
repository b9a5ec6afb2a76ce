//! Reads a format: literal text, and directives with flags, indexes, width, precision and verb.

use super::writer::{Flags, Writer};
use super::{Argument, write};
use crate::engine::builtins::BuiltinError;

/// The greatest width, precision and index; beyond, Go takes the rest of the format for digits.
const LARGEST: usize = 1_000_000;

pub(super) struct Reader<'a> {
    format: &'a str,
    arguments: &'a [Argument],
    at: usize,
    next: usize,
    /// Whether an index was given anywhere: then arguments that are left are no mistake.
    reordered: bool,
    good: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(format: &'a str, arguments: &'a [Argument]) -> Self {
        Self { format, arguments, at: 0, next: 0, reordered: false, good: true }
    }

    /// The text before the next directive, or before the end; `None` at the end.
    pub(super) fn literal(&mut self) -> Option<&'a str> {
        let rest = self.format.get(self.at..).filter(|rest| !rest.is_empty())?;
        let length = rest.find('%').unwrap_or(rest.len());
        self.at += length;
        Some(&rest[..length])
    }

    /// The arguments that no directive took.
    pub(super) fn extra(&self) -> Option<&'a [Argument]> {
        self.arguments.get(self.next..).filter(|extra| !extra.is_empty() && !self.reordered)
    }

    fn byte(&self) -> Option<u8> {
        self.format.as_bytes().get(self.at).copied()
    }

    fn skip(&mut self, byte: u8) -> bool {
        let found = self.byte() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Writes the directive that the reader stands on, if any.
    pub(super) fn directive(&mut self, writer: &mut Writer) -> Result<(), BuiltinError> {
        if !self.skip(b'%') {
            return Ok(());
        }
        self.good = true;
        writer.flags = Flags::default();
        self.flags(writer);
        let mut after_index = self.index();
        after_index = self.width(writer, after_index)?;
        after_index = self.precision(writer, after_index)?;
        if !after_index {
            self.index();
        }
        let Some(verb) = self.format[self.at..].chars().next() else {
            return writer.push("%!(NOVERB)");
        };
        self.at += verb.len_utf8();
        if verb == '%' {
            return writer.push("%");
        }
        if !self.good {
            return writer.push(&format!("%!{verb}(BADINDEX)"));
        }
        let Some(argument) = self.arguments.get(self.next) else {
            return writer.push(&format!("%!{verb}(MISSING)"));
        };
        self.next += 1;
        if verb == 'v' {
            let flags = &mut writer.flags;
            flags.plus_value = std::mem::take(&mut flags.plus);
            flags.sharp_value = std::mem::take(&mut flags.sharp);
        }
        write(writer, argument, verb)
    }

    fn flags(&mut self, writer: &mut Writer) {
        loop {
            match self.byte() {
                Some(b'#') => writer.flags.sharp = true,
                Some(b'0') => writer.flags.zero = true,
                Some(b'+') => writer.flags.plus = true,
                Some(b'-') => writer.flags.minus = true,
                Some(b' ') => writer.flags.space = true,
                _ => return,
            }
            self.at += 1;
        }
    }

    fn width(&mut self, writer: &mut Writer, after_index: bool) -> Result<bool, BuiltinError> {
        if self.skip(b'*') {
            match self.taken_number() {
                Some(width) => {
                    writer.flags.width = Some(usize::try_from(width.unsigned_abs()).unwrap_or(0));
                    writer.flags.minus |= width < 0;
                }
                None => writer.push("%!(BADWIDTH)")?,
            }
            return Ok(false);
        }
        writer.flags.width = self.digits();
        // As in `%[3]2d`.
        self.good &= !(after_index && writer.flags.width.is_some());
        Ok(after_index)
    }

    fn precision(&mut self, writer: &mut Writer, after_index: bool) -> Result<bool, BuiltinError> {
        if !self.skip(b'.') {
            return Ok(after_index);
        }
        self.good &= !after_index;
        let after_index = self.index();
        if !self.skip(b'*') {
            writer.flags.precision = Some(self.digits().unwrap_or(0));
            return Ok(after_index);
        }
        let precision = self.taken_number();
        writer.flags.precision = precision.and_then(|precision| usize::try_from(precision).ok());
        if writer.flags.precision.is_none() {
            writer.push("%!(BADPREC)")?;
        }
        Ok(false)
    }

    /// A number; one that is too large takes the rest of the format with it.
    fn digits(&mut self) -> Option<usize> {
        let mut number = None;
        while let Some(digit) = self.byte().filter(u8::is_ascii_digit) {
            let value = number.unwrap_or(0) * 10 + usize::from(digit - b'0');
            if value > LARGEST {
                self.at = self.format.len();
                return None;
            }
            number = Some(value);
            self.at += 1;
        }
        number
    }

    /// A width or precision from the arguments.
    fn taken_number(&mut self) -> Option<i64> {
        let argument = self.arguments.get(self.next)?;
        self.next += 1;
        match argument {
            Argument::Integer(value) if value.unsigned_abs() <= LARGEST as u64 => Some(*value),
            _ => None,
        }
    }

    /// An index such as `[2]`; whether there was a good one.
    fn index(&mut self) -> bool {
        if self.byte() != Some(b'[') {
            return false;
        }
        self.reordered = true;
        let rest = &self.format[self.at + 1..];
        let Some(inside) = rest.split_once(']').map(|(inside, _)| inside) else {
            self.at += 1;
            self.good = false;
            return false;
        };
        self.at += inside.len() + 2;
        let digits = !inside.is_empty() && inside.bytes().all(|byte| byte.is_ascii_digit());
        let index = if digits { inside.parse::<usize>().ok() } else { None };
        let found = index.and_then(|index| index.checked_sub(1));
        if let Some(index) = found.filter(|index| *index < self.arguments.len()) {
            self.next = index;
            return true;
        }
        self.good = false;
        // An index that is a number counts as one for what may follow it.
        index.is_some_and(|index| index <= LARGEST)
    }
}
