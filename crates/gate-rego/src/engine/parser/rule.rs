//! Rules: heads, bodies, `else` and `default`, and what Rego 1 asks of them.

use super::head::WrittenHead;
use super::{ParseError, Parsed, Parser};
use crate::engine::ast::{
    Body, Else, Head, Key, Literal, LiteralKind, Rule, Span, Term, TermKind, Version,
};

impl Parser {
    /// Reads a rule; several bodies make several rules.
    pub(super) fn rule(&mut self, rules: &mut Vec<Rule>) -> Parsed<()> {
        let start = self.token().span;
        if self.take_keyword("default") {
            rules.push(self.default_rule(start)?);
            return Ok(());
        }
        let WrittenHead { mut head, contains, value } = self.head()?;
        let has_if = self.take_keyword("if");
        if !contains && !has_if && !value && head.arguments.is_none() && head.path.len() == 1 {
            // Before `contains`, `p[x]` was the set p.
            if let Some(element) = head.path.pop() {
                head.key = Key::Contains(element);
            }
        }
        let body = if has_if { Some(self.if_body()?) } else { self.braced_body()? };
        let written = Written { has_if, contains, value, has_body: body.is_some() };
        self.check_written(&head, written)?;
        if body.is_none() && self.is_keyword("else") {
            return Err(self.unexpected(""));
        }
        let otherwise = self.otherwise(&head)?;
        let chained_allowed = otherwise.is_empty() && body.is_some();
        let rule = Rule {
            span: start.to(self.last),
            default: false,
            head,
            body,
            otherwise,
            annotations: Vec::new(),
        };
        let first = rules.len();
        rules.push(rule);
        while self.is("{") {
            if !chained_allowed {
                return Err(self.error("expected else keyword"));
            }
            let start = self.token().span;
            let body = self.braced_body()?;
            let head = rules[first].head.clone();
            let span = start.to(self.last);
            let (otherwise, annotations) = (Vec::new(), Vec::new());
            rules.push(Rule { span, default: false, head, body, otherwise, annotations });
        }
        Ok(())
    }

    fn default_rule(&mut self, start: Span) -> Parsed<Rule> {
        let WrittenHead { head, .. } = self.head()?;
        let span = start.to(self.last);
        let refused = |what: &str| {
            Err(ParseError { span, message: format!("illegal default rule ({what})") })
        };
        // Without a value it is true.
        let Key::Value(value) = &head.key else { return refused("must have a value") };
        if let Some(what) = value.as_ref().and_then(inconstant) {
            return refused(&format!("value cannot contain {what}"));
        }
        let mut seen: Vec<&str> = Vec::new();
        for argument in head.arguments.iter().flatten() {
            let Some(name) = argument.as_variable() else {
                return refused("arguments cannot contain anything but variables");
            };
            if &**name != "_" && seen.contains(&&**name) {
                return refused(&format!("arguments cannot be repeated {name}"));
            }
            seen.push(name);
        }
        let (body, otherwise, annotations) = (None, Vec::new(), Vec::new());
        Ok(Rule { span, default: true, head, body, otherwise, annotations })
    }

    /// What stands behind `if`: a literal, or a body in braces.
    fn if_body(&mut self) -> Parsed<Body> {
        if !self.is("{") {
            return self.literal().map(single);
        }
        let before = (self.at, self.highest);
        if let Ok(literal) = self.literal()
            && !is_bare_set(&literal)
        {
            return Ok(single(literal));
        }
        // A set is never false, so braces around a term alone are a body.
        self.rewind(before.0);
        self.highest = before.1;
        self.bump();
        self.body("}")
    }

    fn braced_body(&mut self) -> Parsed<Option<Body>> {
        if self.take("{") { self.body("}").map(Some) } else { Ok(None) }
    }

    fn otherwise(&mut self, head: &Head) -> Parsed<Vec<Else>> {
        let mut branches = Vec::new();
        while self.is_keyword("else") {
            if head.path.iter().any(has_variable) {
                return Err(
                    self.error("else keyword cannot be used on rules with variables in head")
                );
            }
            if matches!(head.key, Key::Contains(_)) {
                return Err(self.error("else keyword cannot be used on multi-value rules"));
            }
            branches.push(self.else_branch()?);
        }
        Ok(branches)
    }

    fn else_branch(&mut self) -> Parsed<Else> {
        let start = self.token().span;
        self.bump();
        let value = if self.take(":=") || self.take("=") { Some(self.infix(true)?) } else { None };
        let has_if = self.take_keyword("if");
        let body = if self.is("{") {
            if !has_if && self.version == Version::V1 {
                return Err(self.error("`if` keyword is required before rule body"));
            }
            self.braced_body()?
        } else if has_if {
            Some(single(self.literal()?))
        } else {
            None
        };
        if value.is_none() && body.is_none() {
            return Err(self.unexpected("expected else value term or rule body"));
        }
        Ok(Else { span: start.to(self.last), value, body })
    }

    /// What Rego 1 refuses, with the place of the rule, and what no version has.
    fn check_written(&self, head: &Head, written: Written) -> Parsed<()> {
        let refused =
            |message: &str| Err(ParseError { span: head.span, message: message.to_owned() });
        let bare = !written.has_body && !written.value && !written.contains;
        let sole = head.path.is_empty() && matches!(head.key, Key::Value(_));
        if bare && sole && head.arguments.is_none() {
            return refused("var cannot be used for rule name");
        }
        if self.version == Version::V0 {
            return Ok(());
        }
        // A function's head alone is a rule: `f(x)` is true of all x.
        if bare && !matches!(head.key, Key::Contains(_)) && head.arguments.is_none() {
            return refused("rule must have value assignment and/or body declaration");
        }
        if written.has_body && !written.has_if {
            return refused("`if` keyword is required before rule body");
        }
        if matches!(head.key, Key::Contains(_)) && !written.contains {
            return refused("`contains` keyword is required for partial set rules");
        }
        Ok(())
    }
}

#[derive(Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each says whether one word was written")]
struct Written {
    has_if: bool,
    contains: bool,
    value: bool,
    has_body: bool,
}

fn single(literal: Literal) -> Body {
    Body { span: literal.span, literals: vec![literal] }
}

fn is_bare_set(literal: &Literal) -> bool {
    match &literal.kind {
        LiteralKind::Expression(term) => matches!(term.kind, TermKind::Set(_)),
        _ => false,
    }
}

/// What keeps a value from being known without evaluation; comprehensions may be.
fn inconstant(term: &Term) -> Option<&'static str> {
    match &term.kind {
        TermKind::Variable(_) => Some("var"),
        TermKind::Reference(_) => Some("ref"),
        TermKind::Call(_) => Some("call"),
        TermKind::Array(items) | TermKind::Set(items) => items.iter().find_map(inconstant),
        TermKind::Object(entries) => {
            entries.iter().find_map(|(key, value)| inconstant(key).or_else(|| inconstant(value)))
        }
        _ => None,
    }
}

/// Whether a part of a head has a variable in it.
fn has_variable(term: &Term) -> bool {
    match &term.kind {
        TermKind::Variable(_) => true,
        TermKind::Array(items) | TermKind::Set(items) => items.iter().any(has_variable),
        TermKind::Object(entries) => {
            entries.iter().any(|(k, v)| has_variable(k) || has_variable(v))
        }
        TermKind::Reference(reference) => reference.path.iter().any(has_variable),
        TermKind::Call(call) => call.arguments.iter().any(has_variable),
        _ => false,
    }
}
