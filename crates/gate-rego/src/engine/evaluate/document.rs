//! Documents: base data and what rules make of it, as one tree.

use std::sync::Arc;

use super::scope::written;
use super::{Defined, Failure, Frame, Session};
use crate::engine::ast::Span;
use crate::engine::program::{Base, GroupId, GroupKind, NodeId};
use crate::engine::value::Value;

/// Where a look into a document has come to.
#[derive(Debug, Clone)]
pub(super) enum Place {
    /// A value: nothing below it is made by rules.
    Value(Value),
    /// A place with rules below it, and the base data there.
    Node(NodeId, Option<Value>),
}

impl Place {
    /// `data`.
    pub(super) fn root(session: &Session<'_>) -> Self {
        Self::Node(NodeId(0), Some(session.scope.data.clone()))
    }
}

impl<'p> Session<'p> {
    /// Where a reference starts; `None` where that is undefined.
    pub(super) fn base(
        &mut self,
        base: &'p Base,
        frame: &mut Frame,
        span: Span,
    ) -> Result<Option<Place>, Failure> {
        Ok(match base {
            Base::Input => self.scope.input.clone().map(Place::Value),
            Base::Term(term) => self.term(term, frame)?.map(Place::Value),
            Base::Group(group) => self.group(*group, span)?.map(Place::Value),
            Base::Data(path) => below(Some(&self.scope.data), path).cloned().map(Place::Value),
            Base::Node(id) => {
                let program = self.program;
                let path = &program.node(*id).path;
                self.node(*id, below(Some(&self.scope.data), path).cloned())
            }
        })
    }

    /// Whether rules make the value at a place.
    pub(super) fn is_made(&self, place: &Place) -> bool {
        matches!(place, Place::Node(id, _) if self.program.node(*id).group.is_some())
    }

    /// What stands at a path below a place.
    pub(super) fn at(&mut self, place: Place, path: &[Value], span: Span) -> Defined {
        let mut place = Some(place);
        for key in path {
            place = match place {
                Some(place) => self.under(&place, key, span)?,
                None => return Ok(None),
            };
        }
        place.map_or(Ok(None), |place| self.whole(place, span))
    }

    /// The place under a key.
    pub(super) fn under(
        &mut self,
        place: &Place,
        key: &Value,
        span: Span,
    ) -> Result<Option<Place>, Failure> {
        let program = self.program;
        match place {
            Place::Value(value) => Ok(value.get(key).cloned().map(Place::Value)),
            Place::Node(id, base) => {
                let node = program.node(*id);
                if let Some(group) = node.group {
                    let Some(value) = self.group(group, span)? else { return Ok(None) };
                    return Ok(value.get(key).cloned().map(Place::Value));
                }
                let base = base.as_ref().and_then(|base| stored(base, key)).cloned();
                match key.as_str().and_then(|name| node.child(name)) {
                    Some(child) => Ok(self.node(child, base)),
                    None => Ok(base.map(Place::Value)),
                }
            }
        }
    }

    /// A node with the base data there, or the data alone where that replaces the rules.
    fn node(&self, id: NodeId, base: Option<Value>) -> Option<Place> {
        if self.is_replaced(&self.program.node(id).path) {
            return base.map(Place::Value);
        }
        Some(Place::Node(id, base))
    }

    /// The keys below a place, in order, with what is under each.
    pub(super) fn places_under(&mut self, place: Place, span: Span) -> Result<Places, Failure> {
        let program = self.program;
        match place {
            Place::Value(value) => Ok(Places::Value(value)),
            Place::Node(id, base) => {
                let node = program.node(id);
                if let Some(group) = node.group {
                    let value = self.group(group, span)?;
                    return Ok(Places::Value(value.unwrap_or(Value::Null)));
                }
                let mut keys: Vec<Value> =
                    node.children.iter().map(|(name, _)| Value::from(name.clone())).collect();
                if let Some(object) = base.as_ref().and_then(Value::as_object) {
                    keys.extend(object.keys().cloned());
                    keys.sort();
                    keys.dedup();
                }
                Ok(Places::Node(id, base, keys))
            }
        }
    }

    /// The value of a place, rules and base data joined.
    pub(super) fn whole(&mut self, place: Place, span: Span) -> Defined {
        let program = self.program;
        let (id, base) = match place {
            Place::Value(value) => return Ok(Some(value)),
            Place::Node(id, base) => (id, base),
        };
        let node = program.node(id);
        if let Some(group) = node.group {
            if matches!(program.group(group).kind, GroupKind::Function(_)) {
                return Ok(None);
            }
            return self.group(group, span);
        }
        if self.is_replaced(&node.path) {
            return Ok(base);
        }
        let mut entries = match &base {
            Some(Value::Object(object)) => object.as_slice().to_vec(),
            Some(other) if !node.path.is_empty() => return Ok(Some(other.clone())),
            _ => Vec::new(),
        };
        for (name, child) in &node.children {
            let key = Value::from(name.clone());
            let below = base.as_ref().and_then(|base| base.get(&key)).cloned();
            self.keep::<(Value, Value)>(span)?;
            if let Some(value) = self.whole(Place::Node(*child, below), span)? {
                entries.push((key, value));
            }
        }
        Ok(Some(Value::object(entries)))
    }

    /// The document that a group's rules make, or what replaces it.
    pub(super) fn group(&mut self, id: GroupId, span: Span) -> Defined {
        self.group_at(id, &[], span)
    }

    /// The same as far as it matters to a look under these keys.
    pub(super) fn group_at(&mut self, id: GroupId, keys: &[Value], span: Span) -> Defined {
        if self.scope.replaced.is_empty() {
            return self.made_at(id, keys, span);
        }
        let program = self.program;
        let path = &program.group(id).path;
        if self.is_replaced(path) {
            return Ok(below(Some(&self.scope.data), path).cloned());
        }
        // A part of the document is replaced: the rest is what the rules make.
        let parts: Vec<_> = self
            .scope
            .replaced
            .iter()
            .filter(|(replaced, _)| replaced.len() > path.len() && replaced.starts_with(path))
            .cloned()
            .collect();
        let mut value = self.made_at(id, keys, span)?;
        for (replaced, part) in parts {
            value = Some(written(value.as_ref(), &replaced[path.len()..], part));
        }
        Ok(value)
    }

    /// Whether the document at this path is replaced as a whole, so that no rule makes it and what it
    /// is stands in the data.
    fn is_replaced(&self, path: &[Arc<str>]) -> bool {
        self.scope.replaced.iter().any(|(replaced, _)| path.starts_with(replaced))
    }
}

/// Keys with what is under them.
pub(super) enum Places {
    /// A collection's.
    Value(Value),
    /// Those of a place with rules below it.
    Node(NodeId, Option<Value>, Vec<Value>),
}

/// What stands at a constant path in base data.
pub(super) fn below<'v>(mut value: Option<&'v Value>, path: &[Arc<str>]) -> Option<&'v Value> {
    for part in path {
        value = value?.field(part);
    }
    value
}

/// What base data at a place keeps under a key.
pub(super) fn kept(place: &Place, key: &Value) -> Option<Place> {
    let Place::Value(value) = place else { return None };
    stored(value, key).cloned().map(Place::Value)
}

/// What base data has under a key. Its paths are text in OPA: a number finds the key that is it in
/// text.
pub(super) fn stored<'v>(value: &'v Value, key: &Value) -> Option<&'v Value> {
    match (value.get(key), key) {
        (None, Value::Number(number)) => value.field(&number.to_string()),
        (found, _) => found,
    }
}
