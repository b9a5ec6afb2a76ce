//! Puts literals in an order in which each variable is bound before it is used, keeping theirs
//! where it is possible, and finds the variables for which there is no order.

use super::intermediate::{
    Call, Comprehension, Literal, LiteralKind, Root, Term, Variable, WithValue,
};
use super::unify;
use super::variables::{Variables, Where, for_heads, of_literal, of_term};
use crate::engine::ast::Span;

/// A variable that nothing binds where it is used.
pub(super) type Unsafe = (Span, Variable);

/// The greatest number of literals of one body: each may be looked at once for each other one.
pub(super) const LITERALS: usize = 2_000;

/// Orders a body, and the bodies nested in it; `known` is bound before.
pub(super) fn order(
    body: Vec<Literal>,
    known: &Variables,
    errors: &mut Vec<Unsafe>,
) -> Vec<Literal> {
    let mut ordered = order_one(body, known, errors);
    if !errors.is_empty() {
        return ordered;
    }
    let mut seen = known.clone();
    for literal in &mut ordered {
        order_nested(literal, &seen, errors);
        of_literal(literal, Where::Open, &mut seen);
    }
    ordered
}

fn order_one(body: Vec<Literal>, known: &Variables, errors: &mut Vec<Unsafe>) -> Vec<Literal> {
    let mut own = Variables::new();
    for literal in &body {
        of_literal(literal, Where::Open, &mut own);
    }
    let mut safe = known.clone();
    let mut waiting: Vec<Pending> = body.into_iter().map(|one| Pending::new(one, &own)).collect();
    let mut ordered = Vec::with_capacity(waiting.len());
    loop {
        let before = ordered.len();
        let mut left = Vec::new();
        for pending in waiting {
            let outputs = outputs(&pending.literal, &safe);
            let is_safe = |variable: &Variable| safe.contains(variable);
            let ready = pending.nested.iter().all(is_safe)
                && pending.open.iter().all(|one| is_safe(one) || outputs.contains(one));
            if ready {
                safe.extend(outputs);
                ordered.push(pending.literal);
            } else {
                left.push(pending);
            }
        }
        waiting = left;
        if waiting.is_empty() {
            return ordered;
        }
        if ordered.len() == before {
            break;
        }
    }
    for pending in &waiting {
        let needed = pending.open.iter().chain(&pending.nested);
        let missing = needed.filter(|variable| !safe.contains(variable));
        errors.extend(missing.map(|variable| (pending.literal.span, *variable)));
    }
    ordered.extend(waiting.into_iter().map(|pending| pending.literal));
    ordered
}

/// A literal that has no place yet, and the variables it needs.
struct Pending {
    literal: Literal,
    open: Variables,
    /// Variables of the body that bodies nested in the literal use.
    nested: Variables,
}

impl Pending {
    fn new(literal: Literal, own: &Variables) -> Self {
        let (mut open, mut nested) = (Variables::new(), Variables::new());
        of_literal(&literal, Where::Open, &mut open);
        of_literal(&literal, Where::Nested, &mut nested);
        nested.retain(|variable| own.contains(variable));
        Self { literal, open, nested }
    }
}

/// The variables that a literal binds, if those that are safe are bound before.
fn outputs(literal: &Literal, safe: &Variables) -> Variables {
    let mut needed = Variables::new();
    for with in &literal.with {
        if let WithValue::Term(term) = &with.value {
            of_term(term, Where::Open, &mut needed);
        }
    }
    if !needed.is_subset(safe) {
        return Variables::new();
    }
    match &literal.kind {
        // A negation binds nothing.
        LiteralKind::Not(_) | LiteralKind::Print(..) => Variables::new(),
        LiteralKind::Term(term) => {
            let mut found = Variables::new();
            reference_outputs(term, safe, &mut found);
            found
        }
        LiteralKind::Unify { left, right, assigned } => {
            let mut found = Variables::new();
            reference_outputs(left, safe, &mut found);
            reference_outputs(right, safe, &mut found);
            let mut except = Variables::new();
            if *assigned {
                of_term(left, Where::Open, &mut except);
            }
            let basis = unify::Basis { safe, found: &found, except: &except };
            let bound = unify::bound(basis, left, right);
            found.extend(bound);
            found
        }
        LiteralKind::Call(call) => call_outputs(call, safe),
        LiteralKind::Every { domain, .. } => {
            let mut found = Variables::new();
            reference_outputs(domain, safe, &mut found);
            found
        }
    }
}

fn call_outputs(call: &Call, safe: &Variables) -> Variables {
    let mut found = Variables::new();
    for argument in &call.arguments {
        reference_outputs(argument, safe, &mut found);
    }
    let (inputs, results) = call.arguments.split_at(call.arity.min(call.arguments.len()));
    let mut needed = Variables::new();
    for input in inputs {
        pattern(input, &mut needed);
    }
    let is_bound = |variable: &Variable| safe.contains(variable) || found.contains(variable);
    if !needed.iter().all(is_bound) {
        return Variables::new();
    }
    for result in results {
        pattern(result, &mut found);
    }
    found
}

/// The variables of a term that are not in sets, object keys, roots of references or comprehensions.
fn pattern(term: &Term, found: &mut Variables) {
    match term {
        Term::Variable(variable) => {
            found.insert(*variable);
        }
        Term::Array(items) => items.iter().for_each(|item| pattern(item, found)),
        Term::Object(entries) => entries.iter().for_each(|(_, value)| pattern(value, found)),
        Term::Reference(reference) => reference.path.iter().for_each(|part| pattern(part, found)),
        Term::Constant(_) | Term::Set(_) | Term::Comprehension(_) => {}
    }
}

fn is_safe_reference(root: Root, safe: &Variables) -> bool {
    match root {
        Root::Input | Root::Data => true,
        Root::Variable(variable) => safe.contains(&variable),
    }
}

/// The keys that references bind: `xs[i]` binds `i`.
fn reference_outputs(term: &Term, safe: &Variables, found: &mut Variables) {
    match term {
        Term::Array(items) | Term::Set(items) => {
            for item in items {
                reference_outputs(item, safe, found);
            }
        }
        Term::Object(entries) => entries.iter().for_each(|(key, value)| {
            reference_outputs(key, safe, found);
            reference_outputs(value, safe, found);
        }),
        Term::Reference(reference) if is_safe_reference(reference.root, safe) => {
            for part in &reference.path {
                match part {
                    Term::Reference(_) => reference_outputs(part, safe, found),
                    _ => of_term(part, Where::Open, found),
                }
            }
        }
        _ => {}
    }
}

fn order_nested(literal: &mut Literal, seen: &Variables, errors: &mut Vec<Unsafe>) {
    order_in_kind(&mut literal.kind, seen, errors);
    for with in &mut literal.with {
        if let WithValue::Term(term) = &mut with.value {
            order_in_term(term, seen, errors);
        }
    }
}

fn order_in_kind(kind: &mut LiteralKind, seen: &Variables, errors: &mut Vec<Unsafe>) {
    match kind {
        LiteralKind::Term(term) => order_in_term(term, seen, errors),
        LiteralKind::Unify { left, right, .. } => {
            order_in_term(left, seen, errors);
            order_in_term(right, seen, errors);
        }
        LiteralKind::Call(call) => {
            for one in &mut call.arguments {
                order_in_term(one, seen, errors);
            }
        }
        LiteralKind::Not(inner) => order_in_kind(inner, seen, errors),
        LiteralKind::Every { key, value, domain, body } => {
            order_in_term(domain, seen, errors);
            let mut seen = seen.clone();
            seen.extend([*key, *value]);
            *body = order(std::mem::take(body), &seen, errors);
        }
        LiteralKind::Print(_, arguments) => {
            for one in arguments.iter_mut() {
                order_comprehension(one, seen, errors);
            }
        }
    }
}

fn order_in_term(term: &mut Term, seen: &Variables, errors: &mut Vec<Unsafe>) {
    match term {
        Term::Constant(_) | Term::Variable(_) => {}
        Term::Array(items) | Term::Set(items) => {
            for item in items.iter_mut() {
                order_in_term(item, seen, errors);
            }
        }
        Term::Object(entries) => entries.iter_mut().for_each(|(key, value)| {
            order_in_term(key, seen, errors);
            order_in_term(value, seen, errors);
        }),
        Term::Reference(reference) => {
            for part in &mut reference.path {
                order_in_term(part, seen, errors);
            }
        }
        Term::Comprehension(comprehension) => order_comprehension(comprehension, seen, errors),
    }
}

fn order_comprehension(one: &mut Comprehension, seen: &Variables, errors: &mut Vec<Unsafe>) {
    let mut bound = seen.clone();
    for literal in &one.body {
        of_literal(literal, Where::Open, &mut bound);
    }
    let mut needed = Variables::new();
    for_heads(&one.kind, |head| of_term(head, Where::Open, &mut needed));
    errors.extend(needed.difference(&bound).map(|variable| (one.span, *variable)));
    one.body = order(std::mem::take(&mut one.body), seen, errors);
}
