//! What is written so far, and the flags of the directive being written.

use crate::engine::builtins::{BuiltinError, Context};

/// The flags, width and precision of a directive.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "Go's flags are independent marks")]
pub(super) struct Flags {
    pub(super) minus: bool,
    pub(super) plus: bool,
    pub(super) sharp: bool,
    pub(super) space: bool,
    pub(super) zero: bool,
    /// `%+v` and `%#v`, where the flag changes the form and not the sign.
    pub(super) plus_value: bool,
    pub(super) sharp_value: bool,
    pub(super) width: Option<usize>,
    pub(super) precision: Option<usize>,
}

/// The text, each part of it on the budget.
pub(super) struct Writer<'a> {
    pub(super) context: &'a mut Context,
    pub(super) text: String,
    pub(super) flags: Flags,
}

impl<'a> Writer<'a> {
    pub(super) fn new(context: &'a mut Context) -> Self {
        Self { context, text: String::new(), flags: Flags::default() }
    }

    pub(super) fn push(&mut self, part: &str) -> Result<(), BuiltinError> {
        self.context.allocate(part.len())?;
        self.context.work(part.len())?;
        self.text.push_str(part);
        Ok(())
    }

    pub(super) fn repeat(&mut self, character: char, count: usize) -> Result<(), BuiltinError> {
        self.context.allocate(count)?;
        self.context.work(count)?;
        self.text.push_str(&character.to_string().repeat(count));
        Ok(())
    }

    /// What is missing to the width.
    pub(super) fn missing(&self, characters: usize) -> usize {
        self.flags.width.unwrap_or(0).saturating_sub(characters)
    }

    /// Fills up to the width, with zeros where they are asked for and stand on the left.
    pub(super) fn padded(&mut self, part: &str) -> Result<(), BuiltinError> {
        let missing = self.missing(part.chars().count());
        if self.flags.minus {
            self.push(part)?;
            return self.repeat(' ', missing);
        }
        self.repeat(if self.flags.zero { '0' } else { ' ' }, missing)?;
        self.push(part)
    }

    /// Fills up to the width with spaces alone.
    pub(super) fn spaced(&mut self, part: &str) -> Result<(), BuiltinError> {
        let zero = std::mem::take(&mut self.flags.zero);
        let result = self.padded(part);
        self.flags.zero = zero;
        result
    }
}
