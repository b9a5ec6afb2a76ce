//! Terms that have one value or none, and patterns that values are matched with.

use std::sync::Arc;

use super::{Block, GroupId, NodeId, Slot};
use crate::engine::ast::Span;
use crate::engine::builtins::Declared;
use crate::engine::value::Value;

/// A term whose variables are all bound when it is evaluated: it has one value, or none.
/// What may have several values is a [`super::StepKind`].
#[derive(Debug)]
pub(crate) enum Term {
    Constant(Value),
    Slot(Slot),
    /// Undefined where an item is.
    Array(Box<[Term]>),
    /// Undefined where an item is.
    Set(Box<[Term]>),
    /// Undefined where a key or value is. Of equal keys the last one counts.
    Object(Box<[(Term, Term)]>),
    Reference(Box<Reference>),
    /// A call that must have a value; `false` is one.
    Call(Box<Call>),
    Comprehension(Box<Comprehension>),
}

/// A look into a document, all of whose keys are known: `input.a[x]`, `data.p.q`, `y[0]`.
#[derive(Debug)]
pub(crate) struct Reference {
    pub(crate) span: Span,
    pub(crate) base: Base,
    pub(crate) path: Box<[Term]>,
}

/// Where a reference starts.
#[derive(Debug)]
pub(crate) enum Base {
    Input,
    /// The rules of a group; the path goes on inside what they make.
    Group(GroupId),
    /// A place with rules below it, merged with the data there: the path's first part is not
    /// known now, or is no node, or there is none and the whole is meant.
    Node(NodeId),
    /// A place under `data` without rules at, above or below it, as far as the path is constant.
    Data(Box<[Arc<str>]>),
    /// A value.
    Term(Term),
}

/// A call.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) span: Span,
    pub(crate) callee: Callee,
    pub(crate) arguments: Box<[Term]>,
}

/// What is called.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Callee {
    Builtin(&'static Declared),
    Function(GroupId),
}

/// A comprehension: it always has a value.
#[derive(Debug)]
pub(crate) struct Comprehension {
    pub(crate) span: Span,
    pub(crate) collection: Collection,
    pub(crate) body: Block,
    /// The slots of the surroundings that it reads, without those that it binds itself: with the
    /// same values there (and the same `with`) it has the same value.
    pub(crate) captures: Box<[Slot]>,
}

/// What a comprehension collects for each way in which its body holds. Where a term is undefined,
/// nothing is added.
#[derive(Debug)]
pub(crate) enum Collection {
    Array(Term),
    Set(Term),
    /// Equal keys with different values are a conflict error.
    Object(Term, Term),
}

/// What a value is matched with. Parts are matched from left to right; a slot that an earlier part
/// binds is compared with by a later one.
#[derive(Debug)]
pub(crate) enum Pattern {
    /// Anything.
    Any,
    /// Anything, kept in a slot.
    Bind(Slot),
    /// A value that equals the term's; where that is undefined, nothing matches.
    Equal(Term),
    /// An array of this length.
    Array(Box<[Pattern]>),
    /// An object with exactly these keys, whose terms are bound before.
    Object(Box<[(Term, Pattern)]>),
}

/// One part of the path of a [`super::Scan`].
#[derive(Debug)]
pub(crate) enum Access {
    /// A known key: looked up.
    Key(Term),
    /// Each key (of a set: each element) that matches.
    Each(Pattern),
}
