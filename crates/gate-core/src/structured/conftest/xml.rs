//! XML in which names have no prefix, and of the texts of an element the last one counts.

use serde_json::{Map, Value};

use crate::limits;
use crate::markup::{Doctype, Token, tokens};

#[derive(Default)]
struct Node {
    name: String,
    members: Map<String, Value>,
    text: String,
    /// Whether an element ended after the text.
    parted: bool,
}

/// Reads a document.
pub(super) fn read(text: &str) -> Result<Value, String> {
    let mut open: Vec<Node> = vec![Node::default()];
    let mut left = limits::DOCUMENT_VALUES;
    tokens(text, Doctype::Ignored, |token| {
        match token {
            Token::Open(element) => {
                left = left
                    .checked_sub(1 + element.attributes.len())
                    .ok_or_else(|| format!("holds more than {} values", limits::DOCUMENT_VALUES))?;
                let attributes = element.attributes.into_iter();
                let members =
                    attributes.map(|(key, value)| (format!("-{}", local(&key)), value.into()));
                open.push(Node {
                    name: local(&element.name).to_owned(),
                    members: members.collect(),
                    ..Node::default()
                });
            }
            Token::Text(text) => {
                if let Some(node) = open.last_mut() {
                    if node.parted {
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

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
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
