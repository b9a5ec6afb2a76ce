//! Literals on their way from the syntax tree to the program: names are resolved and nested calls
//! have become literals of their own, but nothing is in order yet.

use crate::engine::ast::Span;
use crate::engine::program::{Callee, WithTarget};
use crate::engine::value::Value;

/// A variable of one rule.
pub(super) type Variable = u32;

#[derive(Debug, Clone)]
pub(super) enum Term {
    Constant(Value),
    Variable(Variable),
    Array(Vec<Term>),
    Set(Vec<Term>),
    Object(Vec<(Term, Term)>),
    Reference(Box<Reference>),
    Comprehension(Box<Comprehension>),
}

#[derive(Debug, Clone)]
pub(super) struct Reference {
    pub(super) span: Span,
    pub(super) root: Root,
    pub(super) path: Vec<Term>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Root {
    Input,
    Data,
    Variable(Variable),
}

#[derive(Debug, Clone)]
pub(super) struct Comprehension {
    pub(super) span: Span,
    pub(super) kind: Kind,
    pub(super) body: Vec<Literal>,
}

#[derive(Debug, Clone)]
pub(super) enum Kind {
    Array(Term),
    Set(Term),
    Object(Term, Term),
}

#[derive(Debug, Clone)]
pub(super) struct Literal {
    pub(super) span: Span,
    pub(super) kind: LiteralKind,
    pub(super) with: Vec<With>,
}

#[derive(Debug, Clone)]
pub(super) enum LiteralKind {
    Term(Term),
    /// `left = right`; `assigned` where it is `:=`.
    Unify {
        left: Term,
        right: Term,
        assigned: bool,
    },
    Call(Call),
    Not(Box<LiteralKind>),
    Every {
        key: Variable,
        value: Variable,
        domain: Term,
        body: Vec<Literal>,
    },
    /// Each argument is a set comprehension.
    Print(Span, Vec<Comprehension>),
}

/// A call with as many arguments as the function takes, or one more, which its result must match.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) span: Span,
    pub(super) callee: Callee,
    pub(super) arity: usize,
    pub(super) arguments: Vec<Term>,
}

#[derive(Debug, Clone)]
pub(super) struct With {
    pub(super) target: Target,
    pub(super) value: WithValue,
}

/// A [`WithTarget`] that can be copied to each literal that a `with` covers.
#[derive(Debug, Clone)]
pub(super) struct Target(pub(super) std::sync::Arc<WithTarget>);

#[derive(Debug, Clone)]
pub(super) enum WithValue {
    Term(Term),
    Function(Callee),
}

impl Literal {
    pub(super) fn new(span: Span, kind: LiteralKind) -> Self {
        Self { span, kind, with: Vec::new() }
    }

    /// `variable = term`, made by the compiler.
    pub(super) fn capture(span: Span, variable: Variable, term: Term) -> Self {
        let (left, right) = (Term::Variable(variable), term);
        Self::new(span, LiteralKind::Unify { left, right, assigned: false })
    }
}

impl Term {
    /// Whether evaluation is needed for its value: it holds a reference or a comprehension.
    pub(super) fn is_dynamic(&self) -> bool {
        match self {
            Self::Constant(_) | Self::Variable(_) => false,
            Self::Array(items) | Self::Set(items) => items.iter().any(Self::is_dynamic),
            Self::Object(entries) => entries.iter().any(|(k, v)| k.is_dynamic() || v.is_dynamic()),
            Self::Reference(_) | Self::Comprehension(_) => true,
        }
    }

    /// The value, where the term is constant through and through.
    pub(super) fn constant(&self) -> Option<Value> {
        Some(match self {
            Self::Constant(value) => value.clone(),
            Self::Array(items) => {
                Value::array(items.iter().map(Self::constant).collect::<Option<_>>()?)
            }
            Self::Set(items) => {
                Value::set(items.iter().map(Self::constant).collect::<Option<_>>()?)
            }
            Self::Object(entries) => {
                let entry =
                    |(key, value): &(Self, Self)| Some((key.constant()?, value.constant()?));
                // Of equal keys the last one counts, as in OPA.
                Value::object(entries.iter().map(entry).collect::<Option<_>>()?)
            }
            Self::Variable(_) | Self::Reference(_) | Self::Comprehension(_) => return None,
        })
    }
}
