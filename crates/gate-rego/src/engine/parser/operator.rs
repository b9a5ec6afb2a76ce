//! Infix operators by their precedence.

use std::sync::Arc;

use super::{Parsed, Parser};
use crate::engine::ast::{Call, Name, Notation, Span, Term, TermKind};
use crate::engine::lexer::TokenKind;

/// The operators that bind least are `in`, then comparisons.
const MEMBERSHIP: u8 = 1;
const RELATION: u8 = 2;

/// The builtin that an operator calls, and how strongly it binds.
fn operation(symbol: &str) -> Option<(&'static str, u8)> {
    Some(match symbol {
        "==" => ("equal", RELATION),
        "!=" => ("neq", RELATION),
        "<" => ("lt", RELATION),
        ">" => ("gt", RELATION),
        "<=" => ("lte", RELATION),
        ">=" => ("gte", RELATION),
        "|" => ("or", 3),
        "&" => ("and", 4),
        "+" => ("plus", 5),
        "-" => ("minus", 5),
        "*" => ("mul", 6),
        "/" => ("div", 6),
        "%" => ("rem", 6),
        _ => return None,
    })
}

impl Parser {
    /// A term with operators. `pairs` says whether `k, v in xs` may stand here.
    pub(super) fn infix(&mut self, pairs: bool) -> Parsed<Term> {
        self.nested(|parser| {
            let first = parser.term()?;
            parser.infix_from(first, pairs)
        })
    }

    /// The rest of a term with operators whose first operand is read.
    pub(super) fn infix_from(&mut self, first: Term, pairs: bool) -> Parsed<Term> {
        let mut left = self.binary(first, RELATION)?;
        if pairs && self.is(",") {
            left = self.pair(left)?;
        }
        while self.is_in() {
            let operator = self.operator_name("internal.member_2");
            let right = self.operand(RELATION)?;
            self.raise()?;
            left = call(operator, vec![left, right]);
        }
        Ok(left)
    }

    fn is_in(&self) -> bool {
        self.is_keyword("in")
    }

    /// `key, value in collection`, where `key` is read; only the key, if that does not follow.
    fn pair(&mut self, key: Term) -> Parsed<Term> {
        let (before, highest) = (self.at, self.highest);
        self.bump();
        match self.operand(RELATION) {
            Ok(value) if self.is_in() => {
                let operator = self.operator_name("internal.member_3");
                let collection = self.operand(RELATION)?;
                self.raise()?;
                Ok(call(operator, vec![key, value, collection]))
            }
            _ => {
                self.rewind(before);
                self.highest = highest;
                Ok(key)
            }
        }
    }

    /// An operand with the operators that bind at least so strongly.
    fn operand(&mut self, least: u8) -> Parsed<Term> {
        let first = self.term()?;
        self.binary(first, least)
    }

    fn binary(&mut self, mut left: Term, least: u8) -> Parsed<Term> {
        debug_assert!(least > MEMBERSHIP);
        while let TokenKind::Symbol(symbol) = self.token().kind {
            let Some((builtin, strength)) = operation(symbol).filter(|found| found.1 >= least)
            else {
                break;
            };
            let operator = self.operator_name(builtin);
            let right = self.operand(strength + 1)?;
            self.raise()?;
            left = call(operator, vec![left, right]);
        }
        Ok(left)
    }

    /// Takes the operator, and names the builtin it calls.
    fn operator_name(&mut self, builtin: &str) -> Name {
        let span = self.token().span;
        self.bump();
        Name { text: Arc::from(builtin), span }
    }
}

fn call(operator: Name, arguments: Vec<Term>) -> Term {
    let span = arguments.first().map_or(Span::default(), |first| first.span);
    let span = arguments.last().map_or(span, |last| span.to(last.span));
    let call = Call { operator: vec![operator], notation: Notation::Infix, arguments };
    Term::new(span, TermKind::Call(Box::new(call)))
}
