//! `rego.parse_module`: a module's syntax tree in the shape of OPA's JSON.

use crate::engine::ast::{Body, Comment, Else, Head, Import, Key, Literal, LiteralKind, Module};
use crate::engine::ast::{Name, Rule, SomeDeclaration, Term, TermKind, Version};
use crate::engine::builtins::encoding::base64;
use crate::engine::builtins::operands::string;
use crate::engine::builtins::{BuiltinError, Context, Outcome};
use crate::engine::parser;
use crate::engine::value::Value;

mod terms;

use terms::Terms;

/// How many bytes of a tree a byte of source may become.
const MEMORY_PER_BYTE: usize = 512;

/// An object of OPA's JSON; fields without a value are left out.
fn node<const N: usize>(fields: [(&str, Option<Value>); N]) -> Value {
    let fields = fields.into_iter().filter_map(|(name, value)| Some((Value::from(name), value?)));
    Value::object(fields.collect())
}

fn typed(kind: &str, value: Value) -> Value {
    node([("type", Some(Value::from(kind))), ("value", Some(value))])
}

pub(super) fn parse_module(context: &mut Context, operands: &[Value]) -> Outcome {
    let path = string(&operands[0], 1)?;
    // OPA counts this one as the first too.
    let source = string(&operands[1], 1)?;
    context.work(source.len().saturating_mul(16))?;
    context.allocate(source.len().saturating_mul(MEMORY_PER_BYTE))?;
    let module = parser::module(0, path, source, Version::V1).map_err(|error| {
        let (line, message) = (error.span.line, error.message);
        BuiltinError::evaluation(format!(
            "1 error occurred: {path}:{line}: rego_parse_error: {message}"
        ))
    })?;
    Ok(Some(Writer::default().module(&module)))
}

#[derive(Default)]
struct Writer {
    /// How many wildcards were named.
    wildcards: u64,
}

fn list(items: Vec<Value>) -> Option<Value> {
    if items.is_empty() { None } else { Some(Value::array(items)) }
}

fn yes(flag: bool) -> Option<Value> {
    flag.then_some(Value::Bool(true))
}

/// A path whose first part is a variable.
fn path<'a>(root: &str, parts: impl Iterator<Item = &'a str>) -> Value {
    let root = std::iter::once(typed("var", Value::from(root)));
    Value::array(root.chain(parts.map(|part| typed("string", Value::from(part)))).collect())
}

impl Writer {
    fn module(&mut self, module: &Module) -> Value {
        let package = path("data", module.package.path.iter().map(|name| &*name.text));
        node([
            ("comments", list(module.comments.iter().map(|c| comment(&module.path, c)).collect())),
            ("imports", list(module.imports.iter().map(import).collect())),
            ("package", Some(node([("path", Some(package))]))),
            ("rules", list(module.rules.iter().map(|rule| self.rule(rule)).collect())),
        ])
    }

    fn rule(&mut self, rule: &Rule) -> Value {
        let head = self.head(&rule.head, rule.default);
        let body = self.rule_body(rule.body.as_ref());
        let otherwise = self.otherwise(&rule.head, &rule.otherwise);
        node([
            ("body", Some(body)),
            ("default", yes(rule.default)),
            ("else", otherwise),
            ("head", Some(head)),
        ])
    }

    fn otherwise(&mut self, head: &Head, branches: &[Else]) -> Option<Value> {
        let (first, rest) = branches.split_first()?;
        let value = Key::Value(first.value.clone());
        let assigned = head.assigned && first.value.is_some();
        let head = Head { key: value, assigned, ..head.clone() };
        let written = self.head(&head, false);
        let body = self.rule_body(first.body.as_ref());
        let otherwise = self.otherwise(&head, rest);
        Some(node([("body", Some(body)), ("else", otherwise), ("head", Some(written))]))
    }

    fn head(&mut self, head: &Head, default: bool) -> Value {
        let root = typed("var", Value::from(&*head.name.text));
        let path: Vec<Value> = head.path.iter().map(|part| self.term(part)).collect();
        let arguments = head.arguments.iter().flatten().map(|term| self.term(term)).collect();
        let (key, value) = match &head.key {
            Key::Contains(element) => (Some(self.term(element)), None),
            Key::Value(None) => (None, Some(typed("boolean", Value::Bool(true)))),
            Key::Value(Some(term)) => (None, Some(self.term(term))),
        };
        // What stands in one bracket is a key as well, as before references could be heads.
        let single = match (path.as_slice(), head.path.as_slice(), &head.key) {
            ([key], _, Key::Value(Some(_))) if head.arguments.is_none() => {
                Some((true, key.clone()))
            }
            ([key], [term], Key::Value(None)) if term.as_variable().is_some() => {
                Some((false, key.clone()))
            }
            _ => None,
        };
        let named = path.is_empty() || single.as_ref().is_some_and(|(named, _)| *named);
        node([
            ("args", list(arguments)),
            ("assign", yes(head.assigned || default)),
            ("key", key.or(single.map(|(_, key)| key))),
            ("name", named.then(|| Value::from(&*head.name.text))),
            ("ref", Some(Value::array([vec![root], path].concat()))),
            ("value", value),
        ])
    }

    fn rule_body(&mut self, body: Option<&Body>) -> Value {
        match body {
            Some(body) => self.body(body),
            None => Value::array(vec![node([
                ("generated", Some(Value::Bool(true))),
                ("index", Some(Value::from(0i64))),
                ("terms", Some(typed("boolean", Value::Bool(true)))),
            ])]),
        }
    }

    fn body(&mut self, body: &Body) -> Value {
        let literals = body.literals.iter().enumerate();
        Value::array(literals.map(|(at, literal)| self.literal(at, literal)).collect())
    }

    fn literal(&mut self, at: usize, literal: &Literal) -> Value {
        let mut kind = &literal.kind;
        let mut negated = false;
        while let LiteralKind::Not(inner) = kind {
            (kind, negated) = (inner, true);
        }
        let terms = self.kind(kind);
        let with = literal.with.iter().map(|with| {
            let target = self.term(&with.target);
            node([("target", Some(target)), ("value", Some(self.term(&with.value)))])
        });
        let with = list(with.collect());
        node([
            ("index", Some(Value::from(at))),
            ("negated", yes(negated)),
            ("terms", Some(terms)),
            ("with", with),
        ])
    }

    fn kind(&mut self, kind: &LiteralKind) -> Value {
        match kind {
            LiteralKind::Expression(term) => match &term.kind {
                TermKind::Call(call) => Value::array(self.call(call)),
                _ => self.term(term),
            },
            LiteralKind::Not(inner) => self.kind(inner),
            LiteralKind::Assign(left, right) => self.operation("assign", &[left, right]),
            LiteralKind::Unify(left, right) => self.operation("eq", &[left, right]),
            LiteralKind::Some(SomeDeclaration { names }) => {
                let variable = |name: &Name| typed("var", Value::from(&*name.text));
                symbols(names.iter().map(variable).collect())
            }
            LiteralKind::SomeIn { key, value, collection } => {
                let call = match key {
                    Some(key) => self.operation("internal.member_3", &[key, value, collection]),
                    None => self.operation("internal.member_2", &[value, collection]),
                };
                symbols(vec![typed("call", call)])
            }
            LiteralKind::Every { key, value, domain, body } => {
                let key = key.as_ref().map_or(Value::Null, |key| self.term(key));
                let (value, domain) = (self.term(value), self.term(domain));
                node([
                    ("body", Some(self.body(body))),
                    ("domain", Some(domain)),
                    ("key", Some(key)),
                    ("value", Some(value)),
                ])
            }
        }
    }

    fn operation(&mut self, name: &str, operands: &[&Term]) -> Value {
        let operands = operands.iter().map(|term| self.term(term));
        Value::array(std::iter::once(operator(name)).chain(operands).collect())
    }
}

/// A function's name as a reference.
fn operator(name: &str) -> Value {
    let mut parts = name.split('.');
    typed("ref", path(parts.next().unwrap_or_default(), parts))
}

fn symbols(symbols: Vec<Value>) -> Value {
    node([("symbols", Some(Value::array(symbols)))])
}

fn import(import: &Import) -> Value {
    let mut names = import.path.iter().map(|name| &*name.text);
    let path = path(names.next().unwrap_or_default(), names);
    let alias = import.alias.as_ref().map(|alias| Value::from(&*alias.text));
    node([("alias", alias), ("path", Some(typed("ref", path)))])
}

fn comment(file: &str, comment: &Comment) -> Value {
    let location = node([
        ("col", Some(Value::from(u64::from(comment.span.column)))),
        ("file", Some(Value::from(file))),
        ("row", Some(Value::from(u64::from(comment.span.line)))),
    ]);
    let text = base64::standard(comment.text.as_bytes());
    node([("Location", Some(location)), ("Text", Some(Value::from(text)))])
}

#[cfg(test)]
mod tests {
    use crate::engine::builtins::testing::call;

    fn parsed(source: &str) -> String {
        let source = serde_json::to_string(&format!("package a\n{source}")).unwrap();
        call("rego.parse_module", &["\"x.rego\"", &source])
    }

    /// The part of a tree's text that follows a mark.
    fn rules(source: &str) -> String {
        let text = parsed(source);
        text.split_once("\"rules\": [").map(|(_, rules)| rules.to_owned()).unwrap_or(text)
    }

    #[test]
    fn modules_have_opas_shape() {
        assert_eq!(
            parsed("import data.b as c\np := 1 # x"),
            r#"{"comments": [{"Location": {"col": 8, "file": "x.rego", "row": 3}, "Text": "IHg="}], "imports": [{"alias": "c", "path": {"type": "ref", "value": [{"type": "var", "value": "data"}, {"type": "string", "value": "b"}]}}], "package": {"path": [{"type": "var", "value": "data"}, {"type": "string", "value": "a"}]}, "rules": [{"body": [{"generated": true, "index": 0, "terms": {"type": "boolean", "value": true}}], "head": {"assign": true, "name": "p", "ref": [{"type": "var", "value": "p"}], "value": {"type": "number", "value": 1}}}]}"#
        );
    }

    #[test]
    fn rules_have_opas_shape() {
        assert_eq!(
            rules("p contains x if { some x in input; not q[_] with data.z as {2, 1} }"),
            r#"{"body": [{"index": 0, "terms": {"symbols": [{"type": "call", "value": [{"type": "ref", "value": [{"type": "var", "value": "internal"}, {"type": "string", "value": "member_2"}]}, {"type": "var", "value": "x"}, {"type": "ref", "value": [{"type": "var", "value": "input"}]}]}]}}, {"index": 1, "negated": true, "terms": {"type": "ref", "value": [{"type": "var", "value": "q"}, {"type": "var", "value": "$0"}]}, "with": [{"target": {"type": "ref", "value": [{"type": "var", "value": "data"}, {"type": "string", "value": "z"}]}, "value": {"type": "set", "value": [{"type": "number", "value": 1}, {"type": "number", "value": 2}]}}]}], "head": {"key": {"type": "var", "value": "x"}, "name": "p", "ref": [{"type": "var", "value": "p"}]}}]}"#
        );
        assert_eq!(
            rules("f(x) := null if x == 1 else := 2"),
            r#"{"body": [{"index": 0, "terms": [{"type": "ref", "value": [{"type": "var", "value": "equal"}]}, {"type": "var", "value": "x"}, {"type": "number", "value": 1}]}], "else": {"body": [{"generated": true, "index": 0, "terms": {"type": "boolean", "value": true}}], "head": {"args": [{"type": "var", "value": "x"}], "assign": true, "name": "f", "ref": [{"type": "var", "value": "f"}], "value": {"type": "number", "value": 2}}}, "head": {"args": [{"type": "var", "value": "x"}], "assign": true, "name": "f", "ref": [{"type": "var", "value": "f"}], "value": {"type": "null", "value": {}}}}]}"#
        );
    }

    #[test]
    fn what_is_no_module_is_told() {
        let error = parsed("p :=");
        let start = "rego.parse_module: 1 error occurred: x.rego:2: rego_parse_error: ";
        assert!(error.starts_with(start), "{error}");
    }
}
