//! Turns tokens into a syntax tree: Rego 1, and Rego 0 with its imports of later keywords.
//!
//! The parser recurses on its own depth, which is bounded, and reads no stretch of a source more
//! than a fixed number of times: where OPA tries one reading after another, this one remembers at
//! which bracket the first reading failed.

use std::collections::HashSet;
use std::sync::Arc;

use super::ast::{Body, Import, Module, Name, Package, Rule, Span, Version};
use super::lexer::{LexError, Token, TokenKind, tokens};

mod annotation;
mod collection;
mod head;
mod import;
mod keyword;
mod literal;
mod metadata;
mod operator;
mod reference;
mod rule;
mod term;

use keyword::Keywords;

/// How high a syntax tree may grow, operators included: every later stage recurses over it.
const HEIGHT: u32 = 300;

/// Why a source is no Rego: OPA's `rego_parse_error`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ParseError {
    pub(crate) span: Span,
    pub(crate) message: String,
}

impl From<LexError> for ParseError {
    fn from(error: LexError) -> Self {
        Self { span: error.span, message: error.message }
    }
}

type Parsed<T> = Result<T, ParseError>;

/// The module that a source says.
pub(crate) fn module(file: u32, path: &str, source: &str, version: Version) -> Parsed<Module> {
    let (tokens, comments) = tokens(file, source)?;
    let mut parser = Parser::new(tokens, version);
    let statements = parser.statements()?;
    let version = parser.version;
    let mut module = Module {
        path: Arc::from(path),
        source: Arc::from(source),
        version,
        package: statements.package,
        imports: statements.imports,
        rules: statements.rules,
        comments,
        annotations: Vec::new(),
    };
    annotation::attach(&mut module)?;
    Ok(module)
}

/// The query that a source says.
pub(crate) fn query(file: u32, source: &str, version: Version) -> Parsed<Body> {
    let (tokens, _) = tokens(file, source)?;
    let mut parser = Parser::new(tokens, version);
    let start = parser.token().span;
    let mut literals = Vec::new();
    while !parser.at_end() {
        literals.push(parser.literal()?);
        while parser.take(";") {}
    }
    if literals.is_empty() {
        return Err(ParseError { span: start, message: "empty query".to_owned() });
    }
    Ok(Body { span: start.to(parser.last), literals })
}

struct Statements {
    package: Package,
    imports: Vec<Import>,
    rules: Vec<Rule>,
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    /// The place of the token before the current one.
    last: Span,
    version: Version,
    keywords: Keywords,
    /// How deep the current place is nested.
    depth: u32,
    /// The greatest height of what was read since the enclosing term began.
    highest: u32,
    /// The `|` tokens that were found not to begin a comprehension's body.
    unions: HashSet<usize>,
}

impl Parser {
    fn new(tokens: Vec<Token>, version: Version) -> Self {
        let keywords = Keywords::of(version);
        let last = Span::default();
        Self {
            tokens,
            at: 0,
            last,
            version,
            keywords,
            depth: 0,
            highest: 0,
            unions: HashSet::new(),
        }
    }

    /// All statements. The package comes first.
    fn statements(&mut self) -> Parsed<Statements> {
        if self.at_end() {
            return Err(self.error("empty module"));
        }
        if !self.is_statement("package") {
            return Err(self.error("package expected"));
        }
        let package = self.package()?;
        let mut statements = Statements { package, imports: Vec::new(), rules: Vec::new() };
        while !self.at_end() {
            if self.is_statement("package") {
                return Err(self.error("unexpected package"));
            }
            if self.is_statement("import") {
                let import = self.import()?;
                statements.imports.push(import);
            } else {
                self.rule(&mut statements.rules)?;
            }
        }
        Ok(statements)
    }

    fn token(&self) -> &Token {
        // The last token is the end, which is never passed.
        &self.tokens[self.at.min(self.tokens.len() - 1)]
    }

    fn ahead(&self, count: usize) -> &Token {
        &self.tokens[(self.at + count).min(self.tokens.len() - 1)]
    }

    fn at_end(&self) -> bool {
        self.token().kind == TokenKind::End
    }

    fn bump(&mut self) {
        self.last = self.token().span;
        self.at = (self.at + 1).min(self.tokens.len() - 1);
    }

    /// Goes back to a token that was looked at before.
    fn rewind(&mut self, at: usize) {
        self.at = at;
        self.last = match at.checked_sub(1).and_then(|before| self.tokens.get(before)) {
            Some(token) => token.span,
            None => Span::default(),
        };
    }

    fn is(&self, symbol: &str) -> bool {
        matches!(self.token().kind, TokenKind::Symbol(found) if found == symbol)
    }

    /// Whether a symbol follows without white space before it.
    fn is_adjacent(&self, symbol: &str) -> bool {
        self.is(symbol) && !self.token().spaced
    }

    fn take(&mut self, symbol: &str) -> bool {
        let found = self.is(symbol);
        if found {
            self.bump();
        }
        found
    }

    fn expect(&mut self, symbol: &str) -> Parsed<()> {
        if self.take(symbol) { Ok(()) } else { Err(self.unexpected(&format!("expected {symbol}"))) }
    }

    /// The name that the current token is, keyword or not.
    fn name_text(&self) -> Option<&Arc<str>> {
        if let TokenKind::Name(name) = &self.token().kind { Some(name) } else { None }
    }

    /// Takes any name.
    fn any_name(&mut self) -> Parsed<Name> {
        let span = self.token().span;
        match self.name_text().cloned() {
            Some(text) => {
                self.bump();
                Ok(Name { text, span })
            }
            None => Err(self.unexpected("expected name")),
        }
    }

    fn error(&self, message: impl Into<String>) -> ParseError {
        ParseError { span: self.token().span, message: message.into() }
    }

    /// The current token may not stand here.
    fn unexpected(&self, wanted: &str) -> ParseError {
        let what = match &self.token().kind {
            TokenKind::Name(name) if self.keywords.has(name) => format!("{name} keyword"),
            TokenKind::Name(name) => format!("identifier {name}"),
            TokenKind::Number(digits) => format!("number {digits}"),
            TokenKind::String(_) | TokenKind::Template { .. } => "string token".to_owned(),
            TokenKind::Symbol(symbol) => format!("{symbol} token"),
            TokenKind::End => "eof token".to_owned(),
        };
        let colon = if wanted.is_empty() { "" } else { ": " };
        self.error(format!("unexpected {what}{colon}{wanted}"))
    }

    /// Reads something nested, within the bounds.
    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= HEIGHT {
            return Err(self.error(format!("nested deeper than {HEIGHT}")));
        }
        self.depth += 1;
        let outer = std::mem::replace(&mut self.highest, 0);
        let result = read(self);
        self.depth -= 1;
        self.highest = outer.max(self.highest + 1);
        result
    }

    /// Counts an operator, which makes the tree one higher.
    fn raise(&mut self) -> Parsed<()> {
        self.highest += 1;
        if self.highest > HEIGHT {
            return Err(self.error(format!("an expression has more than {HEIGHT} operators")));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
