//! XML: attributes as `-name`, text as `#content` or as the value where there is nothing else, elements
//! of one name as a list.

use serde_json::{Map, Value};

use crate::limits;
use crate::markup::{Doctype, Token, tokens};

/// How names and texts are taken.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// Attributes' names as they stand, all texts of an element together.
    Whole,
    /// As Conftest has them: attributes without their prefix, and of the texts of an element the last.
    Conftest,
}

impl Style {
    fn attribute(self, name: &str) -> &str {
        match self {
            Self::Whole => name,
            Self::Conftest => name.rsplit_once(':').map_or(name, |(_, local)| local),
        }
    }
}

/// Reads a document. A document type is taken for the bare declaration that it is, or refused.
pub(super) fn read(text: &str, style: Style) -> Result<Value, String> {
    let mut open: Vec<Node> = vec![Node::default()];
    let mut left = limits::DOCUMENT_VALUES;
    tokens(text, Doctype::Ignored, |token| {
        match token {
            Token::Open(element) => {
                left = left
                    .checked_sub(1 + element.attributes.len())
                    .ok_or_else(|| format!("holds more than {} values", limits::DOCUMENT_VALUES))?;
                let attributes = element.attributes.into_iter();
                let members = attributes
                    .map(|(key, value)| (format!("-{}", style.attribute(&key)), value.into()));
                open.push(Node {
                    name: element.name,
                    members: members.collect(),
                    ..Node::default()
                });
            }
            Token::Text(text) => {
                if let Some(node) = open.last_mut() {
                    if node.parted && style == Style::Conftest {
                        node.text.clear();
                        node.parted = false;
                    }
                    node.text.push_str(text);
                }
            }
            Token::Close => {
                let node = open.pop().unwrap_or_default();
                if let Some(parent) = open.last_mut() {
                    parent.parted = true;
                    let Node { name, members, text, .. } = node;
                    parent.add(name, value(members, text.trim()));
                }
            }
        }
        Ok(())
    })
    .map_err(|error| error.to_string())?;
    Ok(Value::Object(open.pop().unwrap_or_default().members))
}

#[derive(Default)]
struct Node {
    name: String,
    members: Map<String, Value>,
    text: String,
    /// Whether an element ended after the text.
    parted: bool,
}

impl Node {
    fn add(&mut self, name: String, value: Value) {
        match self.members.get_mut(&name) {
            None => {
                self.members.insert(name, value);
            }
            Some(Value::Array(list)) => list.push(value),
            Some(one) => *one = Value::Array(vec![one.take(), value]),
        }
    }
}

fn value(mut members: Map<String, Value>, text: &str) -> Value {
    if members.is_empty() {
        return text.into();
    }
    if !text.is_empty() {
        members.insert("#content".to_owned(), text.into());
    }
    Value::Object(members)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn elements_are_members_and_repeated_ones_lists() {
        let text = "<?xml version='1.0'?><project xmlns='urn:m' a='1'><name>shop</name><d><id>x</id></d><d>y</d><d/><e b='2'> t &amp; u </e></project>";
        let expected = json!({"project": {
            "-xmlns": "urn:m", "-a": "1", "name": "shop", "d": [{"id": "x"}, "y", ""], "e": {"-b": "2", "#content": "t & u"},
        }});
        assert_eq!(read(text, Style::Whole).unwrap(), expected);
    }

    #[test]
    fn conftest_has_attributes_without_prefix_and_the_last_text() {
        let text = "<m:a m:x='1'>one<b/>two</m:a>";
        let expected = json!({"a": {"-x": "1", "b": "", "#content": "two"}});
        assert_eq!(read(text, Style::Conftest).unwrap(), expected);
        let whole = json!({"a": {"-m:x": "1", "b": "", "#content": "onetwo"}});
        assert_eq!(read(text, Style::Whole).unwrap(), whole);
    }
}
