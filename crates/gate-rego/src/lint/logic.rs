//! Expressions that cannot hold, and negations that are undefined where they look true.

use std::collections::BTreeMap;

use super::walk::{bodies, constants, scalar};
use super::{Check, Look, is_test_file};
use crate::engine::ast::{
    Body, Call, Literal, LiteralKind, Module, Notation, Rule, Term, TermKind,
};

pub(super) fn check(look: &mut Look<'_>) {
    for module in look.trees {
        for rule in &module.rules {
            let mut found = Vec::new();
            bodies(rule, &mut |body| {
                never(module, body, &mut found);
                if !is_test_file(module) {
                    negations(look, module, rule, body, &mut found);
                }
            });
            for (check, span, message) in found {
                look.add(check, span, message);
            }
        }
    }
}

type Found = Vec<(Check, crate::engine::ast::Span, String)>;

fn never(module: &Module, body: &Body, found: &mut Found) {
    let mut equal: BTreeMap<String, (String, u32)> = BTreeMap::new();
    for literal in &body.literals {
        if let Some(message) = impossible(&literal.kind) {
            found.push((Check::NeverFires, literal.span, message));
        }
        if !literal.with.is_empty() {
            continue;
        }
        let Some((subject, value)) = compared(module, &literal.kind) else { continue };
        match equal.get(&subject) {
            Some((other, line)) if *other != value => {
                let message =
                    format!("`{subject}` cannot be {value} here and {other} on line {line}");
                found.push((Check::NeverFires, literal.span, message));
            }
            Some(_) => {}
            None => drop(equal.insert(subject, (value, literal.span.line))),
        }
    }
}

fn impossible(kind: &LiteralKind) -> Option<String> {
    match kind {
        LiteralKind::Expression(Term { kind: TermKind::Bool(false), .. }) => {
            Some("`false` never holds".to_owned())
        }
        LiteralKind::Not(inner) => match &**inner {
            LiteralKind::Expression(Term { kind: TermKind::Bool(true), .. }) => {
                Some("`not true` never holds".to_owned())
            }
            _ => None,
        },
        LiteralKind::Expression(Term { kind: TermKind::Call(call), .. }) => {
            let [left, right] = call.arguments.as_slice() else { return None };
            let (left, right) = (scalar(left)?, scalar(right)?);
            let holds = match operator(call)? {
                "equal" => left == right,
                "neq" => left != right,
                _ => return None,
            };
            (!holds).then(|| format!("{left} and {right} are constants for which this never holds"))
        }
        LiteralKind::SomeIn { collection, .. } => {
            let empty = match &collection.kind {
                TermKind::Array(items) | TermKind::Set(items) => items.is_empty(),
                TermKind::Object(entries) => entries.is_empty(),
                _ => false,
            };
            empty.then(|| "nothing is in an empty collection".to_owned())
        }
        _ => None,
    }
}

/// What is compared with a constant: a variable or a constant path.
fn compared(module: &Module, kind: &LiteralKind) -> Option<(String, String)> {
    let (left, right) = match kind {
        LiteralKind::Expression(Term { kind: TermKind::Call(call), .. })
            if operator(call) == Some("equal") =>
        {
            let [left, right] = call.arguments.as_slice() else { return None };
            (left, right)
        }
        LiteralKind::Unify(left, right) => (left, right),
        _ => return None,
    };
    let (subject, value) = match (scalar(left), scalar(right)) {
        (None, Some(value)) => (left, value),
        (Some(value), None) => (right, value),
        _ => return None,
    };
    let single = match &subject.kind {
        TermKind::Variable(name) => &**name != "_",
        TermKind::Reference(reference) => {
            reference.head.as_variable().is_some() && constants(&reference.path).1
        }
        _ => false,
    };
    single.then(|| (subject.span.text(&module.source).to_owned(), value))
}

/// The name of an operator that is written between its operands.
fn operator(call: &Call) -> Option<&str> {
    match call.operator.as_slice() {
        [name] if call.notation == Notation::Infix => Some(&name.text),
        _ => None,
    }
}

/// `not f(input.x)`: where `input.x` is undefined, so is the rule, and it finds nothing.
fn negations(look: &Look<'_>, module: &Module, rule: &Rule, body: &Body, found: &mut Found) {
    if !look.is_entry(module, rule) {
        return;
    }
    for one in &body.literals {
        let LiteralKind::Not(inner) = &one.kind else { continue };
        let LiteralKind::Expression(Term { kind: TermKind::Call(call), .. }) = &**inner else {
            continue;
        };
        for argument in &call.arguments {
            if let Some(text) = undefined(look, module, one, argument) {
                let message = format!(
                    "where `{text}` is undefined, the whole rule is, and finds nothing: put the condition into a rule or function of its own and negate that"
                );
                found.push((Check::NegatesUndefined, argument.span, message));
            }
        }
    }
}

/// A reference under `input` in an operand that need not have a value.
fn undefined<'a>(
    look: &Look<'_>,
    module: &'a Module,
    whole: &'a Literal,
    argument: &'a Term,
) -> Option<&'a str> {
    let mut found = None;
    let mut inside = 0u32;
    super::walk::term(argument, &mut |term| {
        // What a comprehension does not find makes it smaller, not undefined.
        if let TermKind::Comprehension(_) = term.kind {
            inside = inside.max(term.span.end);
        }
        let TermKind::Reference(reference) = &term.kind else { return };
        if term.span.start < inside || found.is_some() {
            return;
        }
        if reference.head.as_variable().is_none_or(|name| &**name != "input") {
            return;
        }
        let (path, all) = constants(&reference.path);
        if !all || !(look.lint.always)(&path) {
            found = Some(term.span.text(&module.source));
        }
    });
    found.filter(|_| whole.with.is_empty())
}
