//! Terms.

use std::sync::Arc;

use super::{Body, Literal, Name, Span};
use crate::engine::number::Number;

/// A term and its place.
#[derive(Debug, Clone)]
pub(crate) struct Term {
    pub(crate) span: Span,
    pub(crate) kind: TermKind,
}

#[derive(Debug, Clone)]
pub(crate) enum TermKind {
    Null,
    Bool(bool),
    Number(Number),
    String(Arc<str>),
    /// `$"a {x}"`.
    Template(Template),
    /// A name alone: a variable, a rule, an import, `input` or `data`. `_` is a wildcard.
    Variable(Arc<str>),
    Reference(Box<Reference>),
    Call(Box<Call>),
    Array(Vec<Term>),
    Set(Vec<Term>),
    Object(Vec<(Term, Term)>),
    Comprehension(Box<Comprehension>),
}

/// `head.a["b"][c]`. A part written `.a` is a string.
#[derive(Debug, Clone)]
pub(crate) struct Reference {
    /// What is looked into: a variable, or a term such as a call or an array.
    pub(crate) head: Term,
    /// One part or more.
    pub(crate) path: Vec<Term>,
}

/// A call of a builtin or a function, by name or by operator.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// The name: `count`, `io.jwt.decode`, `plus` for `+`.
    pub(crate) operator: Vec<Name>,
    pub(crate) notation: Notation,
    pub(crate) arguments: Vec<Term>,
}

/// How a call is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notation {
    /// `f(x)`.
    Plain,
    /// `x + y`, `x in y`.
    Infix,
}

#[derive(Debug, Clone)]
pub(crate) struct Comprehension {
    pub(crate) kind: ComprehensionKind,
    pub(crate) body: Body,
}

#[derive(Debug, Clone)]
pub(crate) enum ComprehensionKind {
    Array(Term),
    Set(Term),
    Object(Term, Term),
}

/// A text with interpolated expressions.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    /// Whether it is written in backquotes.
    pub(crate) raw: bool,
    pub(crate) parts: Vec<TemplatePart>,
}

#[derive(Debug, Clone)]
pub(crate) enum TemplatePart {
    Text(Arc<str>),
    /// An expression, perhaps with `with`.
    Expression(Box<Literal>),
}

impl Term {
    pub(crate) fn new(span: Span, kind: TermKind) -> Self {
        Self { span, kind }
    }

    /// The name, if the term is one alone.
    pub(crate) fn as_variable(&self) -> Option<&Arc<str>> {
        if let TermKind::Variable(name) = &self.kind { Some(name) } else { None }
    }

    /// The text, if the term is one.
    pub(crate) fn as_string(&self) -> Option<&Arc<str>> {
        if let TermKind::String(text) = &self.kind { Some(text) } else { None }
    }
}
