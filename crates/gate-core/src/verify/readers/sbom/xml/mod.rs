//! The rules of one version of an XML format: elements in their order, attributes, text.
//!
//! The tables are written in the language of `rules`, with these lines:
//!
//! ```text
//! element NAME [open[@VERSIONS]] [mixed]      `open`: other attributes may stand
//!   = TYPE [>CAPTURE]                   its text
//!   @ATTRIBUTE[!] TYPE [>CAPTURE]
//!   CHILD[?*+] TYPE [>CAPTURE]
//!   sequence[?*] { ... } | choice[?*] { ... } | any*     `any`: elements of other namespaces
//! ```

mod check;
mod content;
mod parse;

use super::rules::Type;

pub(super) use check::check_xml;

/// The rules of one version of one format.
#[derive(Debug)]
pub(super) struct Elements {
    types: Vec<ElementType>,
    /// The root element's type and name.
    root: Kind,
    root_name: String,
}

/// What an element holds.
#[derive(Debug, Default)]
struct ElementType {
    attributes: Vec<Attribute>,
    /// Whether other attributes may stand.
    open: bool,
    /// Whether text may stand between its children.
    mixed: bool,
    text: Option<(Type, Option<&'static str>)>,
    content: Vec<Particle>,
}

#[derive(Debug)]
struct Attribute {
    name: String,
    kind: Type,
    required: bool,
    capture: Option<&'static str>,
}

/// A part of what an element holds, and how often it stands there.
#[derive(Debug)]
struct Particle {
    what: What,
    /// Whether it may be left out.
    optional: bool,
    /// Whether it may stand more than once.
    repeated: bool,
}

#[derive(Debug)]
enum What {
    Child(Child),
    Sequence(Vec<Particle>),
    Choice(Vec<Particle>),
    /// An element of another namespace.
    Other,
}

#[derive(Debug)]
struct Child {
    name: String,
    kind: Kind,
    capture: Option<&'static str>,
}

/// What is known of an element.
#[derive(Debug, Clone)]
enum Kind {
    /// Text alone.
    Text(Type),
    /// Index into the types.
    Element(usize),
    Any,
}
