//! What a branch demands of documents and arguments, known before its body is tried. OPA's rule
//! index asks the same; where a demand is not met, the body is never entered, and neither an error
//! in it nor anything that it prints is seen.

use std::sync::Arc;

use crate::engine::value::Value;

/// A demand. All of a branch's must be met.
#[derive(Debug)]
pub(crate) enum Guard {
    /// What is at a place has to be there and to be as one of these wants it.
    Place(Place, Box<[Want]>),
    /// What is at the first place has to be a key of the collection in the second one. Asked only
    /// where the group may have several values.
    Key(Place, Place),
}

/// Where a demand is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    Input(Vec<Value>),
    /// Base data alone.
    Data(Vec<Value>),
    /// An argument of the function.
    Argument(usize),
}

/// What a value has to be like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Want {
    /// Anything at all.
    Defined,
    Equal(Value),
    /// An array with these items; anything where none is said.
    Items(Vec<Option<Value>>),
    /// A text that has these parts between delimiters.
    Parts {
        delimiters: Arc<str>,
        parts: Vec<Option<Arc<str>>>,
    },
    /// A collection that holds a value.
    Holds(Value),
    /// A text that starts so, or a collection of which one does.
    Starts(Arc<str>),
    /// A text that ends so, or a collection of which one does.
    Ends(Arc<str>),
}

/// The parts of a text between delimiters that no backslash escapes.
pub(crate) fn split<'t>(text: &'t str, delimiters: &str) -> Vec<&'t str> {
    let (mut parts, mut start, mut escaped) = (Vec::new(), 0, false);
    for (at, letter) in text.char_indices() {
        if letter == '\\' || escaped {
            escaped = !escaped;
        } else if delimiters.contains(letter) {
            parts.push(&text[start..at]);
            start = at + letter.len_utf8();
        }
    }
    parts.push(&text[start..]);
    parts
}
