//! Steps: the literals of a body, taken apart and put in order.

use std::sync::Arc;

use super::{Access, Base, Call, Comprehension, GroupId, Pattern, Term};
use crate::engine::ast::Span;
use crate::engine::builtins::Declared;

/// Steps that must all hold, in this order. Steps with several results are tried with each.
#[derive(Debug, Default)]
pub(crate) struct Block {
    pub(crate) steps: Box<[Step]>,
}

/// A step and the literal that it comes from.
#[derive(Debug)]
pub(crate) struct Step {
    /// The whole literal's place; steps of one literal have the same.
    pub(crate) span: Span,
    pub(crate) kind: StepKind,
    /// What is replaced while the step is evaluated, and it alone. Values are evaluated before,
    /// without the replacements; where one is undefined, the step does not hold.
    pub(crate) with: Box<[With]>,
}

#[derive(Debug)]
pub(crate) enum StepKind {
    /// The term must be defined and not `false`.
    Test(Term),
    /// The term must be defined (`false` is), and match.
    Match(Term, Pattern),
    /// Looks into a document by all keys that match.
    Scan(Box<Scan>),
    /// A call with many results (`walk`): each that matches.
    Relation(Box<Call>, Pattern),
    /// The block must not hold in any way.
    Not(Block),
    /// The block must hold for each key and value of the domain in at least one way. An undefined
    /// domain, or one that is no collection, does not hold.
    Every { key: Pattern, value: Pattern, domain: Term, body: Block },
    /// Prints; always holds.
    Print(Box<Print>),
    /// Steps under the same `with`: all of a literal that was taken apart.
    Block(Block),
}

/// `base.path = value`, tried with each key that matches: `input.xs[i].name = n`.
#[derive(Debug)]
pub(crate) struct Scan {
    pub(crate) span: Span,
    pub(crate) base: Base,
    pub(crate) path: Box<[Access]>,
    /// What is found must match; `false` matches [`Pattern::Any`].
    pub(crate) value: Pattern,
    /// Whether what is found must also not be `false`: a literal of its own.
    pub(crate) truthy: bool,
}

/// `print(a, b)`: each argument is a set comprehension of its values; an empty set prints
/// `<undefined>`, and of several values each combination is a line.
#[derive(Debug)]
pub(crate) struct Print {
    pub(crate) span: Span,
    pub(crate) arguments: Box<[Comprehension]>,
}

/// `with target as value`.
#[derive(Debug)]
pub(crate) struct With {
    pub(crate) target: WithTarget,
    pub(crate) value: WithValue,
}

/// What is replaced.
#[derive(Debug)]
pub(crate) enum WithTarget {
    /// `input` or what is at a path in it.
    Input(Box<[Arc<str>]>),
    /// What is at a path under `data`, rules and base data alike.
    Data(Box<[Arc<str>]>),
    /// All calls of a function of the policy.
    Function(GroupId),
    /// All calls of a builtin.
    Builtin(&'static Declared),
}

/// What it is replaced by.
#[derive(Debug)]
pub(crate) enum WithValue {
    /// A value; of a function, what each call gives.
    Term(Term),
    /// Another function of the policy.
    Function(GroupId),
    /// Another builtin.
    Builtin(&'static Declared),
}
