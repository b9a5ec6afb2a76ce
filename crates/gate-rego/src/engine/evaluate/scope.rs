//! What `with` replaces: the input, base data, documents, functions; and what was found out under it.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Failure, Frame, Session};
use crate::engine::program::{GroupId, With, WithTarget, WithValue};
use crate::engine::value::{Object, Value};

/// The surroundings of an evaluation, the same for all of it but for steps with `with`.
#[derive(Clone)]
pub(super) struct Scope {
    pub(super) input: Option<Value>,
    /// The base documents, with replacements written in.
    pub(super) data: Value,
    /// Replaced documents, the latest last: rules at, above and below these paths give way.
    pub(super) replaced: Vec<(Arc<[Arc<str>]>, Value)>,
    /// Replaced functions of the policy.
    pub(super) functions: HashMap<GroupId, Substitute>,
    /// Replaced builtins, by name.
    pub(super) builtins: HashMap<&'static str, Substitute>,
    /// The documents that rules made. `None` is undefined.
    pub(super) documents: HashMap<GroupId, Option<Value>>,
    /// Objects of which only what is under these keys was made.
    pub(super) parts: HashMap<(GroupId, Vec<Value>), Option<Value>>,
    /// Comprehensions that read nothing of their surroundings, by their place in the program.
    pub(super) comprehensions: HashMap<usize, Value>,
}

/// What a call of a replaced function does.
#[derive(Debug, Clone)]
pub(super) enum Substitute {
    /// It has this value.
    Value(Value),
    /// It calls this function.
    Function(GroupId),
    /// It calls this builtin.
    Builtin(&'static crate::engine::builtins::Declared),
}

impl Scope {
    pub(super) fn new(data: Value, input: Option<Value>) -> Self {
        Self {
            input,
            data,
            replaced: Vec::new(),
            functions: HashMap::new(),
            builtins: HashMap::new(),
            documents: HashMap::new(),
            parts: HashMap::new(),
            comprehensions: HashMap::new(),
        }
    }

    /// The same surroundings, of which nothing is known yet.
    fn inner(&self) -> Self {
        Self {
            input: self.input.clone(),
            data: self.data.clone(),
            replaced: self.replaced.clone(),
            functions: self.functions.clone(),
            builtins: self.builtins.clone(),
            documents: HashMap::new(),
            parts: HashMap::new(),
            comprehensions: HashMap::new(),
        }
    }
}

impl<'p> Session<'p> {
    /// The scope under these replacements; `None` where one of their values is undefined.
    pub(super) fn scope_with(
        &mut self,
        with: &'p [With],
        frame: &mut Frame,
    ) -> Result<Option<Scope>, Failure> {
        let mut scope = self.scope.inner();
        for replacement in with {
            let substitute = match &replacement.value {
                WithValue::Term(term) => match self.term(term, frame)? {
                    Some(value) => Substitute::Value(value),
                    None => return Ok(None),
                },
                WithValue::Function(group) => Substitute::Function(*group),
                WithValue::Builtin(declared) => Substitute::Builtin(declared),
            };
            scope.replace(&replacement.target, substitute);
        }
        Ok(Some(scope))
    }
}

impl Scope {
    fn replace(&mut self, target: &WithTarget, substitute: Substitute) {
        match (target, substitute) {
            (WithTarget::Input(path), Substitute::Value(value)) => {
                self.input = Some(written(self.input.as_ref(), path, value));
            }
            (WithTarget::Data(path), Substitute::Value(value)) => {
                self.data = written(Some(&self.data), path, value.clone());
                self.replaced.push((Arc::from(&**path), value));
            }
            (WithTarget::Function(group), substitute) => {
                self.functions.insert(*group, substitute);
            }
            (WithTarget::Builtin(declared), substitute) => {
                self.builtins.insert(declared.declaration.name, substitute);
            }
            // The compiler lets only values stand for documents.
            (WithTarget::Input(_) | WithTarget::Data(_), _) => {}
        }
    }
}

/// The document with a value written at a path: objects are made where there are none.
pub(super) fn written(document: Option<&Value>, path: &[Arc<str>], value: Value) -> Value {
    let Some((first, rest)) = path.split_first() else { return value };
    let key = Value::from(first.clone());
    let below = document.and_then(|document| document.as_object()?.get(&key));
    let value = written(below, rest, value);
    let mut entries = match document {
        Some(Value::Object(object)) => object.as_slice().to_vec(),
        _ => Vec::new(),
    };
    entries.push((key, value));
    Value::Object(Arc::new(Object::new(entries)))
}
