//! Bodies of generated programs: literals of every form.

use std::fmt::Write as _;

use crate::program::{Shape, Writer};
use crate::term::Kind;

impl Writer {
    /// Some literals, each after the separator.
    pub(crate) fn literals(&mut self, most: usize, depth: usize, separator: &str) -> String {
        let mut text = String::new();
        for _ in 0..self.random.below(most + 1) {
            let literal = self.literal(depth);
            let _ = write!(text, "{separator}{literal}");
        }
        text
    }

    /// The lines of a body.
    pub(crate) fn body(&mut self, depth: usize) -> String {
        let mut text = String::new();
        for _ in 0..=self.random.below(3) {
            let literal = self.literal(depth);
            let _ = writeln!(text, "\t{literal}");
        }
        text
    }

    fn literal(&mut self, depth: usize) -> String {
        let literal = match self.random.below(16) {
            0..=2 => {
                let kind = self.kind();
                let value = self.term(kind, depth);
                let name = self.variable(kind);
                format!("{name} := {value}")
            }
            3..=4 => {
                let (domain, kind) = self.domain(depth);
                let name = self.variable(kind);
                // A variable that nothing uses is refused.
                format!("some {name} in {domain}; {name} != \"unlikely\"")
            }
            5 => {
                let (domain, kind) = self.domain(depth);
                let (key, value) = (self.variable(Kind::Odd), self.variable(kind));
                format!("some {key}, {value} in {domain}; [{key}, {value}] != 0")
            }
            6 => {
                let (domain, kind) = self.domain(depth);
                let (key, value) = (self.variable(Kind::Odd), self.variable(kind));
                format!("some {key}; {domain}[{key}] = {value}")
            }
            7 => self.every(depth),
            8 => {
                let inner = self.scoped(|writer| writer.flag(depth.saturating_sub(1)));
                format!("not {inner}")
            }
            9 => {
                if self.random.once_in(2) {
                    let value = self.open_list(depth);
                    let (a, b) = (self.variable(Kind::Number), self.variable(Kind::Text));
                    format!("[{a}, {b}] = {value}")
                } else {
                    let (one, other) = (self.kind(), self.kind());
                    let value = format!("[{}, {}]", self.term(one, depth), self.term(other, depth));
                    let (a, b) = (self.variable(one), self.variable(other));
                    format!("[{a}, {b}] = {value}")
                }
            }
            10 => {
                let kind = self.kind();
                let value = self.term(kind, depth);
                let kind = self.kind();
                let (path, found) = (self.variable(Kind::List), self.variable(kind));
                match self.random.below(2) {
                    0 => format!("walk({value}, [{path}, {found}])"),
                    _ => format!("[{path}, {found}] = walk({value})"),
                }
            }
            11 if self.random.once_in(3) => {
                let kind = self.kind();
                format!("{}[_] == {}", self.open(Kind::List), self.constant(kind))
            }
            11 => {
                let kind = self.kind();
                format!("{} = {}", self.open(kind), self.term(kind, depth))
            }
            12 => {
                let kind = self.kind();
                self.term(kind, depth)
            }
            _ => self.flag(depth.saturating_sub(1)),
        };
        if self.random.once_in(12) && !literal.contains(';') {
            return format!("{literal}{}", self.with());
        }
        literal
    }

    /// A collection, and of what kind its items can be taken to be.
    pub(crate) fn domain(&mut self, depth: usize) -> (String, Kind) {
        if self.random.once_in(2) {
            (self.collection(depth), Kind::Odd)
        } else {
            let kind = self.kind();
            (self.open_collection(depth), kind)
        }
    }

    fn every(&mut self, depth: usize) -> String {
        let (domain, kind) = self.domain(depth.saturating_sub(1));
        self.scoped(|writer| {
            let item = writer.variable(kind);
            let key = writer.random.once_in(2).then(|| writer.variable(Kind::Odd));
            let body = writer.flag(depth.saturating_sub(1));
            match key {
                Some(key) => {
                    format!("every {key}, {item} in {domain} {{ {body}; [{key}, {item}] != 77 }}")
                }
                None => format!("every {item} in {domain} {{ {body}; {item} != 77 }}"),
            }
        })
    }

    fn with(&mut self) -> String {
        let (target, kind) = match self.random.below(6) {
            0 => ("input", Kind::Object),
            1 => ("input.n", Kind::Number),
            2 => ("input.map", Kind::Object),
            3 => ("data.d.numbers", Kind::List),
            4 => ("data.d.users.bob", Kind::Object),
            _ => match self.rules.iter().find(|known| matches!(known.shape, Shape::Value(_))) {
                Some(known) => {
                    let target = format!("data.p.{}", known.name);
                    let value = self.constant(Kind::Number);
                    return format!(" with {target} as {value}");
                }
                None => ("count", Kind::Number),
            },
        };
        let value = self.constant(kind);
        format!(" with {target} as {value}")
    }
}
