//! The way from the outermost value to one within it, written as a JSON pointer when it is needed.

use std::fmt;

/// A way, kept on the stack: nothing is allocated for values that are in order.
#[derive(Debug, Clone, Copy)]
pub(in super::super) enum Path<'p> {
    Root,
    Key(&'p Path<'p>, &'p str),
    Index(&'p Path<'p>, usize),
    /// A line of text or XML.
    Line(usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Key(parent, key) => {
                write!(f, "{parent}/{}", key.replace('~', "~0").replace('/', "~1"))
            }
            Self::Line(line) => write!(f, "line {line}"),
            Self::Index(parent, index) => write!(f, "{parent}/{index}"),
        }
    }
}
