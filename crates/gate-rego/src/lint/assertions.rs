//! Tests that hold whatever the policy does.

use super::{Check, Look};
use crate::engine::ast::{Key, LiteralKind, Rule, Term, TermKind};

pub(super) fn check(look: &mut Look<'_>) {
    for module in look.trees {
        for rule in module.rules.iter().filter(|rule| rule.head.name.text.starts_with("test_")) {
            if rule.head.arguments.is_none() && asserts_nothing(rule) {
                let name = &rule.head.name.text;
                let message = format!("`{name}` compares nothing: say what must hold");
                look.add(Check::AssertsNothing, rule.head.span, message);
            }
        }
    }
}

fn asserts_nothing(rule: &Rule) -> bool {
    // `test_x := a == b` asserts by its value.
    let constant = match &rule.head.key {
        Key::Value(value) => value.as_ref().is_none_or(is_constant),
        Key::Contains(_) => false,
    };
    let body = rule.body.iter().flat_map(|body| &body.literals);
    constant && rule.otherwise.is_empty() && body.map(|one| &one.kind).all(binds_only)
}

/// Whether a literal only names or prints something, or is constant.
fn binds_only(kind: &LiteralKind) -> bool {
    match kind {
        // What is assigned may be undefined, but a test that means that says so.
        LiteralKind::Assign(..) | LiteralKind::Some(_) | LiteralKind::SomeIn { .. } => true,
        LiteralKind::Expression(term) => is_constant(term) || is_print(term),
        LiteralKind::Not(_) | LiteralKind::Unify(..) | LiteralKind::Every { .. } => false,
    }
}

fn is_constant(term: &Term) -> bool {
    matches!(
        term.kind,
        TermKind::Null | TermKind::Bool(_) | TermKind::Number(_) | TermKind::String(_)
    )
}

fn is_print(term: &Term) -> bool {
    let TermKind::Call(call) = &term.kind else { return false };
    matches!(call.operator.as_slice(), [name] if &*name.text == "print")
}
