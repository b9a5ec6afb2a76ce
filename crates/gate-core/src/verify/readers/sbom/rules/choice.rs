//! Which of several types a value is.

use serde::de::{DeserializeSeed, Error};
use serde_json::Value;

use super::node::Node;
use super::run::Nobody;
use super::text::shortened;
use super::{Rules, Run, Sink, Type};

/// What a value is before a closer look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Null,
    Bool,
    Number,
    Text,
    List,
    Object,
}

impl Shape {
    pub(super) const fn in_words(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool => "true or false",
            Self::Number => "a number",
            Self::Text => "text",
            Self::List => "a list",
            Self::Object => "an object",
        }
    }
}

/// Whether a value of this shape can be of this type.
pub(super) fn accepts(kind: &Type, shape: Shape) -> bool {
    match kind {
        Type::Any => true,
        Type::Text(_) => shape == Shape::Text,
        Type::Bool => shape == Shape::Bool,
        Type::Number { .. } => shape == Shape::Number,
        Type::List(_) => shape == Shape::List,
        Type::Object(_) | Type::Kind(_) => shape == Shape::Object,
        Type::Choice { of, .. } => of.iter().any(|it| accepts(it, shape)),
    }
}

/// A type for people.
pub(super) fn in_words(kind: &Type, rules: &Rules) -> String {
    match kind {
        Type::Any => "anything".to_owned(),
        Type::Text(_) => "text".to_owned(),
        Type::Bool => "true or false".to_owned(),
        Type::Number { whole: true, .. } => "a whole number".to_owned(),
        Type::Number { .. } => "a number".to_owned(),
        Type::List(_) => "a list".to_owned(),
        Type::Object(index) => format!("an object `{}`", rules.objects[*index].name),
        Type::Kind(name) => format!("an object of the kind `{name}`"),
        Type::Choice { of, .. } => {
            of.iter().map(|it| in_words(it, rules)).collect::<Vec<_>>().join(" or ")
        }
    }
}

/// What is wrong with text that may be one of several things.
pub(super) fn text(text: &str, exactly_one: bool, of: &[Type]) -> Option<String> {
    let faults = of.iter().filter_map(|kind| match kind {
        Type::Text(rule) => Some(rule.fault(text)),
        _ => None,
    });
    let faults: Vec<Option<String>> = faults.collect();
    match faults.iter().filter(|fault| fault.is_none()).count() {
        0 => faults.into_iter().flatten().next().or_else(|| Some("is text".to_owned())),
        1 => None,
        _ => exactly_one.then(|| format!("`{}` can be read in two ways", shortened(text))),
    }
}

impl<S: Sink> Node<'_, '_, S> {
    /// Takes the alternatives one by one, tells of the one that fits best and walks along it.
    pub(super) fn closer<E: Error>(self, value: &Value) -> Result<u64, E> {
        match self.kind {
            Type::Choice { exactly_one, of } => {
                let mut fits = vec![];
                let mut nearest: Option<(usize, &Type)> = None;
                for kind in of {
                    let faults = self.faults(kind, value)?;
                    if faults == 0 {
                        fits.push(kind);
                    }
                    if nearest.is_none_or(|(least, _)| faults < least) {
                        nearest = Some((faults, kind));
                    }
                }
                if *exactly_one && fits.len() > 1 {
                    self.run.wrong(self.path, "can be read in two ways");
                }
                let kind = nearest.map_or(&Type::Any, |(_, kind)| kind);
                self.along(kind, value)
            }
            Type::Kind(above) => {
                let name = value.get("type").and_then(Value::as_str).unwrap_or_default();
                let index = self.rules.objects.iter().position(|object| object.name == name);
                let object = index.map(|index| (index, &self.rules.objects[index]));
                let kind = match object {
                    Some((index, object)) if object.kinds.iter().any(|kind| kind == above) => {
                        if object.abstract_ {
                            let words = format!("`{name}` is abstract: use one of its kinds");
                            self.run.wrong(self.path, words);
                        }
                        Type::Object(index)
                    }
                    // Types of one's own stand under a full IRI.
                    None if name.contains(':') => Type::Any,
                    _ => {
                        let words = format!("the type `{}` is no {above}", shortened(name));
                        self.run.wrong(self.path, words);
                        Type::Any
                    }
                };
                self.along(&kind, value)
            }
            _ => self.along(&Type::Any, value),
        }
    }

    fn along<E: Error>(self, kind: &Type, value: &Value) -> Result<u64, E> {
        Node { kind, ..self }.deserialize(value).map_err(E::custom)
    }

    fn faults<E: Error>(&self, kind: &Type, value: &Value) -> Result<usize, E> {
        let mut nobody = Nobody;
        let mut run = Run::new(&mut nobody);
        let (rules, path, depth) = (self.rules, self.path, self.depth);
        let (capture, live, hashed) = (None, false, false);
        Node { rules, kind, path, run: &mut run, depth, capture, live, hashed }
            .deserialize(value)
            .map_err(E::custom)?;
        Ok(run.count)
    }
}
