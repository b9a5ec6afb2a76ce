//! The type checks that need no knowledge of documents: of constants, of what builtins take and
//! give, and of variables that hold these.

use std::collections::HashMap;

use super::intermediate::{
    Call, Comprehension, Kind, Literal, LiteralKind, Term, Variable, WithValue,
};
use super::{Code, Error};
use crate::engine::ast::Span;
use crate::engine::builtins::Type;
use crate::engine::program::Callee;
use crate::engine::value::Value;

/// A set of types, one bit each.
type Types = u8;

const NULL: Types = 1;
const BOOLEAN: Types = 1 << 1;
const NUMBER: Types = 1 << 2;
const STRING: Types = 1 << 3;
const ARRAY: Types = 1 << 4;
const OBJECT: Types = 1 << 5;
const SET: Types = 1 << 6;
const ANY: Types = 0x7f;

const NAMES: [(Types, &str); 7] = [
    (NULL, "null"),
    (BOOLEAN, "boolean"),
    (NUMBER, "number"),
    (STRING, "string"),
    (ARRAY, "array"),
    (OBJECT, "object"),
    (SET, "set"),
];

/// The type errors of a body that is in order.
pub(super) fn check(body: &[Literal], errors: &mut Vec<Error>) {
    let mut checker = Checker { known: HashMap::new(), errors };
    checker.body(body);
}

struct Checker<'a> {
    known: HashMap<Variable, Types>,
    errors: &'a mut Vec<Error>,
}

impl Checker<'_> {
    fn body(&mut self, body: &[Literal]) {
        for literal in body {
            self.kind(&literal.kind, literal.span);
            for with in &literal.with {
                if let WithValue::Term(term) = &with.value {
                    self.nested(term);
                }
            }
        }
    }

    fn kind(&mut self, kind: &LiteralKind, span: Span) {
        match kind {
            LiteralKind::Term(term) => self.nested(term),
            LiteralKind::Unify { left, right, .. } => {
                self.nested(left);
                self.nested(right);
                self.unify(left, right, span);
            }
            LiteralKind::Call(call) => self.call(call, span),
            LiteralKind::Not(inner) => self.kind(inner, span),
            LiteralKind::Every { domain, body, .. } => {
                self.nested(domain);
                self.body(body);
            }
            LiteralKind::Print(_, arguments) => {
                for one in arguments {
                    self.comprehension(one);
                }
            }
        }
    }

    /// Bodies inside of a term.
    fn nested(&mut self, term: &Term) {
        match term {
            Term::Constant(_) | Term::Variable(_) => {}
            Term::Array(items) | Term::Set(items) => items.iter().for_each(|one| self.nested(one)),
            Term::Object(entries) => entries.iter().for_each(|(key, value)| {
                self.nested(key);
                self.nested(value);
            }),
            Term::Reference(reference) => reference.path.iter().for_each(|one| self.nested(one)),
            Term::Comprehension(one) => self.comprehension(one),
        }
    }

    fn comprehension(&mut self, one: &Comprehension) {
        // What a comprehension learns of a variable of its own may not hold outside.
        let outside = self.known.clone();
        self.body(&one.body);
        match &one.kind {
            Kind::Array(term) | Kind::Set(term) => self.nested(term),
            Kind::Object(key, value) => {
                self.nested(key);
                self.nested(value);
            }
        }
        self.known = outside;
    }

    fn call(&mut self, call: &Call, span: Span) {
        for argument in &call.arguments {
            self.nested(argument);
        }
        let Callee::Builtin(declared) = call.callee else { return };
        let declaration = &declared.declaration;
        if let (true, [left, right]) = (declaration.name == "equal", call.arguments.as_slice()) {
            self.unify(left, right, span);
            return;
        }
        let expected = declaration.arguments.iter().chain([&declaration.result]).map(types);
        let given: Vec<Types> = call.arguments.iter().map(|one| self.types(one)).collect();
        if given.iter().zip(expected).any(|(given, expected)| given & expected == 0) {
            let have: Vec<_> = given.iter().map(|given| name(*given)).collect();
            let want: Vec<_> =
                declaration.arguments.iter().map(|wanted| name(types(wanted))).collect();
            let message = format!(
                "{}: invalid argument(s)\n\thave: ({})\n\twant: ({})",
                declaration.name,
                have.join(", "),
                want.join(", ")
            );
            self.errors.push(Error::new(Code::Type, call.span, message));
            return;
        }
        if let Some(Term::Variable(result)) = call.arguments.get(call.arity) {
            self.learn(*result, types(&declaration.result));
        }
    }

    fn unify(&mut self, left: &Term, right: &Term, span: Span) {
        let (one, other) = (self.types(left), self.types(right));
        if one & other == 0 {
            let message =
                format!("match error\n\tleft  : {}\n\tright : {}", name(one), name(other));
            self.errors.push(Error::new(Code::Type, span, message));
            return;
        }
        if let (Term::Array(left), Term::Array(right)) = (left, right)
            && left.len() == right.len()
        {
            for (left, right) in left.iter().zip(right) {
                self.unify(left, right, span);
            }
        }
        for (term, types) in [(left, other), (right, one)] {
            if let Term::Variable(variable) = term {
                self.learn(*variable, types);
            }
        }
    }

    fn learn(&mut self, variable: Variable, types: Types) {
        *self.known.entry(variable).or_insert(ANY) &= types;
    }

    fn types(&self, term: &Term) -> Types {
        match term {
            Term::Constant(value) => of_value(value),
            Term::Variable(variable) => self.known.get(variable).copied().unwrap_or(ANY),
            Term::Array(_) => ARRAY,
            Term::Set(_) => SET,
            Term::Object(_) => OBJECT,
            Term::Reference(_) => ANY,
            Term::Comprehension(one) => match one.kind {
                Kind::Array(_) => ARRAY,
                Kind::Set(_) => SET,
                Kind::Object(..) => OBJECT,
            },
        }
    }
}

fn of_value(value: &Value) -> Types {
    match value {
        Value::Null => NULL,
        Value::Bool(_) => BOOLEAN,
        Value::Number(_) => NUMBER,
        Value::String(_) => STRING,
        Value::Array(_) => ARRAY,
        Value::Object(_) => OBJECT,
        Value::Set(_) => SET,
    }
}

fn types(declared: &Type) -> Types {
    match declared {
        Type::Any => ANY,
        Type::Null => NULL,
        Type::Boolean => BOOLEAN,
        Type::Number => NUMBER,
        Type::String => STRING,
        Type::Array(..) => ARRAY,
        Type::Object(..) => OBJECT,
        Type::Set(_) => SET,
        Type::OneOf(several) => several.iter().map(types).fold(0, |all, one| all | one),
    }
}

fn name(types: Types) -> String {
    if types == ANY {
        return "any".to_owned();
    }
    let names: Vec<_> =
        NAMES.iter().filter(|(bit, _)| types & bit != 0).map(|(_, name)| *name).collect();
    match names.as_slice() {
        [one] => (*one).to_owned(),
        several => format!("any<{}>", several.join(", ")),
    }
}
