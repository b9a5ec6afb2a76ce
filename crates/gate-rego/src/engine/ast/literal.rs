//! Bodies and the literals they consist of.

use super::{Span, Term};

/// Literals that must all hold.
#[derive(Debug, Clone, Default)]
pub(crate) struct Body {
    pub(crate) span: Span,
    pub(crate) literals: Vec<Literal>,
}

/// A literal with its `with` modifiers.
#[derive(Debug, Clone)]
pub(crate) struct Literal {
    pub(crate) span: Span,
    pub(crate) kind: LiteralKind,
    pub(crate) with: Vec<With>,
}

#[derive(Debug, Clone)]
pub(crate) enum LiteralKind {
    /// An expression that must be defined and not `false`.
    Expression(Term),
    /// `not` before an expression, an assignment or a unification.
    Not(Box<LiteralKind>),
    /// `x := e`.
    Assign(Term, Term),
    /// `x = e`.
    Unify(Term, Term),
    /// `some x, y`.
    Some(SomeDeclaration),
    /// `some k, v in xs`.
    SomeIn { key: Option<Term>, value: Term, collection: Term },
    /// `every k, v in xs { body }`.
    Every { key: Option<Term>, value: Term, domain: Term, body: Body },
}

/// The names of `some x, y`.
#[derive(Debug, Clone)]
pub(crate) struct SomeDeclaration {
    pub(crate) names: Vec<super::Name>,
}

/// `with target as value`.
#[derive(Debug, Clone)]
pub(crate) struct With {
    pub(crate) span: Span,
    pub(crate) target: Term,
    pub(crate) value: Term,
}
