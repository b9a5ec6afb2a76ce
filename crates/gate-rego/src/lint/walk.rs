//! Goes through syntax trees.

use crate::engine::ast::{
    Body, ComprehensionKind, Key, Literal, LiteralKind, Rule, TemplatePart, Term, TermKind,
};

/// Every body of a rule, those of `else`, `every` and comprehensions included.
pub(super) fn bodies<'a>(rule: &'a Rule, look: &mut dyn FnMut(&'a Body)) {
    let own = rule.body.iter().chain(rule.otherwise.iter().filter_map(|one| one.body.as_ref()));
    for one in own {
        look(one);
        for literal in &one.literals {
            if let LiteralKind::Every { body, .. } = &literal.kind {
                look(body);
            }
        }
    }
    terms(rule, &mut |term| {
        if let TermKind::Comprehension(one) = &term.kind {
            look(&one.body);
        }
    });
}

/// Every term of a rule, with those inside of it.
pub(super) fn terms<'a>(rule: &'a Rule, look: &mut dyn FnMut(&'a Term)) {
    let head = &rule.head;
    head.path.iter().chain(head.arguments.iter().flatten()).for_each(|one| term(one, look));
    match &head.key {
        Key::Value(value) => value.iter().for_each(|one| term(one, look)),
        Key::Contains(one) => term(one, look),
    }
    rule.body.iter().for_each(|one| body(one, look));
    for branch in &rule.otherwise {
        branch.value.iter().for_each(|one| term(one, look));
        branch.body.iter().for_each(|one| body(one, look));
    }
}

fn body<'a>(body: &'a Body, look: &mut dyn FnMut(&'a Term)) {
    body.literals.iter().for_each(|one| literal(one, look));
}

/// Every term of a literal.
pub(super) fn literal<'a>(literal: &'a Literal, look: &mut dyn FnMut(&'a Term)) {
    kind(&literal.kind, look);
    for with in &literal.with {
        term(&with.value, look);
    }
}

/// Every term of what a literal says, without its `with`.
pub(super) fn kind<'a>(kind_: &'a LiteralKind, look: &mut dyn FnMut(&'a Term)) {
    match kind_ {
        LiteralKind::Expression(one) => term(one, look),
        LiteralKind::Not(inner) => kind(inner, look),
        LiteralKind::Assign(left, right) | LiteralKind::Unify(left, right) => {
            term(left, look);
            term(right, look);
        }
        LiteralKind::Some(_) => {}
        LiteralKind::SomeIn { key, value, collection } => {
            if let Some(key) = key {
                term(key, look);
            }
            term(value, look);
            term(collection, look);
        }
        LiteralKind::Every { domain, body: inner, .. } => {
            term(domain, look);
            body(inner, look);
        }
    }
}

/// A term and those inside of it.
pub(super) fn term<'a>(one: &'a Term, look: &mut dyn FnMut(&'a Term)) {
    look(one);
    match &one.kind {
        TermKind::Reference(reference) => {
            term(&reference.head, look);
            reference.path.iter().for_each(|part| term(part, look));
        }
        TermKind::Call(call) => call.arguments.iter().for_each(|part| term(part, look)),
        TermKind::Array(items) | TermKind::Set(items) => {
            for part in items {
                term(part, look);
            }
        }
        TermKind::Object(entries) => entries.iter().for_each(|(key, value)| {
            term(key, look);
            term(value, look);
        }),
        TermKind::Comprehension(comprehension) => {
            match &comprehension.kind {
                ComprehensionKind::Array(head) | ComprehensionKind::Set(head) => term(head, look),
                ComprehensionKind::Object(key, value) => {
                    term(key, look);
                    term(value, look);
                }
            }
            body(&comprehension.body, look);
        }
        TermKind::Template(template) => {
            for part in &template.parts {
                if let TemplatePart::Expression(inner) = part {
                    literal(inner, look);
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

/// The constant parts of a reference, and whether these are all.
pub(super) fn constants(path: &[Term]) -> (Vec<&str>, bool) {
    let constant: Vec<&str> =
        path.iter().map_while(|part| part.as_string().map(|text| &**text)).collect();
    let all = constant.len() == path.len();
    (constant, all)
}

/// The value of a scalar, as text that tells types apart.
pub(super) fn scalar(term: &Term) -> Option<String> {
    Some(match &term.kind {
        TermKind::Null => "null".to_owned(),
        TermKind::Bool(value) => value.to_string(),
        TermKind::Number(number) => number.to_string(),
        TermKind::String(text) => format!("{text:?}"),
        _ => return None,
    })
}
