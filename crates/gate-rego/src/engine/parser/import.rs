//! `package` and `import`.

use super::keyword::IMPORTED;
use super::{ParseError, Parsed, Parser};
use crate::engine::ast::{Import, Name, Package, Version};
use crate::engine::lexer::TokenKind;

impl Parser {
    pub(super) fn package(&mut self) -> Parsed<Package> {
        let start = self.token().span;
        self.bump();
        let path = self.path()?;
        Ok(Package { span: start.to(self.last), path })
    }

    /// `a.b["c"]`: names and strings.
    fn path(&mut self) -> Parsed<Vec<Name>> {
        let mut path = vec![self.any_name()?];
        loop {
            if self.is_adjacent(".") {
                self.bump();
                path.push(self.any_name()?);
            } else if self.is_adjacent("[") {
                self.bump();
                path.push(self.string_part()?);
                self.expect("]")?;
            } else {
                return Ok(path);
            }
        }
    }

    fn string_part(&mut self) -> Parsed<Name> {
        let span = self.token().span;
        let TokenKind::String(text) = &self.token().kind else {
            return Err(self.unexpected("expecting string"));
        };
        let text = text.clone();
        self.bump();
        Ok(Name { text, span })
    }

    pub(super) fn import(&mut self) -> Parsed<Import> {
        let start = self.token().span;
        self.bump();
        let path = self.path()?;
        let alias = self.alias()?;
        let import = Import { span: start.to(self.last), path, alias };
        match &*import.path[0].text {
            "future" => self.future(&import)?,
            "rego" => self.rego(&import)?,
            "data" | "input" => self.check_name(&import)?,
            other => {
                let message = format!(
                    "unexpected import path, must begin with one of: \
                     {{data, future, input, rego}}, got: {other}"
                );
                return Err(ParseError { span: import.path[0].span, message });
            }
        }
        Ok(import)
    }

    fn alias(&mut self) -> Parsed<Option<Name>> {
        if !self.take_keyword("as") {
            return Ok(None);
        }
        let name = self.any_name()?;
        let refused = |message: String| Err(ParseError { span: name.span, message });
        match &*name.text {
            reserved @ ("data" | "input") => refused(format!(
                "unexpected import alias, must not be a reserved name, got: {reserved}"
            )),
            keyword if self.keywords.has(keyword) => {
                refused(format!("unexpected {keyword} keyword: expected var"))
            }
            _ => Ok(Some(name)),
        }
    }

    /// A path that ends with a keyword would make a variable of that name.
    fn check_name(&self, import: &Import) -> Parsed<()> {
        match (&import.alias, import.path.last()) {
            (None, Some(name)) if self.keywords.has(&name.text) => Err(ParseError {
                span: name.span,
                message: format!(
                    "unexpected import path, must not end with a keyword, got: {} \
                     (hint: import a different path or use an alias)",
                    name.text
                ),
            }),
            _ => Ok(()),
        }
    }

    fn future(&mut self, import: &Import) -> Parsed<()> {
        let error = |message: &str| ParseError { span: import.span, message: message.to_owned() };
        if import.alias.is_some() {
            return Err(error("`future` imports cannot be aliased"));
        }
        let names: Vec<&str> = import.path[1..].iter().map(|name| &*name.text).collect();
        match names.as_slice() {
            ["keywords"] if self.version == Version::V0 => {
                for keyword in IMPORTED {
                    self.keywords.add(keyword);
                }
                Ok(())
            }
            // In Rego 1 this would bring `and`, `or` and another meaning of `not`.
            ["keywords"] => Err(error(
                "`import future.keywords` is not supported in Rego v1: \
                 the keywords of Rego v0 need no import",
            )),
            ["keywords", keyword] if IMPORTED.contains(keyword) => {
                self.keywords.add(keyword);
                Ok(())
            }
            ["keywords", keyword @ ("and" | "or" | "not")] => Err(error(&format!(
                "`import future.keywords.{keyword}` is not supported; write another rule for `or`, \
                 and a helper rule for a negated body"
            ))),
            ["keywords", _] => {
                Err(error("unexpected keyword, must be one of [contains every if in]"))
            }
            _ => Err(error("invalid import, must be `future.keywords`")),
        }
    }

    fn rego(&mut self, import: &Import) -> Parsed<()> {
        let error = |message: &str| ParseError { span: import.span, message: message.to_owned() };
        if import.alias.is_some() {
            return Err(error("`rego` imports cannot be aliased"));
        }
        match &import.path[1..] {
            [version] if &*version.text == "v1" => {
                self.version = Version::V1;
                for keyword in IMPORTED {
                    self.keywords.add(keyword);
                }
                Ok(())
            }
            [version] if &*version.text == "v2" => Err(error("`import rego.v2` is not supported")),
            _ => Err(error("invalid import, must be `rego.v1`")),
        }
    }
}
