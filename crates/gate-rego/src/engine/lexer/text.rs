//! Strings, raw strings and interpolated ones.

use std::sync::Arc;

use super::{LexError, Lexer, TEMPLATES, TokenKind};
use crate::engine::ast::Span;

impl Lexer<'_> {
    /// `"..."`, with JSON's escapes.
    pub(super) fn string(&mut self, start: Span) -> Result<(), LexError> {
        self.bump();
        let (from, mut text) = (self.at, String::new());
        loop {
            match self.peek() {
                None | Some('\n') => return Err(self.error("non-terminated string")),
                Some('"') => break,
                Some('\\') => text.push(self.escape()?),
                Some(character) => text.push(self.plain(character)?),
            }
        }
        self.check_controls(from)?;
        self.bump();
        self.push(start, TokenKind::String(Arc::from(text)));
        Ok(())
    }

    /// `` `...` ``, without escapes.
    pub(super) fn raw_string(&mut self, start: Span) -> Result<(), LexError> {
        self.bump();
        let from = self.at;
        loop {
            match self.peek() {
                None => return Err(self.error("non-terminated string")),
                Some('`') => break,
                Some('\0') => return Err(self.error("illegal null character")),
                Some(_) => self.bump(),
            };
        }
        let text = Arc::from(&self.source[from..self.at]);
        self.bump();
        self.push(start, TokenKind::String(text));
        Ok(())
    }

    /// `$"` or `` $` ``.
    pub(super) fn open_template(&mut self, start: Span) -> Result<(), LexError> {
        self.bump();
        let raw = match self.peek() {
            Some('"') => false,
            Some('`') => true,
            _ => return Err(self.error("illegal $ character")),
        };
        self.bump();
        self.template(start, raw, true)
    }

    /// The text of an interpolated string up to the next expression or the end.
    pub(super) fn template(&mut self, start: Span, raw: bool, first: bool) -> Result<(), LexError> {
        let (from, mut text) = (self.at, String::new());
        let last = loop {
            match self.peek() {
                None => return Err(self.error("non-terminated string")),
                Some('\n') if !raw => return Err(self.error("non-terminated string")),
                Some('"') if !raw => break true,
                Some('`') if raw => break true,
                Some('{') => break false,
                Some('\\') if self.source[self.at..].starts_with("\\{") => {
                    self.bump();
                    self.bump();
                    text.push('{');
                }
                Some('\\') if !raw => text.push(self.escape()?),
                Some(character) if raw && character != '\0' => {
                    self.bump();
                    text.push(character);
                }
                Some(character) => text.push(self.plain(character)?),
            }
        };
        if !raw {
            self.check_controls(from)?;
        }
        self.bump();
        if !last {
            if self.templates.len() >= TEMPLATES {
                return Err(self.error("interpolated strings are nested too deeply"));
            }
            self.templates.push((raw, 0));
        }
        self.push(start, TokenKind::Template { text: Arc::from(text), raw, first, last });
        Ok(())
    }

    /// OPA reads a text with an escape as JSON, which has no bare control characters.
    fn check_controls(&self, from: usize) -> Result<(), LexError> {
        let text = &self.source[from..self.at];
        if text.contains('\\') && text.bytes().any(|byte| byte < b' ') {
            return Err(self.error("illegal string literal: a control character beside an escape"));
        }
        Ok(())
    }

    /// A character that stands for itself.
    fn plain(&mut self, character: char) -> Result<char, LexError> {
        if character == '\0' {
            return Err(self.error("illegal null character"));
        }
        self.bump();
        Ok(character)
    }

    fn escape(&mut self) -> Result<char, LexError> {
        self.bump();
        let character = match self.peek() {
            Some(same @ ('"' | '\\' | '/')) => same,
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => return self.unicode(),
            _ => return Err(self.error("illegal escape sequence")),
        };
        self.bump();
        Ok(character)
    }

    /// `uXXXX`, two of them for characters beyond 16 bits; half a pair becomes U+FFFD, as in Go.
    fn unicode(&mut self) -> Result<char, LexError> {
        let first = self.hexadecimal()?;
        let rest = &self.source[self.at..];
        if (0xd800..0xdc00).contains(&first) && rest.starts_with("\\u") {
            let second = rest.get(2..6).and_then(|digits| u32::from_str_radix(digits, 16).ok());
            if let Some(second @ 0xdc00..=0xdfff) = second {
                self.bump();
                self.hexadecimal()?;
                let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
        }
        Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    /// The four digits behind a `u`.
    fn hexadecimal(&mut self) -> Result<u32, LexError> {
        self.bump();
        let digits = self.source.get(self.at..self.at + 4);
        let digits = digits.filter(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let code = digits.and_then(|text| u32::from_str_radix(text, 16).ok());
        let code = code.ok_or_else(|| self.error("illegal escape sequence"))?;
        for _ in 0..4 {
            self.bump();
        }
        Ok(code)
    }
}
