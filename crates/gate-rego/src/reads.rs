//! Which places of the input document the rules of a module read, as far as their text says: direct
//! references, imports, and names that stand for a part of the input.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::engine::ast::{
    Body, Comprehension, ComprehensionKind, Key, Literal, LiteralKind, Module, Notation, Rule,
    Span, TemplatePart, Term, TermKind,
};
use crate::error::Place;

/// One reference into the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputRead {
    /// Path of the module.
    pub file: String,
    /// The parts behind `input`.
    pub parts: Vec<InputPart>,
}

/// One part of a reference, with the place where it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputPart {
    /// What it names.
    pub key: InputKey,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
}

/// What a part of a reference names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InputKey {
    /// A key of an object.
    Field(String),
    /// A number: a place of a list.
    Index,
    /// Whatever a variable or a computed value names.
    Any,
}

/// A call of a function by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalledName {
    /// The name: `count`, `io.jwt.decode`.
    pub name: String,
    /// Where.
    pub place: Place,
}

/// What a module reads and calls, in order.
pub(crate) fn of(module: &Module) -> (Vec<InputRead>, Vec<CalledName>) {
    let mut walk = Walk {
        file: module.path.to_string(),
        scopes: vec![imports(module)],
        muted: 0,
        reads: vec![],
        calls: vec![],
    };
    for rule in &module.rules {
        walk.rule(rule);
    }
    (walk.reads, walk.calls)
}

type Path = Vec<InputPart>;
type Names = BTreeMap<Arc<str>, Option<Path>>;

fn imports(module: &Module) -> Names {
    let mut names = Names::new();
    for import in &module.imports {
        let Some(name) = import.name() else { continue };
        let from_input = import.path.first().is_some_and(|root| &*root.text == "input");
        let path = from_input.then(|| {
            let parts = import.path.iter().skip(1);
            parts.map(|part| part_at(InputKey::Field(part.text.to_string()), part.span)).collect()
        });
        names.insert(name.text.clone(), path);
    }
    names
}

fn part_at(key: InputKey, span: Span) -> InputPart {
    InputPart { key, line: span.line, column: span.column }
}

struct Walk {
    file: String,
    /// What names stand for, the innermost scope last: a part of the input, or something else.
    scopes: Vec<Names>,
    /// Within how many literals `with` replaces the input.
    muted: usize,
    reads: Vec<InputRead>,
    calls: Vec<CalledName>,
}

impl Walk {
    fn scoped(&mut self, work: impl FnOnce(&mut Self)) {
        self.scopes.push(Names::new());
        work(self);
        self.scopes.pop();
    }

    fn declare(&mut self, name: &Arc<str>, path: Option<Path>) {
        if let Some(names) = self.scopes.last_mut() {
            names.insert(name.clone(), path);
        }
    }

    /// Declares a name, or every name of a pattern, whose parts stand for nothing that is followed.
    fn declare_pattern(&mut self, pattern: &Term, path: Option<Path>) {
        match &pattern.kind {
            TermKind::Variable(name) => self.declare(name, path),
            TermKind::Array(items) => {
                for item in items {
                    self.declare_pattern(item, None);
                }
            }
            TermKind::Object(members) => {
                for (_, value) in members {
                    self.declare_pattern(value, None);
                }
            }
            _ => {}
        }
    }

    fn known(&self, name: &str) -> Option<&Option<Path>> {
        self.scopes.iter().rev().find_map(|names| names.get(name))
    }

    /// The part of the input that a term stands for.
    fn resolve(&self, term: &Term) -> Option<Path> {
        match &term.kind {
            TermKind::Variable(name) => match self.known(name) {
                Some(path) => path.clone(),
                None => (&**name == "input").then(Path::new),
            },
            TermKind::Reference(reference) => {
                let mut path = self.resolve(&reference.head)?;
                path.extend(reference.path.iter().map(|part| {
                    let key = match &part.kind {
                        TermKind::String(text) => InputKey::Field(text.to_string()),
                        TermKind::Number(_) => InputKey::Index,
                        _ => InputKey::Any,
                    };
                    part_at(key, part.span)
                }));
                Some(path)
            }
            _ => None,
        }
    }

    fn rule(&mut self, rule: &Rule) {
        self.scoped(|walk| {
            for argument in rule.head.arguments.iter().flatten() {
                walk.declare_pattern(argument, None);
            }
            // Branches share the arguments alone.
            walk.scoped(|walk| {
                walk.optional_body(rule.body.as_ref());
                rule.head.path.iter().for_each(|part| walk.term(part));
                match &rule.head.key {
                    Key::Value(value) => value.iter().for_each(|value| walk.term(value)),
                    Key::Contains(element) => walk.term(element),
                }
            });
            for branch in &rule.otherwise {
                walk.scoped(|walk| {
                    walk.optional_body(branch.body.as_ref());
                    branch.value.iter().for_each(|value| walk.term(value));
                });
            }
        });
    }

    fn optional_body(&mut self, body: Option<&Body>) {
        body.into_iter().flat_map(|body| &body.literals).for_each(|literal| self.literal(literal));
    }

    fn literal(&mut self, literal: &Literal) {
        let replaced = literal.with.iter().any(|with| self.resolve(&with.target).is_some());
        literal.with.iter().for_each(|with| self.term(&with.value));
        self.muted += usize::from(replaced);
        self.kind(&literal.kind);
        self.muted -= usize::from(replaced);
    }

    fn kind(&mut self, kind: &LiteralKind) {
        match kind {
            LiteralKind::Expression(term) => self.term(term),
            LiteralKind::Not(inner) => self.scoped(|walk| walk.kind(inner)),
            LiteralKind::Assign(pattern, value) => {
                self.term(value);
                let path = self.followed(value);
                self.declare_pattern(pattern, path);
            }
            LiteralKind::Unify(left, right) => {
                self.term(left);
                self.term(right);
                for (name, value) in [(left, right), (right, left)] {
                    if let Some(text) = name.as_variable()
                        && &**text != "input"
                        && self.known(text).is_none()
                        && let Some(path) = self.followed(value)
                    {
                        self.declare(text, Some(path));
                    }
                }
            }
            LiteralKind::Some(declaration) => {
                declaration.names.iter().for_each(|name| self.declare(&name.text, None));
            }
            LiteralKind::SomeIn { key, value, collection } => {
                self.term(collection);
                self.elements(key.as_ref(), value, collection);
            }
            LiteralKind::Every { key, value, domain, body } => {
                self.term(domain);
                self.scoped(|walk| {
                    walk.elements(key.as_ref(), value, domain);
                    walk.optional_body(Some(body));
                });
            }
        }
    }

    /// What a value stands for; nothing under `with`, where the input is another.
    fn followed(&self, value: &Term) -> Option<Path> {
        if self.muted > 0 { None } else { self.resolve(value) }
    }

    fn elements(&mut self, key: Option<&Term>, value: &Term, collection: &Term) {
        let path = self.followed(collection).map(|mut path| {
            path.push(part_at(InputKey::Any, value.span));
            path
        });
        if let Some(key) = key {
            self.declare_pattern(key, None);
        }
        self.declare_pattern(value, path);
    }

    fn term(&mut self, term: &Term) {
        match &term.kind {
            TermKind::Reference(reference) => {
                if self.muted == 0
                    && let Some(parts) = self.resolve(term)
                {
                    self.reads.push(InputRead { file: self.file.clone(), parts });
                }
                self.term(&reference.head);
                reference.path.iter().for_each(|part| self.term(part));
            }
            TermKind::Call(call) => {
                if call.notation == Notation::Plain {
                    let names: Vec<_> = call.operator.iter().map(|name| &*name.text).collect();
                    let Span { line, column, .. } = term.span;
                    let place = Place { path: self.file.clone(), line, column };
                    self.calls.push(CalledName { name: names.join("."), place });
                }
                call.arguments.iter().for_each(|it| self.term(it));
            }
            TermKind::Array(items) | TermKind::Set(items) => {
                for item in items {
                    self.term(item);
                }
            }
            TermKind::Object(members) => members.iter().for_each(|(key, value)| {
                self.term(key);
                self.term(value);
            }),
            TermKind::Comprehension(comprehension) => self.comprehension(comprehension),
            TermKind::Template(template) => {
                for part in &template.parts {
                    if let TemplatePart::Expression(literal) = part {
                        self.literal(literal);
                    }
                }
            }
            TermKind::Null
            | TermKind::Bool(_)
            | TermKind::Number(_)
            | TermKind::String(_)
            | TermKind::Variable(_) => {}
        }
    }

    fn comprehension(&mut self, comprehension: &Comprehension) {
        self.scoped(|walk| {
            walk.optional_body(Some(&comprehension.body));
            match &comprehension.kind {
                ComprehensionKind::Array(term) | ComprehensionKind::Set(term) => walk.term(term),
                ComprehensionKind::Object(key, value) => {
                    walk.term(key);
                    walk.term(value);
                }
            }
        });
    }
}

#[cfg(test)]
mod tests;
