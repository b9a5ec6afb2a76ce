//! Terms without infix operators.

use std::sync::Arc;

use super::{ParseError, Parsed, Parser};
use crate::engine::ast::{
    Call, LiteralKind, Name, Notation, Span, Template, TemplatePart, Term, TermKind,
};
use crate::engine::lexer::TokenKind;
use crate::engine::number::{Number, NumberError};

impl Parser {
    pub(super) fn term(&mut self) -> Parsed<Term> {
        self.nested(|parser| {
            let start = parser.token().span;
            if parser.is("-") && matches!(parser.ahead(1).kind, TokenKind::Name(_)) {
                return parser.negated(start);
            }
            let head = parser.primary()?;
            parser.reference(head)
        })
    }

    /// `-x.y`, which is `0 - x.y`.
    fn negated(&mut self, start: Span) -> Parsed<Term> {
        self.bump();
        let Some(name) = self.name_text().filter(|name| !self.is_plain_keyword(name)).cloned()
        else {
            return Err(self.unexpected("expected number"));
        };
        let head = Term::new(self.token().span, TermKind::Variable(name));
        self.bump();
        let operand = self.reference(head)?;
        let span = start.to(operand.span);
        let zero = Term::new(start, TermKind::Number(Number::from(0_i64)));
        let operator = vec![Name { text: Arc::from("minus"), span: start }];
        let arguments = vec![zero, operand];
        let call = Call { operator, notation: Notation::Infix, arguments };
        Ok(Term::new(span, TermKind::Call(Box::new(call))))
    }

    /// `contains` is a keyword in rule heads alone.
    fn is_plain_keyword(&self, name: &str) -> bool {
        self.keywords.has(name) && name != "contains" && !self.starts_reference()
    }

    fn primary(&mut self) -> Parsed<Term> {
        let span = self.token().span;
        match self.token().kind.clone() {
            TokenKind::Name(name) => self.named(span, &name),
            TokenKind::Number(_) | TokenKind::Symbol("-" | ".") => self.number(),
            TokenKind::String(text) => {
                self.bump();
                Ok(Term::new(span, TermKind::String(text)))
            }
            TokenKind::Template { .. } => self.template(span),
            TokenKind::Symbol("[") => self.array(),
            TokenKind::Symbol("{") => self.set_or_object(),
            TokenKind::Symbol("(") => {
                self.bump();
                let inner = self.infix(true)?;
                if !self.take(")") {
                    return Err(self.error("non-terminated expression"));
                }
                Ok(Term { span: span.to(self.last), ..inner })
            }
            _ => Err(self.unexpected("")),
        }
    }

    fn named(&mut self, span: Span, name: &Arc<str>) -> Parsed<Term> {
        let kind = match &**name {
            _ if self.starts_reference() => TermKind::Variable(Arc::clone(name)),
            "null" => TermKind::Null,
            "true" => TermKind::Bool(true),
            "false" => TermKind::Bool(false),
            other if self.is_plain_keyword(other) => return Err(self.unexpected("")),
            _ => TermKind::Variable(Arc::clone(name)),
        };
        self.bump();
        Ok(Term::new(span, kind))
    }

    /// A number with its sign, and perhaps without digits before the point.
    fn number(&mut self) -> Parsed<Term> {
        let start = self.token().span;
        let mut text = String::new();
        if self.take("-") {
            text.push('-');
        }
        let pointed = self.take(".");
        let TokenKind::Number(digits) = &self.token().kind else {
            return Err(self.unexpected("expected number"));
        };
        if pointed {
            // Kept as OPA would print it cannot be: `.5` has no form in JSON, so it gets its zero.
            text.push_str("0.");
        }
        text.push_str(digits);
        let number = Number::parse(&text).map_err(|error| match error {
            NumberError::TooBig => self.error("number too big"),
            NumberError::Syntax => self.unexpected("expected number without leading zero"),
        })?;
        self.bump();
        Ok(Term::new(start.to(self.last), TermKind::Number(number)))
    }

    fn template(&mut self, start: Span) -> Parsed<Term> {
        let mut parts = Vec::new();
        let mut is_raw = false;
        loop {
            let TokenKind::Template { text, raw, last, .. } = self.token().kind.clone() else {
                return Err(self.unexpected("expected } to end template string expression"));
            };
            is_raw |= raw;
            self.bump();
            if !text.is_empty() {
                parts.push(TemplatePart::Text(text));
            }
            if last {
                let template = Template { raw: is_raw, parts };
                return Ok(Term::new(start.to(self.last), TermKind::Template(template)));
            }
            parts.push(self.interpolated()?);
            if !self.take("}") {
                return Err(self.unexpected("expected } to end template string expression"));
            }
        }
    }

    fn interpolated(&mut self) -> Parsed<TemplatePart> {
        let literal = self.literal()?;
        let what = match &literal.kind {
            LiteralKind::Expression(_) => return Ok(TemplatePart::Expression(Box::new(literal))),
            LiteralKind::Not(_) => "negation ('not')",
            LiteralKind::Assign(..) => "assignment (':=')",
            LiteralKind::Unify(..) => "unification ('=')",
            LiteralKind::Some(_) | LiteralKind::SomeIn { .. } => "'some'",
            LiteralKind::Every { .. } => "'every'",
        };
        let message = format!("unexpected {what} in template-string expression");
        Err(ParseError { span: literal.span, message })
    }
}
