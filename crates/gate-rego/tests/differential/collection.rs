//! Collections of generated programs: literals, comprehensions and what builtins make of them.

use crate::program::Writer;
use crate::term::Kind;

impl Writer {
    pub(crate) fn list(&mut self, depth: usize) -> String {
        match self.random.below(10) {
            0..=1 => {
                let (a, b) = (self.kind(), self.kind());
                format!("[{}, {}]", self.term(a, depth), self.term(b, depth))
            }
            2..=3 => self.comprehension(depth, '[', ']'),
            4 => format!(
                "array.concat({}, {})",
                self.term(Kind::List, depth),
                self.term(Kind::List, depth)
            ),
            5 => format!(
                "array.slice({}, {}, {})",
                self.term(Kind::List, depth),
                self.random.below(3),
                self.random.below(4)
            ),
            6 => format!("sort({})", self.term(Kind::List, depth)),
            7 => format!("split({}, {})", self.term(Kind::Text, depth), self.term(Kind::Text, 0)),
            8 => format!("numbers.range({}, {})", self.random.below(4), self.random.below(4)),
            _ => format!("array.reverse({})", self.term(Kind::List, depth)),
        }
    }

    pub(crate) fn set_term(&mut self, depth: usize) -> String {
        match self.random.below(8) {
            0..=1 => {
                // OPA visits the items of a set that is written with variables in the order of its
                // compiler's names for them, so there is one such item at most.
                let kind = self.kind();
                format!("{{{}}}", self.term(kind, depth))
            }
            2..=3 => self.comprehension(depth, '{', '}'),
            4..=6 => {
                let operator = self.random.one(&["|", "&", "-"]);
                format!(
                    "({} {operator} {})",
                    self.term(Kind::Set, depth),
                    self.term(Kind::Set, depth)
                )
            }
            _ => format!("object.keys({})", self.term(Kind::Object, depth)),
        }
    }

    pub(crate) fn object_term(&mut self, depth: usize) -> String {
        match self.random.below(7) {
            0..=1 => {
                let (a, b) = (self.kind(), self.kind());
                let (key, a, b) =
                    (self.constant(Kind::Odd), self.term(a, depth), self.term(b, depth));
                format!("{{\"k\": {a}, {key}: {b}}}")
            }
            6 if self.random.once_in(2) => {
                let (key, kind) = (self.kind(), self.kind());
                format!("{{{}: {}}}", self.term(key, 0), self.term(kind, depth))
            }
            2 => self.scoped(|writer| {
                let (domain, kind) = writer.domain(depth);
                let (key, value) = (writer.variable(Kind::Odd), writer.variable(kind));
                let body = writer.literals(1, depth, "; ");
                format!("{{{key}: {value} | some {key}, {value} in {domain}{body}}}")
            }),
            3 => format!(
                "object.union({}, {})",
                self.term(Kind::Object, depth),
                self.term(Kind::Object, depth)
            ),
            4 => format!(
                "object.remove({}, {})",
                self.term(Kind::Object, depth),
                self.term(Kind::List, 0)
            ),
            5 => format!(
                "object.filter({}, {})",
                self.term(Kind::Object, depth),
                self.term(Kind::Set, 0)
            ),
            _ => format!("json.filter({}, [\"a/b\", \"c\"])", self.term(Kind::Object, depth)),
        }
    }

    pub(crate) fn comprehension(&mut self, depth: usize, open: char, close: char) -> String {
        self.scoped(|writer| {
            let (domain, kind) = writer.domain(depth);
            let item = writer.variable(kind);
            let body = writer.literals(1, depth, "; ");
            let head = writer.term(kind, depth);
            match writer.random.below(2) {
                0 => format!("{open}{head} | some {item} in {domain}; {item} != 77{body}{close}"),
                _ => format!("{open}{head} | {item} := {domain}[_]{body}{close}"),
            }
        })
    }

    /// A collection of whose items nothing is known.
    pub(crate) fn open_collection(&mut self, depth: usize) -> String {
        match self.random.below(4) {
            0 => self.open(Kind::Object),
            1 => format!("({} | {})", self.term(Kind::Set, depth), self.open(Kind::Set)),
            _ => self.open_list(depth),
        }
    }

    /// A list of whose items nothing is known.
    pub(crate) fn open_list(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self.open(Kind::List);
        }
        let depth = depth - 1;
        match self.random.below(6) {
            0 => {
                let (one, other) = (self.term(Kind::List, depth), self.term(Kind::List, depth));
                format!("array.concat({one}, {other})")
            }
            1 => format!("array.reverse({})", self.term(Kind::List, depth)),
            2 => format!("sort({})", self.term(Kind::List, depth)),
            _ => self.open(Kind::List),
        }
    }

    pub(crate) fn collection(&mut self, depth: usize) -> String {
        let kind = [Kind::List, Kind::Set, Kind::Object][self.random.below(3)];
        self.term(kind, depth)
    }
}
