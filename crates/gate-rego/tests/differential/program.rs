//! Makes small programs over the whole language: modules, data, input and a query from a seed.
//!
//! Terms are made with a type in mind, so that most programs mean something; one choice in a few is
//! made without, since what happens to wrong types is part of the language.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::random::Random;
use crate::term::Kind;

/// A program and a question about it.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    pub(crate) source: String,
    pub(crate) data: Value,
    pub(crate) input: Option<Value>,
    pub(crate) query: String,
    pub(crate) strict: bool,
}

/// What a rule makes, for those that refer to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Value(Kind),
    Set(Kind),
    Object(Kind),
    /// An object of sets or objects: what is in it has no kind.
    Nested,
    /// A function of one or two arguments.
    Function([Option<Kind>; 2], Kind),
}

/// A rule that later ones may refer to.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) name: String,
    pub(crate) shape: Shape,
}

/// The writer of one program.
pub(crate) struct Writer {
    pub(crate) random: Random,
    pub(crate) rules: Vec<Known>,
    /// Variables in scope, with what they likely hold.
    pub(crate) variables: Vec<(String, Kind)>,
    pub(crate) fresh: usize,
    source: String,
}

impl Program {
    pub(crate) fn from_seed(seed: u64) -> Self {
        let mut writer = Writer {
            random: Random::new(seed),
            rules: Vec::new(),
            variables: Vec::new(),
            fresh: 0,
            source: "package p\n".to_owned(),
        };
        let rules = 1 + writer.random.below(5);
        for at in 0..rules {
            writer.rule(at);
        }
        let query = writer.query();
        let data = writer.data();
        let input = (!writer.random.once_in(8)).then(|| writer.input());
        let strict = writer.random.once_in(4);
        Self { source: writer.source, data, input, query, strict }
    }
}

impl Writer {
    fn line(&mut self, text: &str) {
        let _ = writeln!(self.source, "\n{text}");
    }

    fn rule(&mut self, at: usize) {
        let name = format!("r{at}");
        let kind = self.kind();
        let shape = match self.random.below(12) {
            0..=3 => {
                self.complete(&name, kind);
                Shape::Value(kind)
            }
            4..=5 => {
                self.set(&name, kind);
                Shape::Set(kind)
            }
            6..=7 => {
                self.object(&name, kind);
                Shape::Object(kind)
            }
            8 => {
                self.nested(&name, kind);
                Shape::Nested
            }
            _ => {
                let first = self.kind();
                let second = self.random.once_in(2).then(|| self.kind());
                let arguments = [Some(first), second];
                self.function(&name, arguments, kind);
                Shape::Function(arguments, kind)
            }
        };
        self.rules.push(Known { name, shape });
    }

    /// Runs `write` in a scope of its own.
    pub(crate) fn scoped<T>(&mut self, write: impl FnOnce(&mut Self) -> T) -> T {
        let outer = self.variables.clone();
        let written = write(self);
        self.variables = outer;
        written
    }

    fn complete(&mut self, name: &str, kind: Kind) {
        if self.random.once_in(4) {
            let value = self.constant(kind);
            self.line(&format!("default {name} := {value}"));
        }
        for _ in 0..=self.random.below(2) {
            let text = self.scoped(|writer| {
                let body = writer.body(2);
                let value = writer.term(kind, 2);
                let mut text = match writer.random.below(6) {
                    0 => format!("{name} if {{\n{body}}}"),
                    _ => format!("{name} := {value} if {{\n{body}}}"),
                };
                if writer.random.once_in(4) {
                    writer.variables.clear();
                    let body = writer.body(2);
                    let value = writer.term(kind, 1);
                    let _ = write!(text, " else := {value} if {{\n{body}}}");
                    if writer.random.once_in(2) {
                        let value = writer.constant(kind);
                        let _ = write!(text, " else := {value}");
                    }
                }
                text
            });
            self.line(&text);
        }
    }

    fn set(&mut self, name: &str, kind: Kind) {
        for _ in 0..=self.random.below(2) {
            let text = self.scoped(|writer| {
                let body = writer.body(2);
                let value = writer.term(kind, 2);
                format!("{name} contains {value} if {{\n{body}}}")
            });
            self.line(&text);
        }
    }

    fn object(&mut self, name: &str, kind: Kind) {
        for _ in 0..=self.random.below(2) {
            let text = self.scoped(|writer| {
                let body = writer.body(2);
                let key = writer.term(Kind::Text, 1);
                let value = writer.term(kind, 2);
                format!("{name}[{key}] := {value} if {{\n{body}}}")
            });
            self.line(&text);
        }
    }

    /// Heads with several parts: `r.a[k].b := v`, `r[k] contains v`.
    fn nested(&mut self, name: &str, kind: Kind) {
        let element = self.random.once_in(2);
        for _ in 0..=self.random.below(2) {
            let text = self.scoped(|writer| {
                let body = writer.body(2);
                let key = writer.term(Kind::Text, 0);
                let value = writer.term(kind, 1);
                let path = match writer.random.below(3) {
                    0 => format!("[{key}]"),
                    1 => format!(".a[{key}]"),
                    _ => format!("[{key}].b"),
                };
                if element {
                    format!("{name}{path} contains {value} if {{\n{body}}}")
                } else {
                    format!("{name}{path} := {value} if {{\n{body}}}")
                }
            });
            self.line(&text);
        }
    }

    fn function(&mut self, name: &str, arguments: [Option<Kind>; 2], kind: Kind) {
        if self.random.once_in(5) {
            let value = self.constant(kind);
            let unused = vec!["_"; arguments.iter().flatten().count()].join(", ");
            self.line(&format!("default {name}({unused}) := {value}"));
        }
        for _ in 0..=self.random.below(2) {
            let text = self.scoped(|writer| {
                writer.variables.clear();
                let mut patterns = Vec::new();
                for of in arguments.into_iter().flatten() {
                    patterns.push(writer.argument(of));
                }
                let patterns = patterns.join(", ");
                if writer.random.once_in(8) {
                    let value = writer.term(kind, 2);
                    return format!("{name}({patterns}) := {value}");
                }
                let body = writer.body(2);
                let value = writer.term(kind, 2);
                let mut text = format!("{name}({patterns}) := {value} if {{\n{body}}}");
                if writer.random.once_in(6) {
                    writer.variables.clear();
                    let (value, body) = (writer.term(kind, 1), writer.body(1));
                    let _ = write!(text, " else := {value} if {{\n{body}}}");
                }
                text
            });
            self.line(&text);
        }
    }

    /// A variable, a constant, or a pattern.
    fn argument(&mut self, kind: Kind) -> String {
        match self.random.below(6) {
            0 => self.constant(kind),
            1 if kind == Kind::List => {
                let (a, b) = (self.variable(Kind::Odd), self.variable(Kind::Odd));
                format!("[{a}, {b}]")
            }
            _ => self.variable(kind),
        }
    }

    fn query(&mut self) -> String {
        let Some(known) = self.rules.get(self.random.below(self.rules.len())).cloned() else {
            return "data.p".to_owned();
        };
        let name = &known.name;
        match (known.shape, self.random.below(6)) {
            (Shape::Function(arguments, _), _) => {
                let arguments: Vec<_> =
                    arguments.into_iter().flatten().map(|kind| self.constant(kind)).collect();
                format!("x := data.p.{name}({})", arguments.join(", "))
            }
            (_, 0) => "data.p".to_owned(),
            (Shape::Set(_) | Shape::Object(_) | Shape::Nested, 1) => format!("data.p.{name}[x]"),
            (Shape::Set(_) | Shape::Object(_) | Shape::Nested, 2) => {
                format!("data.p.{name}[x] = y")
            }
            (Shape::Object(_), 3) => format!("data.p.{name}.a"),
            (_, 4) => format!("not data.p.{name}"),
            _ => format!("x := data.p.{name}"),
        }
    }

    fn data(&mut self) -> Value {
        json!({
            "d": {
                "numbers": self.numbers(),
                "texts": ["a", "b", "ab", ""],
                "users": {"alice": {"age": self.random.below(80), "admin": true},
                          "bob": {"age": 1.5, "tags": ["x", "y"]}},
                "nested": [[1, [2]], {"a": {"b": [null, false]}}, "s"],
                "flag": self.random.once_in(2),
            }
        })
    }

    fn input(&mut self) -> Value {
        json!({
            "n": self.random.below(5),
            "s": self.random.one(&["a", "b", "abc", ""]),
            "list": self.numbers(),
            "objects": [{"id": 1, "name": "a"}, {"id": 2, "name": "b", "on": false}],
            "map": {"a": 1, "b": [1, 2], "c": {"d": "e"}},
            "flag": self.random.once_in(2),
            "none": null,
        })
    }

    fn numbers(&mut self) -> Value {
        let length = self.random.below(4);
        Value::Array((0..length).map(|_| json!(self.random.below(6))).collect())
    }
}
