//! Builtins that Rego 1 no longer has.
//!
//! OPA looks for them only where its type checker has seen one, and that does not look into `every`;
//! then it finds those in `every` too.

use super::intermediate::{Comprehension, Literal, LiteralKind, Term, WithValue};
use super::types::Draft;
use super::{Code, Error};
use crate::engine::ast::{Module, Span, Version};
use crate::engine::program::Callee;

const DEPRECATED: [&str; 11] = [
    "all",
    "any",
    "cast_array",
    "cast_boolean",
    "cast_null",
    "cast_object",
    "cast_set",
    "cast_string",
    "net.cidr_overlap",
    "re_match",
    "set_diff",
];

/// An error for each call of one in a module of Rego 1.
pub(super) fn check(drafts: &[Draft], modules: &[Module]) -> Vec<Error> {
    let mut calls = Calls { found: Vec::new(), seen: false, every: 0 };
    for branch in drafts.iter().flat_map(|draft| &draft.branches) {
        calls.body(&branch.body);
    }
    if !calls.seen {
        return Vec::new();
    }
    let modern = |span: &Span| {
        modules.get(span.file as usize).is_some_and(|module| module.version == Version::V1)
    };
    let error = |(span, name): (Span, &str)| {
        let message = format!("deprecated built-in function calls in expression: {name}");
        Error::new(Code::Type, span, message)
    };
    calls.found.into_iter().filter(|(span, _)| modern(span)).map(error).collect()
}

struct Calls {
    found: Vec<(Span, &'static str)>,
    /// Whether one is outside of `every`.
    seen: bool,
    /// How many bodies of `every` are around.
    every: u32,
}

impl Calls {
    fn body(&mut self, body: &[Literal]) {
        for literal in body {
            self.kind(&literal.kind);
            for with in &literal.with {
                if let WithValue::Term(term) = &with.value {
                    self.term(term);
                }
            }
        }
    }

    fn kind(&mut self, kind: &LiteralKind) {
        match kind {
            LiteralKind::Term(term) => self.term(term),
            LiteralKind::Unify { left, right, .. } => {
                self.term(left);
                self.term(right);
            }
            LiteralKind::Call(call) => {
                if let Callee::Builtin(declared) = call.callee
                    && DEPRECATED.contains(&declared.declaration.name)
                {
                    self.found.push((call.span, declared.declaration.name));
                    self.seen |= self.every == 0;
                }
                for argument in &call.arguments {
                    self.term(argument);
                }
            }
            LiteralKind::Not(inner) => self.kind(inner),
            LiteralKind::Every { domain, body, .. } => {
                self.term(domain);
                self.every += 1;
                self.body(body);
                self.every -= 1;
            }
            LiteralKind::Print(_, arguments) => {
                for one in arguments {
                    self.comprehension(one);
                }
            }
        }
    }

    fn term(&mut self, term: &Term) {
        match term {
            Term::Constant(_) | Term::Variable(_) => {}
            Term::Array(items) | Term::Set(items) => items.iter().for_each(|item| self.term(item)),
            Term::Object(entries) => {
                for (key, value) in entries {
                    self.term(key);
                    self.term(value);
                }
            }
            Term::Reference(reference) => {
                for part in &reference.path {
                    self.term(part);
                }
            }
            Term::Comprehension(one) => self.comprehension(one),
        }
    }

    /// A comprehension is looked into by the type checker, in `every` too.
    fn comprehension(&mut self, one: &Comprehension) {
        let every = std::mem::take(&mut self.every);
        self.body(&one.body);
        self.every = every;
    }
}
