//! METADATA annotations.

use super::Span;
use crate::engine::value::Value;

/// What an annotation speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AnnotationScope {
    /// The next rule.
    Rule,
    /// All rules of the next rule's name.
    Document,
    /// The package, in this module.
    Package,
    /// The package and all below it.
    Subpackages,
}

impl AnnotationScope {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Rule => "rule",
            Self::Document => "document",
            Self::Package => "package",
            Self::Subpackages => "subpackages",
        }
    }
}

/// A METADATA block.
#[derive(Debug, Clone)]
pub(crate) struct Annotations {
    /// The comment lines, the one of `# METADATA` included.
    pub(crate) span: Span,
    pub(crate) scope: AnnotationScope,
    /// Its content as `rego.metadata.rule()` gives it, with `scope`.
    pub(crate) content: Value,
}
