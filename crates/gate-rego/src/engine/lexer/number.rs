//! Numbers.

use std::sync::Arc;

use super::{LexError, Lexer, TokenKind};
use crate::engine::ast::Span;

impl Lexer<'_> {
    /// `digits(.digits)?([eE][+-]?digits)?`; the parser checks zeros and size.
    pub(super) fn number(&mut self, start: Span) -> Result<(), LexError> {
        self.digits();
        if self.peek() == Some('.') {
            self.bump();
            if self.digits() == 0 {
                return Err(self.error("expected fraction"));
            }
        }
        if matches!(self.peek(), Some('e' | 'E')) {
            self.bump();
            if matches!(self.peek(), Some('+' | '-')) {
                self.bump();
            }
            if self.digits() == 0 {
                return Err(self.error("expected exponent"));
            }
        }
        if self.peek().is_some_and(|next| next == '_' || next.is_ascii_alphabetic()) {
            return Err(self.error("illegal number format"));
        }
        let digits = Arc::from(self.since(start).text(self.source));
        self.push(start, TokenKind::Number(digits));
        Ok(())
    }

    fn digits(&mut self) -> usize {
        let before = self.at;
        while self.peek().is_some_and(|next| next.is_ascii_digit()) {
            self.bump();
        }
        self.at - before
    }
}
