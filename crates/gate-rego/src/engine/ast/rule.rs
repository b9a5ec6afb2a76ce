//! Rules.

use super::{Body, Name, Span, Term};

/// A rule. What the parser makes of several bodies (`p { a } { b }`) is several rules.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(crate) span: Span,
    /// Whether it is written `default head := value`.
    pub(crate) default: bool,
    pub(crate) head: Head,
    /// The body; none for `p := 1`.
    pub(crate) body: Option<Body>,
    /// The `else` branches in order.
    pub(crate) otherwise: Vec<Else>,
    /// The numbers of the module's annotations that stand before the rule.
    pub(crate) annotations: Vec<u32>,
}

/// `name.path[x](arguments) := value` or `name.path[x] contains key`.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    pub(crate) span: Span,
    pub(crate) name: Name,
    /// What follows the name: `.a` is a string, `[x]` any term.
    pub(crate) path: Vec<Term>,
    /// The arguments of a function.
    pub(crate) arguments: Option<Vec<Term>>,
    /// What the rule says of its reference.
    pub(crate) key: Key,
    /// Whether the value is given with `:=`.
    pub(crate) assigned: bool,
}

/// What a rule defines.
#[derive(Debug, Clone)]
pub(crate) enum Key {
    /// A value: `p := value`, `p.q[x] = value`; `true` where it is not written.
    Value(Option<Term>),
    /// An element of a set: `p contains element`, in v0 `p[element]`.
    Contains(Term),
}

/// `else := value if { body }`.
#[derive(Debug, Clone)]
pub(crate) struct Else {
    pub(crate) span: Span,
    pub(crate) value: Option<Term>,
    pub(crate) body: Option<Body>,
}
