//! Bodies and literals.

use super::{ParseError, Parsed, Parser};
use crate::engine::ast::{
    Body, Call, Literal, LiteralKind, Notation, SomeDeclaration, Term, TermKind, With,
};

impl Parser {
    /// Literals up to a closing bracket, which is taken.
    pub(super) fn body(&mut self, end: &str) -> Parsed<Body> {
        self.nested(|parser| parser.body_inside(end))
    }

    fn body_inside(&mut self, end: &str) -> Parsed<Body> {
        let start = self.token().span;
        if self.is(end) {
            return Err(self.error("found empty body"));
        }
        let mut literals = Vec::new();
        loop {
            literals.push(self.literal()?);
            if self.take(";") {
                continue;
            }
            if self.is(end) {
                let body = Body { span: start.to(self.last), literals };
                self.bump();
                return Ok(body);
            }
            if !self.token().new_line {
                return Err(self.unexpected(&format!("expected \\n or ; or {end}")));
            }
        }
    }

    pub(super) fn literal(&mut self) -> Parsed<Literal> {
        let start = self.token().span;
        let kind = if self.take_keyword("not") {
            for keyword in ["some", "every"] {
                if self.is_keyword(keyword) {
                    return Err(self.error(format!("illegal negation of '{keyword}'")));
                }
            }
            LiteralKind::Not(Box::new(self.expression()?))
        } else if self.is_keyword("some") {
            self.some()?
        } else if self.is_keyword("every") {
            self.every()?
        } else {
            self.expression()?
        };
        // A declaration alone cannot be modified; what follows it is the next literal.
        let with = match kind {
            LiteralKind::Some(_) => Vec::new(),
            _ => self.with()?,
        };
        Ok(Literal { span: start.to(self.last), kind, with })
    }

    /// `e`, `x := e` or `x = e`.
    fn expression(&mut self) -> Parsed<LiteralKind> {
        let left = self.infix(true)?;
        if self.take(":=") {
            return Ok(LiteralKind::Assign(left, self.infix(true)?));
        }
        if self.take("=") {
            return Ok(LiteralKind::Unify(left, self.infix(true)?));
        }
        Ok(LiteralKind::Expression(left))
    }

    fn with(&mut self) -> Parsed<Vec<With>> {
        let mut modifiers = Vec::new();
        while self.is_keyword("with") {
            let start = self.token().span;
            self.bump();
            let target = self.term()?;
            if !matches!(target.kind, TermKind::Variable(_) | TermKind::Reference(_)) {
                let message = "expected with target path".to_owned();
                return Err(ParseError { span: target.span, message });
            }
            if !self.take_keyword("as") {
                return Err(self.unexpected("expected as keyword"));
            }
            let value = self.infix(true)?;
            modifiers.push(With { span: start.to(self.last), target, value });
        }
        Ok(modifiers)
    }

    fn some(&mut self) -> Parsed<LiteralKind> {
        self.bump();
        let before = self.at;
        if let Ok(term) = self.infix(true) {
            match membership(term) {
                Ok((key, value, collection)) => {
                    return Ok(LiteralKind::SomeIn { key, value, collection });
                }
                Err(term) if matches!(term.kind, TermKind::Call(_)) => {
                    let message = "expected `x in xs` or `x, y in xs` expression".to_owned();
                    return Err(ParseError { span: term.span, message });
                }
                Err(_) => {}
            }
        }
        self.rewind(before);
        let mut names = Vec::new();
        loop {
            match self.name_text() {
                Some(name) if !self.keywords.has(name) || &**name == "contains" => {
                    names.push(self.any_name()?);
                }
                _ => return Err(self.unexpected("expected var")),
            }
            if !self.take(",") {
                return Ok(LiteralKind::Some(SomeDeclaration { names }));
            }
        }
    }

    fn every(&mut self) -> Parsed<LiteralKind> {
        self.bump();
        let form = "expected `x[, y] in xs { ... }` expression";
        let term = self.infix(true)?;
        let (key, value, domain) = membership(term)
            .map_err(|term| ParseError { span: term.span, message: form.to_owned() })?;
        for (what, term) in [("key", key.as_ref()), ("value", Some(&value))] {
            if let Some(term) = term.filter(|term| term.as_variable().is_none()) {
                let message = format!("expected {what} to be a variable");
                return Err(ParseError { span: term.span, message });
            }
        }
        if !self.take("{") {
            return Err(self.unexpected("missing body"));
        }
        let body = self.body("}")?;
        Ok(LiteralKind::Every { key, value, domain, body })
    }
}

/// Takes `v in c` and `k, v in c` apart, as long as they are written so; gives other terms back.
fn membership(term: Term) -> Result<(Option<Term>, Term, Term), Term> {
    let span = term.span;
    let TermKind::Call(call) = term.kind else { return Err(term) };
    let Call { operator, notation, mut arguments } = *call;
    let is_member = notation == Notation::Infix
        && operator.first().is_some_and(|name| name.text.starts_with("internal.member_"));
    if is_member && let (Some(collection), Some(value)) = (arguments.pop(), arguments.pop()) {
        return Ok((arguments.pop(), value, collection));
    }
    Err(Term::new(span, TermKind::Call(Box::new(Call { operator, notation, arguments }))))
}
