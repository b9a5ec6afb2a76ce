//! Terms and bodies of generated programs.

use crate::program::{Shape, Writer};

/// What a term likely is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Number,
    Text,
    Flag,
    List,
    Set,
    Object,
    /// Of a type that is not followed: fit where anything is.
    Odd,
}

const KINDS: [Kind; 6] =
    [Kind::Number, Kind::Text, Kind::Flag, Kind::List, Kind::Set, Kind::Object];

impl Writer {
    pub(crate) fn kind(&mut self) -> Kind {
        KINDS[self.random.below(KINDS.len())]
    }

    /// A new variable in scope.
    pub(crate) fn variable(&mut self, kind: Kind) -> String {
        self.fresh += 1;
        let name = format!("v{}", self.fresh);
        self.variables.push((name.clone(), kind));
        name
    }

    fn known_variable(&mut self, kind: Kind) -> Option<String> {
        let fitting: Vec<_> =
            self.variables.iter().filter(|(_, of)| *of == kind).map(|(name, _)| name).collect();
        if fitting.is_empty() {
            return None;
        }
        Some(fitting[self.random.below(fitting.len())].clone())
    }

    pub(crate) fn constant(&mut self, kind: Kind) -> String {
        let choices: &[&str] = match kind {
            Kind::Number => {
                &["0", "1", "2", "-1", "3", "0.1", "1.5", "100", "1e3", "12345678901234567890"]
            }
            Kind::Text => {
                &["\"\"", "\"a\"", "\"b\"", "\"ab\"", "\"x\"", "`raw\\d`", "\"ü\"", "\"a,b\""]
            }
            Kind::Flag => &["true", "false", "null"],
            Kind::List => {
                &["[]", "[1]", "[1, 2, 3]", "[\"a\", 1]", "[[1], [2, 3]]", "[true, null]"]
            }
            Kind::Set => &["set()", "{1}", "{1, 2}", "{\"a\", \"b\"}", "{[1], \"a\", 2}"],
            Kind::Object => &[
                "{}",
                "{\"a\": 1}",
                "{\"a\": {\"b\": 2}}",
                "{1: \"x\", \"b\": [1]}",
                "{\"a\": set()}",
            ],
            Kind::Odd => &["null", "1", "\"a\"", "[]", "{1: [2]}", "{\"b\", 3}"],
        };
        (*self.random.one(choices)).to_owned()
    }

    /// A term of a kind; now and then of another.
    pub(crate) fn term(&mut self, kind: Kind, depth: usize) -> String {
        let kind = if self.random.once_in(400) { self.kind() } else { kind };
        if self.random.once_in(3)
            && let Some(variable) = self.known_variable(kind)
        {
            return variable;
        }
        if depth == 0 || self.random.once_in(5) {
            return self.leaf(kind);
        }
        if self.random.once_in(4)
            && let Some(term) = self.of_a_rule(kind, depth)
        {
            return term;
        }
        match kind {
            Kind::Number => self.number(depth - 1),
            Kind::Text => self.text(depth - 1),
            Kind::Flag => self.flag(depth - 1),
            Kind::List => self.list(depth - 1),
            Kind::Set => self.set_term(depth - 1),
            Kind::Object => self.object_term(depth - 1),
            Kind::Odd => self.odd(depth - 1),
        }
    }

    /// Something of any type.
    fn odd(&mut self, depth: usize) -> String {
        match self.random.below(4) {
            0 => format!("{}[{}]", self.open_list(depth), self.random.below(3)),
            1 => {
                let key = self.term(Kind::Text, depth);
                format!("object.get({}, {key}, 0)", self.term(Kind::Object, depth))
            }
            _ => {
                let kind = self.kind();
                self.term(kind, depth)
            }
        }
    }

    /// A look into input or data, of which nothing is known before it is evaluated.
    pub(crate) fn open(&mut self, kind: Kind) -> String {
        let choices: &[&str] = match kind {
            Kind::Number => &[
                "input.n",
                "data.d.users.alice.age",
                "input.list[0]",
                "input.map.a",
                "data.d.users.bob.age",
            ],
            Kind::Text => &[
                "input.s",
                "data.d.texts[1]",
                "input.objects[0].name",
                "input.map.c.d",
                "data.d.nested[2]",
            ],
            Kind::Flag => &[
                "input.flag",
                "data.d.flag",
                "input.none",
                "data.d.users.alice.admin",
                "input.missing",
            ],
            Kind::List => &[
                "input.list",
                "data.d.numbers",
                "data.d.texts",
                "input.objects",
                "data.d.nested",
                "input.map.b",
            ],
            Kind::Set => &["{x | some x in input.list}", "{t | t := data.d.texts[_]}"],
            Kind::Object => {
                &["input.map", "data.d.users", "input.objects[1]", "data.d.users.bob", "input"]
            }
            Kind::Odd => &["input.list[1]", "input.objects[1].on", "data.d.nested[0][1]"],
        };
        (*self.random.one(choices)).to_owned()
    }

    /// A constant or a look into input or data.
    fn leaf(&mut self, kind: Kind) -> String {
        if self.random.once_in(2) {
            return self.constant(kind);
        }
        self.open(kind)
    }

    fn of_a_rule(&mut self, kind: Kind, depth: usize) -> Option<String> {
        let known = self.rules.get(self.random.below(self.rules.len().max(1)))?.clone();
        let name = match self.random.below(3) {
            0 => format!("data.p.{}", known.name),
            _ => known.name.clone(),
        };
        Some(match known.shape {
            Shape::Value(of) if of == kind || kind == Kind::Odd => name,
            Shape::Set(_) if kind == Kind::Set => name,
            Shape::Set(of) if of == kind || kind == Kind::Odd => {
                let key = self.term(of, 0);
                format!("{name}[{key}]")
            }
            Shape::Object(_) | Shape::Nested if kind == Kind::Object => name,
            Shape::Object(of) if of == kind || kind == Kind::Odd => {
                let key = self.term(Kind::Text, 0);
                format!("{name}[{key}]")
            }
            Shape::Nested if kind == Kind::Odd => {
                let key = self.term(Kind::Text, 0);
                format!("{name}[{key}]")
            }
            Shape::Function(arguments, of) if of == kind || kind == Kind::Odd => {
                let arguments: Vec<_> =
                    arguments.into_iter().flatten().map(|of| self.term(of, depth - 1)).collect();
                format!("{name}({})", arguments.join(", "))
            }
            _ => return None,
        })
    }

    fn number(&mut self, depth: usize) -> String {
        match self.random.below(14) {
            0..=3 => {
                let operator = self.random.one(&["+", "-", "*", "/", "%"]);
                let (a, b) = (self.term(Kind::Number, depth), self.term(Kind::Number, depth));
                format!("({a} {operator} {b})")
            }
            4 => format!("count({})", self.collection(depth)),
            5 => {
                let function = self.random.one(&["sum", "max", "min", "product"]);
                format!("{function}({})", self.open_list(depth))
            }
            6 => {
                let function = self.random.one(&["abs", "ceil", "floor", "round"]);
                format!("{function}({})", self.term(Kind::Number, depth))
            }
            7 => format!("to_number({})", self.term(Kind::Text, depth)),
            8 => format!(
                "indexof({}, {})",
                self.term(Kind::Text, depth),
                self.term(Kind::Text, depth)
            ),
            9 => format!(
                "object.get({}, \"a\", {})",
                self.term(Kind::Object, depth),
                self.constant(Kind::Number)
            ),
            10 => {
                let function = self.random.one(&["bits.and", "bits.or", "bits.xor", "bits.lsh"]);
                format!("{function}({}, {})", self.term(Kind::Number, depth), self.random.below(9))
            }
            11 => format!("{}[{}]", self.open_list(depth), self.random.below(3)),
            12 => match self.random.below(4) {
                0 => format!("count({})", self.term(Kind::Text, depth)),
                1 => format!(
                    "strings.count({}, {})",
                    self.term(Kind::Text, depth),
                    self.term(Kind::Text, 0)
                ),
                2 => format!("sum([{}, 2])", self.term(Kind::Number, depth)),
                _ => format!("units.parse({})", self.term(Kind::Text, depth)),
            },
            _ => format!("-{}", self.random.below(9)),
        }
    }

    fn text(&mut self, depth: usize) -> String {
        match self.random.below(14) {
            0 => {
                let kind = self.kind();
                let verb = self.random.one(&["%v", "%s", "%d", "%5.2f|", "%q", "%x", "%-4v|"]);
                format!("sprintf(\"{verb}\", [{}])", self.term(kind, depth))
            }
            1 => {
                let texts = match self.random.below(3) {
                    0 => "data.d.texts".to_owned(),
                    1 => format!("{{{}}}", self.term(Kind::Text, depth)),
                    _ => format!(
                        "[{}, {}]",
                        self.term(Kind::Text, depth),
                        self.term(Kind::Text, depth)
                    ),
                };
                format!("concat({}, {texts})", self.term(Kind::Text, 0))
            }
            2 => {
                let function =
                    self.random.one(&["upper", "lower", "strings.reverse", "trim_space"]);
                format!("{function}({})", self.term(Kind::Text, depth))
            }
            3 => format!(
                "replace({}, {}, {})",
                self.term(Kind::Text, depth),
                self.term(Kind::Text, 0),
                self.term(Kind::Text, 0)
            ),
            4 => {
                let function =
                    self.random.one(&["trim", "trim_left", "trim_prefix", "trim_suffix"]);
                format!(
                    "{function}({}, {})",
                    self.term(Kind::Text, depth),
                    self.term(Kind::Text, 0)
                )
            }
            5 => format!(
                "substring({}, {}, {})",
                self.term(Kind::Text, depth),
                self.random.below(3),
                self.random.one(&["-1", "1", "2"])
            ),
            6 => {
                let kind = self.kind();
                format!("json.marshal({})", self.term(kind, depth))
            }
            7 => {
                let kind = self.kind();
                format!("type_name({})", self.term(kind, depth))
            }
            8 => format!(
                "format_int({}, {})",
                self.term(Kind::Number, depth),
                self.random.one(&["2", "8", "10", "16"])
            ),
            9 => format!(
                "regex.replace({}, {}, {})",
                self.term(Kind::Text, depth),
                self.pattern(),
                self.term(Kind::Text, 0)
            ),
            10 => format!("base64.encode({})", self.term(Kind::Text, depth)),
            11 => {
                let kind = self.kind();
                format!("$\"<{{{}}}>\"", self.term(kind, depth))
            }
            12 => match self.random.below(4) {
                0 => format!("hex.encode({})", self.term(Kind::Text, depth)),
                1 => format!("urlquery.encode({})", self.term(Kind::Text, depth)),
                2 => format!("crypto.sha256({})", self.term(Kind::Text, depth)),
                _ => {
                    let (one, other) = (self.term(Kind::Odd, depth), self.term(Kind::Odd, depth));
                    format!("sprintf(\"%v-%d\", [{one}, {other}])")
                }
            },
            _ => format!("{}[{}]", self.open_list(depth), self.random.below(3)),
        }
    }

    fn pattern(&mut self) -> &'static str {
        self.random.one(&["\"a+\"", "`[a-c]`", "`^\\w+$`", "`\\d`", "\"(a|b)\"", "`.`"])
    }

    pub(crate) fn flag(&mut self, depth: usize) -> String {
        match self.random.below(9) {
            0..=2 => self.comparison(depth),
            3 => format!(
                "startswith({}, {})",
                self.term(Kind::Text, depth),
                self.term(Kind::Text, 0)
            ),
            4 => {
                format!("contains({}, {})", self.term(Kind::Text, depth), self.term(Kind::Text, 0))
            }
            5 => {
                let kind = self.kind();
                let function = self.random.one(&[
                    "is_number",
                    "is_string",
                    "is_array",
                    "is_set",
                    "is_object",
                    "is_null",
                    "is_boolean",
                ]);
                format!("{function}({})", self.term(kind, depth))
            }
            6 => {
                let kind = self.kind();
                format!("({} in {})", self.term(kind, depth), self.open_collection(depth))
            }
            7 => format!("regex.match({}, {})", self.pattern(), self.term(Kind::Text, depth)),
            8 if self.random.once_in(100) => format!("any({})", self.open_list(depth)),
            _ => self.indexed(),
        }
    }

    /// What OPA's rule index sees.
    fn indexed(&mut self) -> String {
        let constant = |writer: &mut Self, kind| writer.constant(kind);
        match self.random.below(8) {
            0 => {
                let kind = self.kind();
                format!("({} == {})", self.open(kind), constant(self, kind))
            }
            1 => format!("startswith({}, {})", self.open(Kind::Text), constant(self, Kind::Text)),
            2 => format!("endswith({}, {})", self.open(Kind::Text), constant(self, Kind::Text)),
            3 => {
                let (a, b) = (constant(self, Kind::Text), constant(self, Kind::Text));
                format!("({} in {{{a}, {b}}})", self.open(Kind::Text))
            }
            4 | 5 => {
                let pattern = self.random.one(&["*", "a", "a,*", "?b"]);
                format!("glob.match(\"{pattern}\", [\",\"], {})", self.open(Kind::Text))
            }
            6 => format!("({} in {})", constant(self, Kind::Text), self.open(Kind::List)),
            _ => format!(
                "strings.any_prefix_match({}, [{}, \"a\"])",
                self.open(Kind::Text),
                constant(self, Kind::Text)
            ),
        }
    }

    fn comparison(&mut self, depth: usize) -> String {
        let left = self.kind();
        let right = if self.random.once_in(4) { Kind::Odd } else { left };
        // Two types that differ may not be compared for equality: one side is of no known type.
        if self.random.once_in(2) {
            return format!("({} == {})", self.open(left), self.term(right, depth));
        }
        let operator = self.random.one(&["!=", "<", "<=", ">", ">="]);
        format!("({} {operator} {})", self.term(left, depth), self.term(right, depth))
    }
}
