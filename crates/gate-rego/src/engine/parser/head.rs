//! Rule heads.

use super::{Parsed, Parser};
use crate::engine::ast::{Head, Key};
use crate::engine::lexer::TokenKind;

/// A head, and the keywords that it was written with.
pub(super) struct WrittenHead {
    pub(super) head: Head,
    pub(super) contains: bool,
    pub(super) value: bool,
}

impl Parser {
    pub(super) fn head(&mut self) -> Parsed<WrittenHead> {
        let start = self.token().span;
        let name = self.rule_name()?;
        // In a head, white space may stand between the name and what follows.
        let mut path = Vec::new();
        if matches!(self.token().kind, TokenKind::Symbol("[")) {
            path.push(self.bracketed()?);
        }
        path.append(&mut self.parts()?);
        let called = if path.is_empty() { self.is("(") } else { self.is_adjacent("(") };
        let arguments = if called {
            self.bump();
            // `p()` defines what `p` does: it is no function, and cannot be called.
            Some(self.list(")")?).filter(|arguments| !arguments.is_empty())
        } else {
            None
        };
        let mut head =
            Head { span: start, name, path, arguments, key: Key::Value(None), assigned: false };
        let (mut contains, mut value) = (false, false);
        if self.is_keyword("contains") {
            if head.arguments.is_some() {
                let message = "the contains keyword can only be used with multi-value rule \
                     definitions (e.g., p contains <VALUE> { ... })";
                return Err(self.unexpected(message));
            }
            self.bump();
            head.key = Key::Contains(self.infix(true)?);
            contains = true;
        } else if self.is("=") || self.is(":=") {
            head.assigned = self.is(":=");
            self.bump();
            head.key = Key::Value(Some(self.infix(true)?));
            value = true;
        }
        head.span = start.to(self.last);
        Ok(WrittenHead { head, contains, value })
    }

    fn rule_name(&mut self) -> Parsed<crate::engine::ast::Name> {
        match self.name_text() {
            Some(name) if self.keywords.has(name) && !self.starts_reference() => {
                Err(self.error(format!("{name} keyword cannot be used for rule name")))
            }
            Some(_) => self.any_name(),
            None => Err(self.unexpected("")),
        }
    }
}
