//! Terms in the shape of OPA's JSON.

use super::{Writer, node, operator, typed};
use crate::engine::ast::{
    Call, Comprehension, ComprehensionKind, LiteralKind, Reference, Template, TemplatePart, Term,
    TermKind,
};
use crate::engine::value::Value;

/// What writes terms.
pub(super) trait Terms {
    fn term(&mut self, term: &Term) -> Value;
    fn call(&mut self, call: &Call) -> Vec<Value>;
}

impl Terms for Writer {
    fn term(&mut self, term: &Term) -> Value {
        match &term.kind {
            TermKind::Null => typed("null", Value::object(Vec::new())),
            TermKind::Bool(value) => typed("boolean", Value::Bool(*value)),
            TermKind::Number(number) => typed("number", Value::Number(number.clone())),
            TermKind::String(text) => typed("string", Value::from(&**text)),
            TermKind::Template(template) => self.template(template),
            TermKind::Variable(name) => match &**name {
                // These two are references wherever they stand.
                root @ ("input" | "data") => operator(root),
                name => self.variable(name),
            },
            TermKind::Reference(reference) => self.reference(reference),
            TermKind::Call(call) => typed("call", Value::array(self.call(call))),
            TermKind::Array(items) => typed("array", Value::array(self.all(items))),
            TermKind::Set(items) => {
                let mut items = self.all(items);
                items.sort_by_cached_key(order);
                items.dedup();
                typed("set", Value::array(items))
            }
            TermKind::Object(entries) => {
                let mut pairs: Vec<[Value; 2]> =
                    entries.iter().map(|(key, value)| [self.term(key), self.term(value)]).collect();
                pairs.sort_by_cached_key(|[key, _]| order(key));
                let pairs = pairs.into_iter().map(|pair| Value::array(pair.to_vec()));
                typed("object", Value::array(pairs.collect()))
            }
            TermKind::Comprehension(comprehension) => self.comprehension(comprehension),
        }
    }

    /// A call's function and operands.
    fn call(&mut self, call: &Call) -> Vec<Value> {
        let names: Vec<&str> = call.operator.iter().map(|name| &*name.text).collect();
        let mut parts = vec![operator(&names.join("."))];
        parts.extend(self.all(&call.arguments));
        parts
    }
}

/// The order of OPA's terms: by kind, then by value.
fn order(term: &Value) -> (usize, Value) {
    const KINDS: [&str; 12] = [
        "null",
        "boolean",
        "number",
        "string",
        "var",
        "ref",
        "array",
        "object",
        "set",
        "arraycomprehension",
        "objectcomprehension",
        "setcomprehension",
    ];
    let kind = term.field("type").and_then(Value::as_str).unwrap_or_default();
    let place = KINDS.iter().position(|known| *known == kind).unwrap_or(KINDS.len());
    (place, term.field("value").cloned().unwrap_or(Value::Null))
}

impl Writer {
    fn all(&mut self, terms: &[Term]) -> Vec<Value> {
        terms.iter().map(|term| self.term(term)).collect()
    }

    fn variable(&mut self, name: &str) -> Value {
        if name != "_" {
            return typed("var", Value::from(name));
        }
        let number = self.wildcards;
        self.wildcards += 1;
        typed("var", Value::from(format!("${number}")))
    }

    fn reference(&mut self, reference: &Reference) -> Value {
        let head = match &reference.head.kind {
            TermKind::Variable(name) => self.variable(name),
            _ => self.term(&reference.head),
        };
        let path = self.all(&reference.path);
        typed("ref", Value::array([vec![head], path].concat()))
    }

    fn comprehension(&mut self, comprehension: &Comprehension) -> Value {
        let (kind, key, value, term) = match &comprehension.kind {
            ComprehensionKind::Array(term) => ("arraycomprehension", None, None, Some(term)),
            ComprehensionKind::Set(term) => ("setcomprehension", None, None, Some(term)),
            ComprehensionKind::Object(key, value) => {
                ("objectcomprehension", Some(key), Some(value), None)
            }
        };
        let mut written = |term: Option<&Term>| term.map(|term| self.term(term));
        let (key, value, term) = (written(key), written(value), written(term));
        let body = self.body(&comprehension.body);
        let fields = [("body", Some(body)), ("key", key), ("term", term), ("value", value)];
        typed(kind, node(fields))
    }

    fn template(&mut self, template: &Template) -> Value {
        let parts = template.parts.iter().map(|part| match part {
            TemplatePart::Text(text) => typed("string", Value::from(&**text)),
            TemplatePart::Expression(literal) => match &literal.kind {
                // What is known already stands there as it is.
                LiteralKind::Expression(term) if literal.with.is_empty() && is_scalar(term) => {
                    self.term(term)
                }
                _ => self.literal(0, literal),
            },
        });
        let parts = Value::array(parts.collect());
        let lines = Value::Bool(template.raw);
        typed("templatestring", node([("multi_line", Some(lines)), ("parts", Some(parts))]))
    }
}

fn is_scalar(term: &Term) -> bool {
    matches!(
        term.kind,
        TermKind::Null | TermKind::Bool(_) | TermKind::Number(_) | TermKind::String(_)
    )
}
