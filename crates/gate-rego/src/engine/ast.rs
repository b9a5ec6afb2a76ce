//! The syntax tree of a module as it was written: every node with its place, nothing resolved yet.

use std::sync::Arc;

mod annotation;
mod literal;
mod rule;
mod term;

pub(crate) use annotation::{AnnotationScope, Annotations};
pub(crate) use literal::{Body, Literal, LiteralKind, SomeDeclaration, With};
pub(crate) use rule::{Else, Head, Key, Rule};
pub(crate) use term::{
    Call, Comprehension, ComprehensionKind, Notation, Reference, Template, TemplatePart, Term,
    TermKind,
};

/// A stretch of a module's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Span {
    /// The module's number among those compiled together.
    pub(crate) file: u32,
    /// The first byte.
    pub(crate) start: u32,
    /// The byte behind the last one.
    pub(crate) end: u32,
    /// The line of the first byte, from 1.
    pub(crate) line: u32,
    /// The column of the first byte, from 1, in characters.
    pub(crate) column: u32,
}

impl Span {
    /// From the start of this one to the end of another.
    pub(crate) fn to(self, last: Self) -> Self {
        Self { end: last.end.max(self.end), ..self }
    }

    /// The text of the span in its module's source.
    pub(crate) fn text(self, source: &str) -> &str {
        source.get(self.start as usize..self.end as usize).unwrap_or("")
    }
}

/// A name in the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name {
    pub(crate) text: Arc<str>,
    pub(crate) span: Span,
}

/// Which Rego a module is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    /// Before 1.0: `if` and `contains` are optional and have to be imported.
    V0,
    /// 1.0 and later, and what says `import rego.v1`.
    V1,
}

/// A module.
#[derive(Debug, Clone)]
pub(crate) struct Module {
    /// The name that errors show, usually a path.
    pub(crate) path: Arc<str>,
    pub(crate) source: Arc<str>,
    pub(crate) version: Version,
    pub(crate) package: Package,
    pub(crate) imports: Vec<Import>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) comments: Vec<Comment>,
    pub(crate) annotations: Vec<Annotations>,
}

/// `package a.b["c"]`.
#[derive(Debug, Clone)]
pub(crate) struct Package {
    pub(crate) span: Span,
    /// The parts of the path, without `data`.
    pub(crate) path: Vec<Name>,
}

/// `import data.a.b as c`.
#[derive(Debug, Clone)]
pub(crate) struct Import {
    pub(crate) span: Span,
    /// The path with its root: `data`, `input`, `future` or `rego`.
    pub(crate) path: Vec<Name>,
    pub(crate) alias: Option<Name>,
}

impl Import {
    /// The name under which the import is used.
    pub(crate) fn name(&self) -> Option<&Name> {
        self.alias.as_ref().or_else(|| self.path.last())
    }
}

/// A comment, from behind its `#` to the end of the line.
#[derive(Debug, Clone)]
pub(crate) struct Comment {
    pub(crate) span: Span,
    pub(crate) text: Arc<str>,
}
