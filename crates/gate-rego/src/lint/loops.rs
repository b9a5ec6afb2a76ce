//! Loops that a lookup would replace.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::walk::bodies;
use super::{Check, Look, is_test_file};
use crate::engine::ast::{Body, Call, LiteralKind, Module, Span, Term, TermKind};

pub(super) fn check(look: &mut Look<'_>) {
    for module in look.trees.iter().filter(|module| !is_test_file(module)) {
        for rule in &module.rules {
            let mut found = Vec::new();
            bodies(rule, &mut |body| body_loops(module, body, &mut found));
            for (span, message) in found {
                look.add(Check::SlowLoop, span, message);
            }
        }
    }
}

/// A variable that goes through a collection, and those that the collection depends on.
struct Loop<'a> {
    collection: &'a Term,
    within: Vec<Arc<str>>,
}

fn body_loops(module: &Module, body: &Body, found: &mut Vec<(Span, String)>) {
    let mut loops: BTreeMap<Arc<str>, Loop<'_>> = BTreeMap::new();
    for literal in &body.literals {
        match &literal.kind {
            LiteralKind::SomeIn { value, collection, .. } => {
                let Some(name) = value.as_variable() else { continue };
                let mut within = roots(collection);
                let outer: Vec<_> = within.iter().filter_map(|name| loops.get(name)).collect();
                let further: Vec<_> = outer.iter().flat_map(|one| one.within.clone()).collect();
                within.extend(further);
                loops.insert(Arc::clone(name), Loop { collection, within });
            }
            LiteralKind::Expression(Term { kind: TermKind::Call(call), .. }) => {
                if let Some(message) = joined(module, call, &loops) {
                    found.push((literal.span, message));
                }
            }
            _ => {}
        }
    }
}

fn joined(module: &Module, call: &Call, loops: &BTreeMap<Arc<str>, Loop<'_>>) -> Option<String> {
    let ([operator], [left, right]) = (call.operator.as_slice(), call.arguments.as_slice()) else {
        return None;
    };
    if &*operator.text != "equal" {
        return None;
    }
    let (one, other) = (looped(left, loops), looped(right, loops));
    let text = |term: &Term| term.span.text(&module.source).to_owned();
    match (one, other) {
        // Each pair is tried, where one of the two could be found by its key.
        (Some(one), Some(other)) if one != other => {
            let apart = |a: &Arc<str>, b: &Arc<str>| !loops[a].within.contains(b);
            (apart(&one, &other) && apart(&other, &one)).then(|| {
                let (inner, key) = (text(loops[&other].collection), text(right));
                format!("each pair of `{one}` and `{other}` is compared: make an object of `{inner}` by `{key}` once, and look it up")
            })
        }
        (Some(name), None) if left.as_variable() == Some(&name) => {
            Some(membership(&text(right), &text(loops[&name].collection)))
        }
        (None, Some(name)) if right.as_variable() == Some(&name) => {
            Some(membership(&text(left), &text(loops[&name].collection)))
        }
        _ => None,
    }
}

fn membership(element: &str, collection: &str) -> String {
    format!("the loop looks for one value: write `{element} in {collection}`")
}

/// The loop variable that a term looks into.
fn looped(term: &Term, loops: &BTreeMap<Arc<str>, Loop<'_>>) -> Option<Arc<str>> {
    let name = match &term.kind {
        TermKind::Variable(name) => name,
        TermKind::Reference(reference) => reference.head.as_variable()?,
        _ => return None,
    };
    loops.contains_key(name).then(|| Arc::clone(name))
}

fn roots(term: &Term) -> Vec<Arc<str>> {
    let mut names = Vec::new();
    super::walk::term(term, &mut |one| names.extend(one.as_variable().cloned()));
    names
}
