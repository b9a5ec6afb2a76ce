//! The compiled form of modules: immutable, names resolved, variables numbered, literals in an
//! order in which each variable is bound before it is used. Where a variable is bound is known
//! here, so evaluation needs no unification, only matching.
//!
//! A frame of `Rule::slots` optional values belongs to one call of one rule. Comprehensions,
//! `every` and `not` inside a rule use further slots of the same frame. A slot is written by
//! [`Pattern::Bind`] and read by [`Term::Slot`]; when steps are tried again, it is simply
//! overwritten.

use std::sync::Arc;

use super::ast::Span;
use super::types::Typing;
use super::value::Value;

mod guard;
mod step;
mod term;

pub(crate) use guard::{Guard, Place, Want, split};
pub(crate) use step::{Block, Print, Scan, Step, StepKind, With, WithTarget, WithValue};
pub(crate) use term::{
    Access, Base, Call, Callee, Collection, Comprehension, Pattern, Reference, Term,
};

/// The number of a variable in its rule's frame.
pub(crate) type Slot = u32;

/// The number of a [`Node`] in [`Program::nodes`]; 0 is `data`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct NodeId(pub(crate) u32);

/// The number of a [`Group`] in [`Program::groups`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct GroupId(pub(crate) u32);

/// Compiled modules.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) files: Vec<File>,
    /// The virtual documents as a tree; the first node is `data`.
    pub(crate) nodes: Vec<Node>,
    pub(crate) groups: Vec<Group>,
    /// What is known of the types of documents and functions.
    pub(crate) typing: Typing,
}

/// A module, for messages and coverage; [`Span::file`] counts these.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) path: Arc<str>,
    pub(crate) source: Arc<str>,
}

/// A place under `data` at or below which rules are.
#[derive(Debug, Default)]
pub(crate) struct Node {
    /// The places below, sorted by name.
    pub(crate) children: Vec<(Arc<str>, NodeId)>,
    /// The rules here. A node with a group has no children: deeper rules are in the group, with
    /// the rest of their path in [`Rule::path`].
    pub(crate) group: Option<GroupId>,
    /// The path from `data`, without it.
    pub(crate) path: Box<[Arc<str>]>,
}

/// The rules that together define one document or function.
///
/// Where a document is looked into by keys that are known, only rules whose constant path parts
/// agree with these keys may be evaluated: the others may depend on this very look.
#[derive(Debug)]
pub(crate) struct Group {
    /// The path from `data`, without it.
    pub(crate) path: Box<[Arc<str>]>,
    pub(crate) kind: GroupKind,
    /// The rules in source order, defaults aside.
    pub(crate) rules: Vec<Rule>,
    /// The `default` rule: of a document its value, of a function its arguments and value.
    pub(crate) default: Option<Rule>,
    /// Whether all rules, if they hold, give the same constant.
    pub(crate) agrees: bool,
}

/// What a group's rules make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GroupKind {
    /// One value: all rules that have one agree on it, or there is a conflict.
    Complete,
    /// A set of the rules' keys. Every rule has an empty path.
    Set,
    /// An object, filled at the rules' paths, with sets where [`RuleKind::Element`] rules end.
    /// Rules may have an empty path here only with an object as value, then they are `Complete`.
    Object,
    /// A function of so many arguments.
    Function(u32),
}

impl GroupKind {
    /// Whether what the rules make is known to have keys.
    pub(crate) fn has_keys(self) -> bool {
        matches!(self, Self::Set | Self::Object)
    }
}

/// One rule: a head and its bodies.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) span: Span,
    /// The head's text without body, for traces.
    pub(crate) head: Span,
    pub(crate) kind: RuleKind,
    /// The arguments, matched in order before the body. Earlier ones bind for later ones.
    pub(crate) arguments: Box<[Pattern]>,
    /// The rest of the path behind the group's, evaluated after the body.
    pub(crate) path: Box<[Term]>,
    /// The body, then those of `else` in order: the first that holds gives the value.
    pub(crate) branches: Box<[Branch]>,
    /// How many slots a frame has.
    pub(crate) slots: u32,
    /// What the source calls the slots: names, and the terms whose values the compiler keeps.
    pub(crate) labels: Box<[(Slot, Label)]>,
}

/// What the source calls a slot.
#[derive(Debug, Clone)]
pub(crate) enum Label {
    Name(Arc<str>),
    Text(Span),
}

/// What a rule gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RuleKind {
    /// The value of the document, of the object at `path`, or of the function.
    Value,
    /// An element of the set, or of the set at `path`.
    Element,
}

/// A body and what it gives. A body may hold in several ways; each gives a value.
#[derive(Debug)]
pub(crate) struct Branch {
    pub(crate) span: Span,
    /// What has to be met for the body to be tried.
    pub(crate) guards: Box<[Guard]>,
    pub(crate) body: Block,
    /// The value or element. If it is undefined, the branch gives nothing (and the next `else`
    /// branch is tried).
    pub(crate) value: Term,
}

/// A compiled query.
#[derive(Debug)]
pub(crate) struct Query {
    pub(crate) body: Block,
    pub(crate) slots: u32,
    /// The variables whose values are the query's result, in order of appearance.
    pub(crate) variables: Vec<(Arc<str>, Slot)>,
    /// For each literal of the query, its text and the slot or value it gave, in source order.
    pub(crate) expressions: Vec<(Span, Term)>,
    /// What the query calls the slots.
    pub(crate) labels: Box<[(Slot, Label)]>,
}

impl Program {
    /// The source text of a place.
    pub(crate) fn text(&self, span: Span) -> &str {
        self.files.get(span.file as usize).map_or("", |file| span.text(&file.source))
    }

    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    pub(crate) fn group(&self, id: GroupId) -> &Group {
        &self.groups[id.0 as usize]
    }

    /// The deepest node on a path from `data`, and how many parts lead there.
    pub(crate) fn descend<'a>(&self, path: impl IntoIterator<Item = &'a str>) -> (NodeId, usize) {
        let (mut id, mut taken) = (NodeId(0), 0);
        for part in path {
            let Some(child) = self.node(id).child(part) else { break };
            id = child;
            taken += 1;
        }
        (id, taken)
    }
}

impl Node {
    /// The node below with a name.
    pub(crate) fn child(&self, name: &str) -> Option<NodeId> {
        let at = self.children.binary_search_by(|(child, _)| (**child).cmp(name)).ok()?;
        Some(self.children[at].1)
    }
}

/// A constant term's value, so that the evaluator may stop at the first solution.
impl Term {
    pub(crate) fn constant(&self) -> Option<&Value> {
        if let Self::Constant(value) = self { Some(value) } else { None }
    }

    /// The variable that the term is.
    pub(crate) fn slot(&self) -> Option<Slot> {
        if let Self::Slot(slot) = self { Some(*slot) } else { None }
    }
}
