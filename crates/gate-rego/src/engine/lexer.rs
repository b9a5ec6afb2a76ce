//! Cuts a module's text into tokens, each with its place; comments are kept aside.
//!
//! Keywords are names here: which names are keywords depends on the imports, so the parser says.

use std::sync::Arc;

use super::ast::{Comment, Span};

mod number;
mod text;

/// The greatest size of one source.
pub(crate) const SOURCE_BYTES: usize = 4 << 20;
/// The deepest nesting of interpolations in each other.
const TEMPLATES: usize = 32;

/// A token.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) span: Span,
    /// Whether white space or a comment stands before it.
    pub(crate) spaced: bool,
    /// Whether a line ends before it.
    pub(crate) new_line: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum TokenKind {
    Name(Arc<str>),
    /// The digits, as they are written.
    Number(Arc<str>),
    String(Arc<str>),
    /// A stretch of an interpolated text; `last` where no expression follows.
    Template {
        text: Arc<str>,
        raw: bool,
        first: bool,
        last: bool,
    },
    /// `( ) [ ] { } , ; . :` and operators.
    Symbol(&'static str),
    End,
}

/// What keeps a text from being tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LexError {
    pub(crate) span: Span,
    pub(crate) message: String,
}

/// The tokens of a source, the last of which is the end, and its comments.
pub(crate) fn tokens(file: u32, source: &str) -> Result<(Vec<Token>, Vec<Comment>), LexError> {
    let mut lexer = Lexer::new(file, source);
    if source.len() > SOURCE_BYTES {
        return Err(lexer.error(format!("the source has more than {SOURCE_BYTES} bytes")));
    }
    lexer.skip_byte_order_mark();
    while lexer.next()? {}
    Ok((lexer.tokens, lexer.comments))
}

struct Lexer<'a> {
    file: u32,
    source: &'a str,
    /// The byte that is looked at.
    at: usize,
    line: u32,
    column: u32,
    spaced: bool,
    new_line: bool,
    /// For each interpolated text that is open: whether it is raw, and how many braces are open
    /// in its expression.
    templates: Vec<(bool, u32)>,
    tokens: Vec<Token>,
    comments: Vec<Comment>,
}

const SYMBOLS: [&str; 25] = [
    ":=", "==", "!=", "<=", ">=", "(", ")", "[", "]", "{", "}", ",", ";", ".", ":", "=", "<", ">",
    "+", "-", "*", "/", "%", "&", "|",
];

impl<'a> Lexer<'a> {
    fn new(file: u32, source: &'a str) -> Self {
        Self {
            file,
            source,
            at: 0,
            line: 1,
            column: 1,
            spaced: false,
            new_line: false,
            templates: Vec::new(),
            tokens: Vec::new(),
            comments: Vec::new(),
        }
    }

    fn skip_byte_order_mark(&mut self) {
        if self.source.starts_with('\u{feff}') {
            self.at = '\u{feff}'.len_utf8();
        }
    }

    fn peek(&self) -> Option<char> {
        self.source.get(self.at..)?.chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.at += character.len_utf8();
        if character == '\n' {
            self.line += 1;
            self.column = 1;
        } else {
            self.column += 1;
        }
        Some(character)
    }

    fn here(&self) -> Span {
        let at = u32::try_from(self.at).unwrap_or(u32::MAX);
        Span { file: self.file, start: at, end: at, line: self.line, column: self.column }
    }

    fn since(&self, start: Span) -> Span {
        Span { end: u32::try_from(self.at).unwrap_or(u32::MAX), ..start }
    }

    fn error(&self, message: impl Into<String>) -> LexError {
        LexError { span: self.here(), message: message.into() }
    }

    fn push(&mut self, start: Span, kind: TokenKind) {
        let span = self.since(start);
        let (spaced, new_line) = (self.spaced, self.new_line);
        self.tokens.push(Token { kind, span, spaced, new_line });
        (self.spaced, self.new_line) = (false, false);
    }

    /// Reads one token; says whether there may be more.
    fn next(&mut self) -> Result<bool, LexError> {
        self.skip_space()?;
        let start = self.here();
        let Some(character) = self.peek() else {
            if !self.templates.is_empty() {
                return Err(self.error("non-terminated string"));
            }
            self.push(start, TokenKind::End);
            return Ok(false);
        };
        match character {
            'a'..='z' | 'A'..='Z' | '_' => self.name(start),
            '0'..='9' => self.number(start)?,
            '"' => self.string(start)?,
            '`' => self.raw_string(start)?,
            '$' => self.open_template(start)?,
            _ => self.symbol(start, character)?,
        }
        Ok(true)
    }

    fn skip_space(&mut self) -> Result<(), LexError> {
        while let Some(character) = self.peek() {
            match character {
                ' ' | '\t' | '\r' => self.spaced = true,
                '\n' => (self.spaced, self.new_line) = (true, true),
                '#' => {
                    self.comment()?;
                    self.spaced = true;
                    continue;
                }
                _ => break,
            }
            self.bump();
        }
        Ok(())
    }

    fn comment(&mut self) -> Result<(), LexError> {
        let start = self.here();
        while let Some(character) = self.peek() {
            match character {
                '\n' => break,
                '\0' => return Err(self.error("illegal null character")),
                _ => self.bump(),
            };
        }
        let span = self.since(start);
        let text = span.text(self.source);
        let text = text.strip_prefix('#').unwrap_or(text).trim_end_matches('\r');
        self.comments.push(Comment { span, text: Arc::from(text) });
        Ok(())
    }

    fn name(&mut self, start: Span) {
        while self.peek().is_some_and(|c| c == '_' || c.is_ascii_alphanumeric()) {
            self.bump();
        }
        let name = Arc::from(self.since(start).text(self.source));
        self.push(start, TokenKind::Name(name));
    }

    fn symbol(&mut self, start: Span, character: char) -> Result<(), LexError> {
        let rest = &self.source[self.at..];
        let Some(symbol) = SYMBOLS.into_iter().find(|symbol| rest.starts_with(symbol)) else {
            return Err(self.error(illegal(character)));
        };
        if let Some((raw, open)) = self.templates.last_mut() {
            match symbol {
                "{" => *open += 1,
                "}" if *open == 0 => {
                    let raw = *raw;
                    self.templates.pop();
                    self.bump();
                    // The brace is a token of its own, so that the parser sees where the expression ends.
                    self.push(start, TokenKind::Symbol("}"));
                    let start = self.here();
                    return self.template(start, raw, false);
                }
                "}" => *open -= 1,
                _ => {}
            }
        }
        for _ in 0..symbol.len() {
            self.bump();
        }
        self.push(start, TokenKind::Symbol(symbol));
        Ok(())
    }
}

fn illegal(character: char) -> String {
    match character {
        '\0' => "illegal null character".to_owned(),
        '\u{a0}' => "illegal non-breaking space character, use a regular space instead".to_owned(),
        '\u{feff}' => "illegal byte-order mark".to_owned(),
        '!' => "illegal ! character".to_owned(),
        other => format!("illegal token: unexpected character {other:?}"),
    }
}

#[cfg(test)]
mod tests;
