//! The names that a body declares with `:=` and `some`.

use std::collections::HashSet;
use std::sync::Arc;

use crate::engine::ast::{Body, LiteralKind, Term, TermKind};

/// All names that literals of a body itself declare, not those of bodies inside it.
pub(super) fn declared_names(body: &Body) -> HashSet<Arc<str>> {
    let mut names = HashSet::new();
    for literal in &body.literals {
        match &literal.kind {
            LiteralKind::Assign(left, _) => pattern_names(left, &mut names),
            LiteralKind::Some(declaration) => {
                names.extend(declaration.names.iter().map(|name| Arc::clone(&name.text)));
            }
            LiteralKind::SomeIn { key, value, .. } => {
                if let Some(key) = key {
                    pattern_names(key, &mut names);
                }
                pattern_names(value, &mut names);
            }
            _ => {}
        }
    }
    names
}

/// The names that matching a pattern binds: in arrays and in the values of objects.
pub(super) fn pattern_names(term: &Term, names: &mut HashSet<Arc<str>>) {
    match &term.kind {
        TermKind::Variable(name) => {
            names.insert(Arc::clone(name));
        }
        TermKind::Array(items) => items.iter().for_each(|item| pattern_names(item, names)),
        TermKind::Object(entries) => {
            for (_, value) in entries {
                pattern_names(value, names);
            }
        }
        _ => {}
    }
}

/// All names in a term, those of references and calls included, comprehensions aside.
pub(super) fn all_names(term: &Term, names: &mut HashSet<Arc<str>>) {
    match &term.kind {
        TermKind::Variable(name) => {
            names.insert(Arc::clone(name));
        }
        TermKind::Reference(reference) => {
            all_names(&reference.head, names);
            for part in &reference.path {
                all_names(part, names);
            }
        }
        TermKind::Call(call) => call.arguments.iter().for_each(|item| all_names(item, names)),
        TermKind::Array(items) | TermKind::Set(items) => {
            for item in items {
                all_names(item, names);
            }
        }
        TermKind::Object(entries) => entries.iter().for_each(|(key, value)| {
            all_names(key, names);
            all_names(value, names);
        }),
        _ => {}
    }
}
