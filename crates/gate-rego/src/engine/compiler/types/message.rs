//! The words for type errors, which are OPA's.

use crate::engine::ast::Span;
use crate::engine::compiler::intermediate::{Reference, Root, Term};
use crate::engine::compiler::scope::Scopes;
use crate::engine::compiler::{Code, Error};
use crate::engine::types::{Maybe, Type, listed, shown};
use crate::engine::value::Value;

/// A call whose arguments do not fit.
pub(super) fn arguments(
    span: Span,
    name: &str,
    what: &str,
    have: &[Maybe],
    want: &[Maybe],
) -> Error {
    let (have, want) = (listed(have), listed(want));
    let message = format!("{name}: {what}\n\thave: ({have})\n\twant: ({want})");
    Error::new(Code::Type, span, message)
}

/// Two terms that can never be equal.
pub(super) fn mismatch(span: Span, left: &Maybe, right: &Maybe) -> Error {
    let words = format!("match error\n\tleft  : {}\n\tright : {}", shown(left), shown(right));
    let kind = match (left, right) {
        (Some(Type::Object(_)), Some(Type::Object(_))) => "objects",
        (Some(Type::Array(_)), Some(Type::Array(_))) => "arrays",
        (Some(Type::Set(_)), Some(Type::Set(_))) => "sets",
        _ => return Error::new(Code::Type, span, words),
    };
    let hint = format!(
        "\n\thint  : both sides are {kind} but their types differ, so they can never be equal"
    );
    Error::new(Code::Type, span, words + &hint)
}

/// A look into what has no keys, or into a function.
pub(super) fn unsupported(
    reference: &Reference,
    scopes: &Scopes,
    at: usize,
    have: &Maybe,
) -> Error {
    let text = written(reference, scopes, reference.path.len());
    let marks = "^".repeat(written(reference, scopes, at).chars().count());
    let what = if have.as_ref().is_some_and(Type::is_function) {
        format!("function {text} used as reference, not called")
    } else {
        format!("undefined ref: {text}")
    };
    let message = format!("{what}\n\t{text}\n\t{marks}\n\thave: {}", shown(have));
    Error::new(Code::Type, reference.span, message)
}

/// What a key is, and what could stand there.
pub(super) struct Key<'a> {
    /// The number of the key in the path.
    pub(super) at: usize,
    pub(super) have: Maybe,
    pub(super) want: Maybe,
    pub(super) one_of: &'a [Value],
}

/// A look by a key that cannot be there.
pub(super) fn invalid(reference: &Reference, scopes: &Scopes, key: &Key<'_>) -> Error {
    let text = written(reference, scopes, reference.path.len());
    let pad = " ".repeat(written(reference, scopes, key.at).chars().count() + 1);
    let have = match (&key.have, reference.path.get(key.at)) {
        (Some(have), _) => format!("have (type): {have}"),
        (None, Some(Term::Constant(value))) => format!("have: {value}"),
        (None, _) => "have: ???".to_owned(),
    };
    let want = match (&key.want, key.one_of) {
        (Some(want), []) => format!("want (type): {want}"),
        (_, several) => {
            let several: Vec<_> = several.iter().map(Value::to_string).collect();
            format!("want (one of): [{}]", several.join(" "))
        }
    };
    let message =
        format!("undefined ref: {text}\n\t{text}\n\t{pad}^\n\t{pad}{have}\n\t{pad}{want}");
    Error::new(Code::Type, reference.span, message)
}

/// The first parts of a reference as Rego writes them.
fn written(reference: &Reference, scopes: &Scopes, parts: usize) -> String {
    let mut text = match reference.root {
        Root::Input => "input".to_owned(),
        Root::Data => "data".to_owned(),
        Root::Variable(variable) => variable_name(variable, scopes),
    };
    for part in reference.path.iter().take(parts) {
        match part {
            Term::Constant(Value::String(name)) if is_name(name) => {
                text.push('.');
                text.push_str(name);
            }
            Term::Constant(value) => {
                text.extend(["[", &value.to_string(), "]"]);
            }
            Term::Variable(variable) => {
                text.extend(["[", &variable_name(*variable, scopes), "]"]);
            }
            other => {
                let value = other.constant().map_or_else(|| "...".to_owned(), |it| it.to_string());
                text.extend(["[", &value, "]"]);
            }
        }
    }
    text
}

fn variable_name(variable: u32, scopes: &Scopes) -> String {
    if scopes.is_generated(variable) {
        return format!("__local{variable}__");
    }
    scopes.name(variable).to_string()
}

fn is_name(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}
