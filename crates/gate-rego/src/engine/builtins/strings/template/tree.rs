//! What a template is made of.

use std::collections::BTreeMap;

use super::data::Data;

/// The templates of a text by name; the text itself is the one without.
pub(super) type Templates = BTreeMap<String, Vec<Node>>;

pub(super) enum Node {
    Text(String),
    Action(Pipe),
    If(Branch),
    Range(Branch),
    With(Branch),
    Template { name: String, data: Option<Pipe> },
    Break,
    Continue,
}

/// A condition or a list, and what is rendered with and without it.
pub(super) struct Branch {
    pub(super) pipe: Pipe,
    pub(super) body: Vec<Node>,
    pub(super) otherwise: Vec<Node>,
}

/// Commands, each of which is given the result of the one before as its last operand.
#[derive(Default)]
pub(super) struct Pipe {
    /// The variables that are set, and whether they are new.
    pub(super) variables: Vec<String>,
    pub(super) declares: bool,
    pub(super) commands: Vec<Vec<Operand>>,
}

/// What a command consists of.
pub(super) struct Operand {
    pub(super) source: Source,
    /// The fields that are taken of it, one of another.
    pub(super) fields: Vec<String>,
}

pub(super) enum Source {
    Dot,
    Variable(String),
    Literal(Data),
    Nil,
    Function(String),
    Pipe(Box<Pipe>),
}
